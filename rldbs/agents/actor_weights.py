"""The weights that an actor must have: their names, as torch gives them, and their shapes."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from rldbs.agents.inference import Weights
from rldbs.core.errors import RunError

Shapes = dict[str, tuple[int, ...]]


def check_shapes(needed: Shapes, weights: Weights, idle: tuple[str, ...], dtype: type[Any] = np.float32) -> None:
    """Whether weights are those that are needed.

    Raises:
        RunError: they are not, or not finite.
    """
    for name in sorted(needed.keys() | weights.keys()):
        if name not in needed and name.startswith(idle):
            continue
        array = weights.get(name)
        if array is None or name not in needed or array.shape != needed[name]:
            raise RunError(
                f"policy weights {name}: shape {'missing' if array is None else array.shape}, but this recording, "
                f"stimulus and agent need {needed.get(name, 'none')}"
            )
        if array.dtype != dtype:
            raise RunError(f"policy weights {name}: must be {np.dtype(dtype)}, are {array.dtype}")
        if not np.isfinite(array).all():
            raise RunError(f"policy weights {name}: not finite")


def layer(name: str, inputs: int, outputs: int, bias: bool = True) -> Shapes:
    return {f"{name}.weight": (outputs, inputs), **({f"{name}.bias": (outputs,)} if bias else {})}


def layer_names(name: str, layers: int) -> list[str]:
    """What torch calls layers with a unit after each."""
    return [f"{name}.{2 * i}" for i in range(layers)]


def perceptron(name: str, sizes: Sequence[int], bias: bool = True) -> Shapes:
    shapes: Shapes = {}
    for one, (inputs, outputs) in zip(layer_names(name, len(sizes) - 1), pairwise(sizes), strict=True):
        shapes |= layer(one, inputs, outputs, bias)
    return shapes
