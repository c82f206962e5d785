"""Coupling of each to each, folded where it is the same from either end of an axis, as the core reads it.

With ' for the other end of an axis, W_ij = W_i'j', as on a line, or along each edge of a cube: what is even of the
sources gives what is even of the sums, and what is odd what is odd. A matrix becomes two of half the rows and columns,
with half of all products, and each axis does that again.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats
from rldbs.core.native import LANES, zeros

Axis = tuple[int, int, int]
"""How many oscillators there are before, across and after an axis of a grid: index = (before·across + at)·after + …."""
SAME = 1e-12
"""Weights that differ by less of the largest one are the same but for rounding, which grows with extent over length."""
FEW = 8
"""Rows that tell of most axes that all is another from their other end."""


def axes_of(weights: Floats) -> list[Axis]:
    """Axes along which weights are the same from either end, from the outermost to the innermost.

    Of any grid in whose order the oscillators are; the shortest are taken first, and none where a part would no longer
    fill the lanes of the core.

    Args:
        weights: W, float64 (neurons, neurons).
    """
    found: list[Axis] = []
    part, most = len(weights), SAME * max(float(weights.max()), -float(weights.min()))
    for axis in sorted(_grids(len(weights)), key=lambda axis: (axis[1], axis[0])):
        if part > 2 * LANES and all(_apart(axis, other) for other in found) and _same(weights, axis, most):
            found.append(axis)
            part = part // axis[1] * _half(axis[1])
    return sorted(found)


def folded(weights: Floats, axes: list[Axis]) -> tuple[Floats, NDArray[np.int64]]:
    """Weights folded along some axes, and these as the core is told of them.

    Args:
        weights: W, float64 (neurons, neurons).
        axes: as :func:`axes_of` finds them.

    Returns:
        float64 (2^axes parts, groups of lanes, oscillators of a part, lanes): element (p, g, j, l) is what j gives to
        lanes·g + l in part p; and int64 (axes, 3), before, across and after each in a part that is folded along those
        in front of it.
    """
    parts, told = weights[None], []
    for _, across, after in axes:
        before = parts.shape[1] // (across * after)
        told.append((before, across, after))
        parts = _folded_along(parts, (before, across, after))
    count, size, _ = parts.shape
    packed = zeros(count, -(-size // LANES), size, LANES)
    for lane in range(LANES):
        rows = parts[:, lane::LANES]
        packed[:, : rows.shape[1], :, lane] = rows
    return packed, np.array(told, np.int64).reshape(-1, 3)


def _grids(neurons: int) -> list[Axis]:
    divisors = [n for n in range(1, neurons + 1) if neurons % n == 0]
    return [
        (neurons // (across * after), across, after)
        for after in divisors
        for across in divisors
        if across > 1 and neurons % (across * after) == 0
    ]


def _apart(axis: Axis, other: Axis) -> bool:
    """Whether one is within what is before or after the other."""
    inner, outer = sorted((axis, other), key=lambda each: each[2])
    return outer[2] % (inner[1] * inner[2]) == 0


def _half(across: int) -> int:
    return (across + 1) // 2


def _same(weights: Floats, axis: Axis, most: float) -> bool:
    """Whether weights from the other end of an axis differ by ``most`` at most."""
    here = weights.reshape(*axis, *axis)
    there = here[:, ::-1, :, :, ::-1]
    few = np.unravel_index(np.linspace(0, len(weights) - 1, FEW).astype(int), axis)
    if np.abs(here[few] - there[few]).max() > most:
        return False
    halves = itertools.product(range(axis[0]), range(_half(axis[1])))
    return all(np.abs(here[before, at] - there[before, at]).max() <= most for before, at in halves)


def _folded_along(parts: Floats, axis: Axis) -> Floats:
    """Parts (parts, rows, columns) along one axis: twice as many, the even one before the odd one."""
    count, neurons, _ = parts.shape
    before, across, after = axis
    half = _half(across)
    rows = parts.reshape(count, before, across, after, before, across, after)
    first = 0.5 * (rows[:, :, :half] + rows[:, :, ::-1, :, :, ::-1][:, :, :half])
    other = first[..., ::-1, :]
    first, other = first[..., :half, :], other[..., :half, :]
    both = 0.5 * np.stack([first + other, first - other], axis=1)
    if across % 2:
        both[..., -1, :] *= 0.5
    size = neurons // across * half
    return both.reshape(2 * count, size, size)
