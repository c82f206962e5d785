"""A learned policy as the numbers that it consists of, whatever learner it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.acting_policy import Policy
from rldbs.agents.inference import Layer, Unit, Weights, rectified
from rldbs.agents.learned_policy import learned_policy
from rldbs.agents.past_kicks import kick_of_action
from rldbs.agents.settings import NetworkSettings
from rldbs.control.loop_settings import LoopSettings

UNITS: dict[Unit | None, str | None] = {None: None, np.tanh: "tanh", rectified: "relu"}
"""What they are called outside."""


@dataclass(frozen=True)
class PlainNetwork:
    """A policy that acts without chance: layers one after the other, perhaps behind a long short-term memory."""

    inputs: int
    """Numbers that it sees: an observation, and past kicks behind it."""
    past: int
    """How many of those are about past kicks, the newest first."""
    kick: float
    """Times this, an action is what it is told of it afterwards."""
    memory: tuple[Layer, Layer] | None
    """What makes the gates (input, forget, new, output) of the inputs, and of its own last output."""
    layers: Sequence[tuple[Layer, str | None]]
    """Each with the unit that follows: tanh, relu, or none."""
    levels: int | None
    """Where the last layer tells what each level is worth; None where it gives the action, yet to be cut off at ±1."""

    @property
    def remembered(self) -> int:
        """Units of the memory."""
        return 0 if self.memory is None else self.memory[1].weight.shape[1]


def plain_network(settings: NetworkSettings, loop: LoopSettings, weights: Weights) -> PlainNetwork:
    """What a learned policy consists of.

    Args:
        settings: of the learner.
        loop: the environment.
        weights: of its policy.

    Raises:
        RunError: the weights do not fit, or are not finite.
    """
    policy = learned_policy(settings, loop, weights)
    assert isinstance(policy, Policy)
    deciding = policy.deciding
    steps = [step for network in deciding.networks for step in network.steps]
    if deciding.last is not None:
        steps[-1] = steps[-1][0], deciding.last
    if deciding.told > 1:
        steps[-1] = _mean(steps[-1][0], deciding.told), steps[-1][1]
    past = settings.remembered * loop.stimulus.action_size
    layers = [(_laid(layer), UNITS[unit]) for layer, unit in steps]
    memory = None if deciding.memory is None else deciding.memory.layers
    laid = None if memory is None else (_laid(memory[0]), _laid(memory[1]))
    kick = kick_of_action(loop.stimulus)
    return PlainNetwork(loop.recording.size + past, past, kick, laid, layers, loop.stimulus.levels)


def _mean(layer: Layer, told: int) -> Layer:
    """A layer that puts out the means over so many numbers about each level."""

    def averaged(values: NDArray[Any]) -> NDArray[np.float32]:
        parts = values.reshape(told, -1, *values.shape[1:])
        return np.asarray(parts.mean(axis=0, dtype=np.float64), np.float32)

    return Layer(averaged(layer.weight), averaged(layer.bias))


def _laid(layer: Layer) -> Layer:
    return Layer(np.ascontiguousarray(layer.weight, np.float32), np.ascontiguousarray(layer.bias, np.float32))
