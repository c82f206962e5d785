"""Networks that only act, in NumPy: for the few rows of a measurement torch's own overhead is most of the time."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import LSTM, Linear, Module, ReLU, Tanh

Floats = NDArray[np.float32]
Step = Callable[[Floats], Floats]


class Forward:
    """A network of linear layers with tanh or rectified units, on linear features.

    Outputs differ from those of the policy's own modules in the last digits only: the features are folded into the
    first layer. Weights are taken as they are now.

    Args:
        modules: of which the network consists, in their order.
        features: float32 (features, size), by which observations become what the first layer sees; None for the
            observations themselves.

    Raises:
        ValueError: a module is of another kind.
    """

    def __init__(self, modules: Iterable[Module], features: Floats | None = None) -> None:
        self._steps: list[Step] = []
        for module in modules:
            if isinstance(module, Linear):
                weight, bias = _array(module.weight), _array(module.bias)
                if features is not None:
                    weight, features = weight @ features, None
                self._steps.append(_affine(np.ascontiguousarray(weight.T), bias))
            elif isinstance(module, Tanh):
                self._steps.append(np.tanh)
            elif isinstance(module, ReLU):
                self._steps.append(_rectified)
            else:
                raise ValueError(f"a network with {type(module).__name__}")

    def __call__(self, inputs: Floats) -> Floats:
        """Outputs, float32 (rows, outputs), for inputs (rows, size)."""
        for step in self._steps:
            inputs = step(inputs)
        return inputs


class Memory:
    """A layer of long short-term memory, which begins empty; linear features as for :class:`Forward`."""

    def __init__(self, layer: LSTM, features: Floats | None = None) -> None:
        state: dict[str, Any] = dict(layer.named_parameters())
        weight = _array(state["weight_ih_l0"])
        weight = weight if features is None else weight @ features
        self._inputs = np.ascontiguousarray(weight.T)
        self._hidden = np.ascontiguousarray(_array(state["weight_hh_l0"]).T)
        self._bias = _array(state["bias_ih_l0"]) + _array(state["bias_hh_l0"])
        self._size = layer.hidden_size
        self._output: Floats | None = None

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


def linear_features(extractor: Module, size: int) -> Floats:
    """The features of a linear extractor for observations of ``size`` numbers: float32 (features, size)."""
    with torch.no_grad():
        features: Floats = extractor(torch.eye(size)).numpy().T.copy()
    return features


def with_tanh(layers: Sequence[Linear]) -> list[Module]:
    """Layers with tanh after each."""
    return [module for layer in layers for module in (layer, Tanh())]


def _array(tensor: torch.Tensor) -> Floats:
    array: Floats = tensor.detach().numpy().copy()
    return array


def _affine(weight: Floats, bias: Floats) -> Step:
    def apply(inputs: Floats) -> Floats:
        outputs: Floats = inputs @ weight
        outputs += bias
        return outputs

    return apply


def _rectified(inputs: Floats) -> Floats:
    return np.maximum(inputs, np.float32(0.0))
