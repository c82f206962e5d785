"""What the numbers that an actor puts out say about the actions: they are means, or logits of the stimulus's levels.

As torch's distributions have it, to the bit, without the checks that cost more than the numbers themselves.
"""

import math
from typing import Any

import torch
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import Tensor
from torch.nn.functional import linear

from rldbs.agents.perceptron import layers_of


class Actor:
    """The actor of a policy, asked without what else the policy would do. Its bits are the policy's."""

    def __init__(self, policy: ActorCriticPolicy) -> None:
        self._features: Any = policy.pi_features_extractor
        self._hidden = layers_of(policy.mlp_extractor.policy_net)
        self._last: Any = policy.action_net

    def outputs(self, observations: Tensor) -> Tensor:
        """Float32 (rows, outputs) for observations (rows, size)."""
        hidden = self.remembered(self._features(observations))
        for layer in self._hidden:
            hidden = linear(hidden, layer.weight, layer.bias).tanh()
        return linear(hidden, self._last.weight, self._last.bias)

    def remembered(self, features: Tensor) -> Tensor:
        """What the hidden layers see of the features: they themselves, where there is no memory."""
        return features


def draw(policy: ActorCriticPolicy, outputs: Tensor) -> Tensor:
    """Actions by the global generator: float32 (rows, action_size), or levels by their number, int64 (rows,)."""
    if hasattr(policy, "log_std"):
        return outputs + policy.log_std.exp() * torch.randn(outputs.shape)
    chances = _log_probs(outputs).softmax(dim=1)
    return torch.multinomial(chances, 1, replacement=True)[:, 0]


def log_prob(policy: ActorCriticPolicy, outputs: Tensor, actions: Tensor) -> Tensor:
    """The logarithm of how likely actions, (rows, numbers of an action), are: float32 (rows,)."""
    if hasattr(policy, "log_std"):
        std = policy.log_std.exp()
        density = -((actions - outputs) ** 2) / (2 * std**2) - std.log() - math.log(math.sqrt(2 * math.pi))
        return density.sum(dim=1)
    return _log_probs(outputs).gather(1, actions.long())[:, 0]


def entropy(policy: ActorCriticPolicy, outputs: Tensor) -> Tensor:
    """How undecided the actor is: float32 (rows,)."""
    if hasattr(policy, "log_std"):
        each: Tensor = 0.5 + 0.5 * math.log(2 * math.pi) + policy.log_std.exp().log()
        return each.sum().expand(len(outputs))
    logs = _log_probs(outputs)
    return -(logs * logs.softmax(dim=1)).sum(dim=1)


def _log_probs(logits: Tensor) -> Tensor:
    return logits - logits.logsumexp(dim=1, keepdim=True)
