"""Networks that only act, in NumPy alone: torch need not be loaded, and its overhead for a few rows is not paid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Unit = Callable[[Floats], Floats]
Weights = Mapping[str, NDArray[Any]]
"""Arrays by the names that torch gives them."""

RENORM_EPSILON = np.float32(0.001)
"""What batch renormalisation adds to a variance, in sb3-contrib."""


def rectified(inputs: Floats) -> Floats:
    return np.maximum(inputs, np.float32(0.0))


@dataclass(frozen=True)
class Layer:
    """Outputs = weight · inputs + bias; a bias of 0 is none."""

    weight: Floats
    """(outputs, inputs)."""
    bias: Floats
    """(outputs,)."""

    @classmethod
    def named(cls, weights: Weights, name: str) -> "Layer":
        """The layer that torch has saved under a name."""
        weight: Floats = weights[f"{name}.weight"]
        bias: Floats | None = weights.get(f"{name}.bias")
        return cls(weight, np.zeros(len(weight), np.float32) if bias is None else bias)

    def after_normalisation(self, weights: Weights, name: str) -> "Layer":
        """This layer with a batch renormalisation, by its running statistics, before it."""
        scale: Any = weights[f"{name}.scale"] / np.sqrt(weights[f"{name}.ra_var"] + RENORM_EPSILON)
        shift = weights[f"{name}.bias"] - weights[f"{name}.ra_mean"] * scale
        return Layer(self.weight * scale, self.bias + self.weight @ shift)

    def after_features(self, features: Floats | None) -> "Layer":
        """This layer on linear features (features, size) of its inputs."""
        return self if features is None else Layer(self.weight @ features, self.bias)


class Network:
    """Layers with units between them. Outputs differ from those of torch in the last digits only.

    Args:
        layers: in their order.
        unit: what follows each but the last.
        last: what follows the last, if anything.
    """

    def __init__(self, layers: Sequence[Layer], unit: Unit, last: Unit | None = None) -> None:
        units = [unit] * (len(layers) - 1) + [last]
        self._steps = [
            (layer.weight.T.copy(), layer.bias.copy(), then) for layer, then in zip(layers, units, strict=True)
        ]

    @property
    def steps(self) -> Sequence[tuple[Layer, Unit | None]]:
        """Its layers, and what follows each."""
        return [(Layer(weight.T, bias), unit) for weight, bias, unit in self._steps]

    def __call__(self, inputs: Floats) -> Floats:
        """Outputs, float32 (rows, outputs), for inputs (rows, size)."""
        for weight, bias, unit in self._steps:
            outputs = inputs @ weight
            outputs += bias
            inputs = outputs if unit is None else unit(outputs)
        return inputs


class Memory:
    """A layer of long short-term memory, which begins empty, as torch has saved it under a name."""

    def __init__(self, weights: Weights, name: str, features: Floats | None = None) -> None:
        weight = weights[f"{name}.weight_ih_l0"]
        weight = weight if features is None else weight @ features
        self._inputs = weight.T.copy()
        self._hidden = weights[f"{name}.weight_hh_l0"].T.copy()
        self._bias = weights[f"{name}.bias_ih_l0"] + weights[f"{name}.bias_hh_l0"]
        self._size = len(self._hidden)
        self._output: Floats | None = None

    @property
    def layers(self) -> tuple[Layer, Layer]:
        """What makes the gates of the inputs, and what adds to them of the last output: each (4 · units, size)."""
        return Layer(self._inputs.T, self._bias), Layer(self._hidden.T, np.zeros_like(self._bias))

    def __call__(self, inputs: Floats) -> Floats:
        """What it puts out, float32 (rows, units), for inputs (rows, size); the next call goes on from there."""
        if self._output is None:
            self._output = np.zeros((len(inputs), self._size), np.float32)
            self._cell = np.zeros_like(self._output)
        gates = inputs @ self._inputs + self._output @ self._hidden + self._bias
        n = self._size
        passes = 0.5 + 0.5 * np.tanh(0.5 * gates)  # the logistic function, without an overflow
        self._cell = passes[:, n : 2 * n] * self._cell + passes[:, :n] * np.tanh(gates[:, 2 * n : 3 * n])
        self._output = passes[:, 3 * n :] * np.tanh(self._cell)
        return self._output


class Deciding(NamedTuple):
    """What a policy consists of as far as it acts without chance, one after the other."""

    memory: Memory | None
    networks: Sequence[Network]
    last: Unit | None = None
    """What follows all of them."""
    told: int = 1
    """Numbers about each level, of which the mean counts."""


def levels_and_differences(size: int, gain: float, channels: int, kicks: int = 0) -> Floats:
    """What :class:`rldbs.agents.window_features.LevelsAndDifferences` makes of an observation, as a matrix.

    Returns:
        float32 (2 · size − channels + kicks, size + kicks).
    """
    samples, past = np.split(np.eye(size + kicks, dtype=np.float32), [size])
    differences = np.diff(samples.reshape(channels, -1, size + kicks), axis=1).reshape(-1, size + kicks)
    return np.concatenate([samples, np.float32(gain) * differences, np.float32(gain) * past])
