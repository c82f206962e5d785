"""The free rhythm of a population: its power spectrum and its period."""

import numpy as np
from numpy.typing import NDArray

SHORTEST_PERIOD = 20.0
"""Samples; what repeats faster than this is taken for noise."""
ROUNDING = 1e-9
"""A signal that varies by less than this part of its size is constant."""


def spectrum(x: NDArray[np.float64], dt: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Power spectral density of `x`, (..., T) with at least 8 samples, by Welch's method.

    The linear trend is removed; Hann windows of half the signal, padded to four times their length.

    Returns:
        The frequencies (F,) in cycles per unit of the time in which `dt` is given, without 0, and the
        one-sided density (..., F) in units of x² per frequency.

    Raises:
        ValueError: fewer than 8 samples.
    """
    from scipy import fft, signal  # takes a second to load

    samples = x.shape[-1]
    if samples < 8:
        raise ValueError(f"a spectrum needs at least 8 samples, got {samples}")
    frequency, power = signal.welch(
        signal.detrend(x, axis=-1),
        fs=1 / dt,
        nperseg=samples // 2,
        nfft=fft.next_fast_len(2 * samples, real=True),
    )
    return frequency[1:], power[..., 1:]


def rhythm_period(x: NDArray[np.float64], minimum: float = SHORTEST_PERIOD) -> float:
    """Period of a free mean field in samples, of one population (T,) or several alike (E, T).

    The highest peak of the Welch spectrum, which looks through spikes inside bursts, noise and drift, placed
    between its bins by a parabola. With several populations the spectra are averaged. Periods from `minimum`
    to half the signal are considered. Noise has a highest peak too, which means nothing then.

    Returns:
        The period, or NaN when x is constant, not finite, or too short.

    Example:
        >>> round(rhythm_period(np.sin(2 * np.pi * np.arange(2000) / 162)), 1)
        162.0
    """
    x = np.atleast_2d(np.asarray(x, np.float64))
    samples = x.shape[-1]
    if samples < 2 * max(minimum, 4) or not np.isfinite(x).all():
        return float("nan")
    x = x[x.std(axis=-1) > ROUNDING * np.abs(x).max()]
    if len(x) == 0:
        return float("nan")
    frequency, power = spectrum(x, 1.0)
    power = power.mean(axis=0)
    considered = np.flatnonzero((frequency >= 2 / samples) & (frequency <= 1 / minimum))
    return float(1 / _summit(frequency, power, considered[power[considered].argmax()]))


def _summit(frequency: NDArray[np.float64], power: NDArray[np.float64], peak: int) -> float:
    """Frequency of a peak between the bins: the top of a parabola through the logarithms of three."""
    if not 0 < peak < power.size - 1 or power[peak] < max(power[peak - 1], power[peak + 1]):
        return float(frequency[peak])
    before, at, after = np.log(np.maximum(power[peak - 1 : peak + 2], np.finfo(float).tiny))
    curvature = before - 2 * at + after
    shift = (before - after) / (2 * curvature) if curvature < 0 else 0.0
    return float(frequency[peak] + shift * (frequency[1] - frequency[0]))
