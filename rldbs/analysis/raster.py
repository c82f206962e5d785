"""Spikes in a raster: x of some neurons at equal distances of time."""

import numpy as np
from numpy.typing import NDArray

NEURONS = 100
"""Most neurons that a raster has."""


def watched(neurons: int) -> NDArray[np.int64]:
    """Which of so many neurons a raster has: all, or of more than `NEURONS` so many, evenly spaced in their order."""
    most = min(neurons, NEURONS)
    return np.arange(most, dtype=np.int64) * neurons // most


def checked_watched(given: object, of_raster: int, neurons: int | None = None) -> NDArray[np.int64] | None:
    """The numbers of the neurons of a raster; None where they are the first ones, which need none.

    Args:
        given: int (M,), rising, or None.
        of_raster: M, how many it has.
        neurons: of how many, where that is known.

    Raises:
        ValueError: they are something else.
    """
    if given is None:
        return None
    numbers = np.asarray(given)
    if numbers.shape != (of_raster,) or numbers.dtype.kind not in "iu":
        raise ValueError(f"raster_neurons has shape {numbers.shape} of {numbers.dtype}, expected ({of_raster},)")
    within = neurons is None or not of_raster or numbers[-1] < neurons
    if (np.diff(numbers) <= 0).any() or (of_raster and numbers[0] < 0) or not within:
        most = "" if neurons is None else f" to {neurons - 1}"
        raise ValueError(f"raster_neurons must be rising, from 0{most}")
    return None if np.array_equal(numbers, np.arange(of_raster)) else numbers.astype(np.int64)


def neurons_of(numbers: NDArray[np.int64] | None, of_raster: int) -> NDArray[np.int64]:
    """The numbers of the neurons of a raster, (M,), also where they are the first ones."""
    return np.arange(of_raster, dtype=np.int64) if numbers is None else numbers


def crossings(raster: NDArray[np.float32], threshold: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and neurons of `raster` (S, M) at which x has just crossed `threshold` from below."""
    rows, neurons = np.nonzero((raster[:-1] < threshold) & (raster[1:] >= threshold))
    return rows + 1, neurons
