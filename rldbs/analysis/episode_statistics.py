"""Statistics over episodes or seeds: interquartile mean and bootstrap interval.

They follow R. Agarwal, M. Schwarzer, P. S. Castro, A. Courville, M. G. Bellemare, "Deep Reinforcement
Learning at the Edge of the Statistical Precipice", NeurIPS 2021.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

TRIMMED = 0.25


class Statistic(Protocol):
    """A statistic that can be taken along one axis, such as `iqm`, `numpy.mean` or `numpy.median`."""

    def __call__(self, values: NDArray[np.float64], /, *, axis: int) -> Any: ...


def iqm(values: ArrayLike, *, axis: int = -1) -> Any:
    """Interquartile mean of `values` along `axis`.

    As in rliable, the reference code of Agarwal et al. (2021): of n sorted values, floor(n / 4) are cut off
    at either end and the rest is averaged with equal weight. Below four values this is the plain mean. NaN
    among the values makes the result NaN, as with any mean; infinite values are sorted like others.

    Raises:
        ValueError: there is no value.

    Example:
        >>> float(iqm([1.0, 2.0, 3.0, 1000.0]))
        2.5
    """
    array = np.asarray(values, np.float64)
    if array.size == 0:
        raise ValueError("there is no value to take a statistic of")
    # NaN would be sorted to the upper end and cut off unseen
    unknown = np.isnan(array).any(axis=axis)
    count = array.shape[axis]
    cut = int(TRIMMED * count)
    middle = np.partition(array, (cut, count - cut - 1), axis).take(range(cut, count - cut), axis)
    return np.where(unknown, np.nan, middle.mean(axis=axis))[()]


def bootstrap_interval(
    values: ArrayLike,
    statistic: Statistic = iqm,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of a statistic of independent `values`, shape (n,).

    The same values and seed give the same interval. With few values (n < 10, say) such an interval is
    rather too narrow; with one it is a point.

    Raises:
        ValueError: `values` is not one-dimensional, is empty or not finite, `confidence` is not between
            0 and 1, or `resamples` is below 1.
    """
    sample = np.asarray(values, np.float64)
    if sample.ndim != 1 or sample.size == 0:
        raise ValueError(f"values must have one dimension and not be empty, got shape {sample.shape}")
    if not np.isfinite(sample).all():
        raise ValueError("values must be finite; leave out NaN and infinity first")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, got {confidence}")
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, got {resamples}")
    drawn = np.random.default_rng(seed).integers(0, sample.size, (resamples, sample.size))
    tail = (1 - confidence) / 2
    low, high = np.quantile(statistic(sample[drawn], axis=-1), [tail, 1 - tail])
    return float(low), float(high)


def summary(values: ArrayLike) -> dict[str, Any]:
    """What metrics.json says of one metric over n episodes or seeds, `values` of shape (n,).

    Returns {"values", "mean", "iqm", "ci95": [low, high]}, ready for strict JSON: a value that is NaN or
    infinite becomes None. The statistics are over the finite values; "missing" counts the others when there
    are any. "mean" and "iqm" are None without a finite value, "ci95" is [None, None] below two of them.

    Raises:
        ValueError: `values` is not one-dimensional.
    """
    given = np.asarray(values, np.float64)
    if given.ndim != 1:
        raise ValueError(f"values must have one dimension, got shape {given.shape}")
    finite = given[np.isfinite(given)]
    result: dict[str, Any] = {
        "values": [float(value) if np.isfinite(value) else None for value in given],
        "mean": float(finite.mean()) if finite.size else None,
        "iqm": float(iqm(finite)) if finite.size else None,
        "ci95": list(bootstrap_interval(finite)) if finite.size > 1 else [None, None],
    }
    if finite.size < given.size:
        result["missing"] = int(given.size - finite.size)
    return result
