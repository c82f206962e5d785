"""A window of one period that slides over a signal: its standard deviation, and what is spent until it is small."""

import numpy as np
from numpy.typing import NDArray

from rldbs.core.native import Floats


def _window(period: float) -> int:
    return max(2, round(period))


def rolling_std(x: Floats, period: float) -> Floats:
    """Standard deviation of x (E, T) in every window of one period, (E, windows); none if it does not fit.

    From cumulative sums, O(T). Without the mean of the whole phase those sums stay near the size of the
    fluctuations, which keeps the rounding error of a window far below the thresholds it is held against.
    """
    if not np.isfinite(period) or x.shape[1] < _window(period):
        return np.empty((len(x), 0))
    width = _window(period)
    x = x - x.mean(axis=1, keepdims=True)
    sums = np.zeros((2, len(x), x.shape[1] + 1))
    np.cumsum(x, axis=1, out=sums[0, :, 1:])
    np.cumsum(x * x, axis=1, out=sums[1, :, 1:])
    mean, square = (sums[:, :, width:] - sums[:, :, :-width]) / width
    std: Floats = np.sqrt(np.maximum(square - mean**2, 0.0))
    return std


def first_window(reached: NDArray[np.bool_], period: float) -> Floats:
    """Steps from the start of the phase to the end of the first window that is True, (E,); NaN if none."""
    if reached.shape[1] == 0:
        return np.full(len(reached), np.nan)
    return np.where(reached.any(axis=1), reached.argmax(axis=1) + float(_window(period)), np.nan)


def sum_until(amounts: Floats, steps: Floats) -> Floats:
    """The sum of amounts (E, T) over the first `steps` (E,) of them; NaN where that is NaN."""
    last = np.where(np.isnan(steps), 1, steps).astype(np.intp) - 1
    sums = np.take_along_axis(np.cumsum(amounts, axis=1), last[:, None], axis=1)[:, 0]
    return np.where(np.isnan(steps), np.nan, sums)
