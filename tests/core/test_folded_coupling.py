"""Coupling that is the same from either end of an axis is folded along it, and its parts are all of it."""

import numpy as np
import pytest

from rldbs.core.coupling_modes import kernel_of
from rldbs.core.folded_coupling import axes_of, folded
from rldbs.core.tissue import cube, distances, line


def grid(*sides: int) -> np.ndarray:
    """Positions on a grid whose spacing differs along each axis."""
    along = [np.arange(side) * (0.1 + 0.03 * k) for k, side in enumerate(sides)]
    return np.stack(np.meshgrid(*along, indexing="ij"), axis=-1).reshape(-1, len(sides))


def weights_of(where: np.ndarray) -> np.ndarray:
    return kernel_of("exponential", distances(where, where))


@pytest.mark.parametrize(
    ("where", "axes"),
    [
        (cube(8, 0.1), [(1, 8, 64), (8, 8, 8), (64, 8, 1)]),
        (cube(7, 0.12), [(1, 7, 49), (7, 7, 7), (49, 7, 1)]),
        (grid(3, 5, 8), [(1, 3, 40), (3, 5, 8), (15, 8, 1)]),
        (grid(6, 9), [(1, 6, 9), (6, 9, 1)]),
        (line(512, 1.0), [(1, 512, 1)]),
        (line(101, 1.0), [(1, 101, 1)]),
        (line(1, 1.0), []),
        (cube(2, 0.1), []),
    ],
    ids=lambda value: str(len(value)),
)
def test_the_axes_of_a_grid_are_found(where, axes):
    assert axes_of(weights_of(where)) == axes


def test_only_what_is_the_same_is_folded():
    where = cube(4, 0.1)
    assert axes_of(weights_of(where)) == [(1, 4, 16), (4, 4, 4)], "what would be left is fewer than lanes"
    where = grid(8, 6, 4)
    where[:, 1] += 0.3 * (where[:, 1] > 0.2)
    assert axes_of(weights_of(where)) == [(1, 8, 24), (48, 4, 1)], "one axis is uneven"
    where[5, 0] += 1e-6
    assert axes_of(weights_of(where)) == []


@pytest.mark.parametrize(
    ("where", "axes"),
    [
        (cube(5, 0.1), None),
        (grid(3, 5, 8), None),
        (grid(7, 4), None),
        (line(9, 1.0), [(1, 9, 1)]),  # too short to be folded by itself
    ],
    ids=["cube", "3x5x8", "7x4", "line"],
)
def test_all_parts_together_are_the_whole(where, axes):
    """Sources are folded, what each part gives is summed, and that is unfolded: which is the sum over all sources.

    Weights are not the same both ways: who is farther from the middle takes less.
    """
    from_middle = distances(where, where.mean(axis=0, keepdims=True))
    weights = weights_of(where) * np.exp(-from_middle)
    axes = axes_of(weights) if axes is None else axes
    packed, told = folded(weights, axes)
    assert len(packed) == 2 ** len(axes) == 2 ** len(told)
    size = packed.shape[2]
    sources = np.random.default_rng(0).normal(size=len(where))
    parts = sources[None]
    for before, across, after in told:
        rows = parts.reshape(-1, before, across, after)
        half = (across + 1) // 2
        both = np.stack([(rows + rows[:, :, ::-1])[:, :, :half], (rows - rows[:, :, ::-1])[:, :, :half]], axis=1)
        parts = both.reshape(2 * len(rows), -1)
    sums = np.einsum("pgjl,pj->pgl", packed, parts).reshape(len(packed), -1)[:, :size]
    for before, across, after in told[::-1]:
        half = (across + 1) // 2
        even, odd = sums.reshape(-1, 2, before, half, after).transpose(1, 0, 2, 3, 4)
        sums = np.concatenate([even + odd, (even - odd)[:, :, : across // 2][:, :, ::-1]], axis=2).reshape(
            len(even), -1
        )
    np.testing.assert_allclose(sums[0], weights @ sources, rtol=0, atol=1e-13 * np.abs(weights).sum(axis=1).max())


def test_what_is_not_folded_is_the_weights_themselves():
    weights = np.random.default_rng(0).normal(size=(11, 11))
    packed, told = folded(weights, [])
    assert told.shape == (0, 3)
    np.testing.assert_array_equal(packed[0, 0, :, :8], weights[:8].T)
    np.testing.assert_array_equal(packed[0, 1, :, :3], weights[8:].T)
    assert not packed[0, 1, :, 3:].any()
