"""Which cells each cell of a group takes from: patterns of projections, int32 (sources of each, cells)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def on_a_ring(sources: int, cells: int, offsets: Sequence[int]) -> NDArray[np.int32]:
    """Cell k takes from those at k + offset; where the groups are not of one size, k is where it is on the ring.

    Args:
        sources: cells of the source.
        cells: those of the target.
        offsets: how far away, negative ones backwards.
    """
    place = np.arange(cells, dtype=np.int64) * sources // cells
    return np.array([(place + offset) % sources for offset in offsets], np.int32)


def some(sources: int, cells: int, each: int, own: bool, seed: int) -> NDArray[np.int32]:
    """Each cell takes from so many others, drawn.

    Args:
        sources: cells of the source.
        cells: those of the target.
        each: how many each takes from, at most as many as there are others.
        own: whether the two are one group; then no cell takes from itself.
        seed: draws them.
    """
    random = np.random.default_rng(seed)
    taken = [np.sort(random.permutation(sources - own)[:each]) for _ in range(cells)]
    if own:
        taken = [np.where(numbers >= cell, numbers + 1, numbers) for cell, numbers in enumerate(taken)]
    return np.array(taken, np.int32).T.copy()


def everyone(sources: int, cells: int, own: bool) -> NDArray[np.int32]:
    """Each cell takes from all others; arguments are those of :func:`some`."""
    return some(sources, cells, sources - own, own, 0)
