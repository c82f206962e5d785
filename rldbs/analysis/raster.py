"""Spikes in a raster: x of some neurons at equal distances of time."""

import numpy as np
from numpy.typing import NDArray

NEURONS = 100
"""Most neurons that a raster has."""


def watched(neurons: int) -> NDArray[np.int64]:
    """Which of so many neurons a raster has: all, or of more than `NEURONS` so many, evenly spaced in their order."""
    most = min(neurons, NEURONS)
    return np.arange(most, dtype=np.int64) * neurons // most


def crossings(raster: NDArray[np.float32], threshold: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and neurons of `raster` (S, M) at which x has just crossed `threshold` from below."""
    rows, neurons = np.nonzero((raster[:-1] < threshold) & (raster[1:] >= threshold))
    return rows + 1, neurons
