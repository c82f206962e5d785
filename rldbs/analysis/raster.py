"""Spikes in a raster: x of some neurons at equal distances of time."""

import numpy as np
from numpy.typing import NDArray


def crossings(raster: NDArray[np.float32], threshold: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and neurons of `raster` (S, M) at which x has just crossed `threshold` from below."""
    rows, neurons = np.nonzero((raster[:-1] < threshold) & (raster[1:] >= threshold))
    return rows + 1, neurons
