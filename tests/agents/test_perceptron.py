"""A perceptron's outputs and gradients are those that torch finds."""

from itertools import pairwise

import torch
from torch.nn import Linear, Sequential, Tanh

from rldbs.agents.perceptron import Perceptron, layers_of, room_for_gradients
from rldbs.agents.schedules import fix


def networks(*sizes: int) -> tuple[Perceptron, Sequential, torch.Tensor]:
    torch.manual_seed(0)
    features = torch.randn(sizes[0], 5)
    layers = [module for before, after in pairwise(sizes) for module in (Linear(before, after), Tanh())]
    network = Sequential(*layers[:-1])
    return Perceptron(layers_of(network), features, rows=40), network, features


def test_outputs_and_gradients_are_those_of_torch():
    perceptron, network, features = networks(9, 16, 12, 2)
    for rows in (40, 7):
        observations, gradient = torch.randn(rows, 5), torch.randn(rows, 2)
        theirs = network(observations @ features.t())
        theirs.backward(gradient)
        expected = [parameter.grad.clone() for parameter in network.parameters()]
        room = room_for_gradients(network.parameters())
        torch.testing.assert_close(perceptron.forward(observations), theirs)
        perceptron.backward(gradient)
        for parameter, grad in zip(network.parameters(), expected, strict=True):
            torch.testing.assert_close(parameter.grad, grad, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(room.norm(), torch.cat([grad.flatten() for grad in expected]).norm())
        network.zero_grad()


def test_a_fixed_bias_counts_and_gets_no_gradient():
    perceptron, network, features = networks(9, 16, 1)
    bias = fix(network[0], "bias")
    observations = torch.randn(40, 5)
    torch.testing.assert_close(perceptron.forward(observations), network(observations @ features.t()))
    room_for_gradients(network.parameters())
    perceptron.backward(torch.ones(40, 1))
    assert bias.abs().max() > 0.01
    assert bias.grad is None
    assert network[0].weight.grad.abs().max() > 0.01
