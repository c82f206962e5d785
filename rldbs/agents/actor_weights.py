"""The weights that an actor must have: their names, as torch gives them, and their shapes."""

from collections.abc import Callable, Sequence
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


def check_outputs(shapes_for: Callable[[int], Shapes], weights: Weights, outputs: int, levels: bool) -> None:
    """Whether a policy gives as many numbers as an action has, or as there are levels, by all weights that tell it.

    Args:
        shapes_for: the shapes that weights have, for so many outputs.
        weights: that are given.
        outputs: how many there must be.
        levels: whether they are levels.

    Raises:
        RunError: it gives more, or less.
    """
    needed, other = shapes_for(outputs), shapes_for(2 * outputs)
    found = set()
    for name in (name for name in needed if needed[name] != other[name]):
        shape, wanted = weights[name].shape if name in weights else (), needed[name]
        given, rest = divmod(shape[0] * outputs, wanted[0]) if len(shape) == len(wanted) else (outputs, 0)
        found.add(outputs if rest else given)
    if len(found) == 1 and outputs not in found:
        raise other_outputs(found.pop(), outputs, levels)


def other_outputs(given: int, needed: int, levels: bool = False) -> RunError:
    """What is wrong with a policy that gives another number of numbers than are needed."""
    here = f"there are {needed} levels" if levels else f"an action has {needed}"
    return RunError(
        f"policy: gives {given} {'number' if given == 1 else 'numbers'} at each decision, one for each contact or "
        f"level, but here {here}: leave electrode.contacts, stimulus.together, stimulus.levels and the stimulus as "
        "they were in its training"
    )


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
