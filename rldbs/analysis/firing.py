"""How cells of a network fire: rates, and how regularly."""

from typing import NamedTuple

import numpy as np

from rldbs.core.arguments import Floats
from rldbs.core.cell_network import Spikes


class Firing(NamedTuple):
    """Of a nucleus in each population, float64 (populations,)."""

    rate: Floats
    """Spikes in a second, mean over cells, in Hz."""
    cv: Floats
    """Coefficient of variation of the intervals between spikes, mean over the cells that have two intervals or more:
    0 for a clock, 1 for spikes at random; not a number where no cell has."""


def firing(spikes: Spikes, cells: slice, populations: int, dt: float, begin: float, end: float) -> Firing:
    """How a nucleus fires in a stretch.

    Args:
        spikes: of all cells.
        cells: which are those of the nucleus: ``network.model.cells_of("gpi")``.
        populations: how many there are.
        dt: integration step, in ms.
        begin, end: of the stretch, in ms since the network began.

    Raises:
        ValueError: the stretch has no length.
    """
    if not begin < end:
        raise ValueError(f"a stretch needs an end after its beginning, got {begin} and {end}")
    time, count = spikes.sample * dt, cells.stop - cells.start
    inside = (spikes.cell >= cells.start) & (spikes.cell < cells.stop) & (time >= begin) & (time < end)
    whose = (spikes.population * count + spikes.cell - cells.start)[inside]
    order = np.argsort(whose, kind="stable")  # within a cell they are sorted already
    whose, time = whose[order], time[inside][order]
    number = populations * count
    rate = np.bincount(whose, minlength=number) * (1000.0 / (end - begin))
    same = whose[1:] == whose[:-1]
    interval, whose = np.diff(time)[same], whose[1:][same]
    intervals = np.bincount(whose, minlength=number)
    mean = np.bincount(whose, interval, number) / np.maximum(intervals, 1)
    variance = np.bincount(whose, np.square(interval - mean[whose]), number) / np.maximum(intervals, 1)
    several = (intervals >= 2).reshape(populations, count)
    cv = (np.sqrt(variance) / np.where(intervals, mean, 1.0)).reshape(populations, count)
    total, known = np.where(several, cv, 0.0).sum(axis=1), several.sum(axis=1)
    return Firing(
        rate.reshape(populations, count).mean(axis=1),
        np.where(known, total / np.maximum(known, 1), np.nan),
    )
