"""Bursts of a rhythm: when its amplitude is above what a free population's mostly is, and for how long.

Tinkhauser, Pogosyan, Little, Beudel, Herz, Tan, Brown, Brain 140, 1053 (2017), where the rhythm is β of the STN.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PERCENTILE = 75.0
"""Of the amplitude of a free population: bursts are above it."""
SHORTEST = 100.0
"""ms: what is shorter is no burst."""
SMOOTHED = 200.0
"""ms over which the amplitude is averaged."""
ORDER = 2
"""Of the filter at each edge of the band."""


class Bursts(NamedTuple):
    """What is told of bursts, float64 (rows,) each."""

    duration: Array
    """How long they last on average, in ms; 0 where there are none."""
    rate: Array
    """How many there are in a second."""
    part: Array
    """Part of the time that is within one."""


def amplitude(x: Array, dt: float, band: tuple[float, float]) -> Array:
    """Amplitude of the rhythm of x, (rows, steps): that of the analytic signal behind a filter without delay, smoothed.

    Args:
        x: signals, (rows, steps), at least some hundred ms of each.
        dt: from one sample to the next, in ms.
        band: lowest and highest frequency of the rhythm, in Hz.
    """
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import butter, hilbert, sosfiltfilt  # take a second to load

    filtered = sosfiltfilt(butter(ORDER, band, "bandpass", fs=1000.0 / dt, output="sos"), x, axis=1)
    found: Array = uniform_filter1d(np.abs(hilbert(filtered, axis=1)), max(1, round(SMOOTHED / dt)), axis=1)
    return found


def threshold(free: Array) -> Array:
    """Above which bursts are, (rows,), from the amplitudes of free populations, (rows, steps)."""
    return np.asarray(np.percentile(free, PERCENTILE, axis=1))


def spans(amplitudes: Array, above: float, dt: float) -> list[tuple[int, int]]:
    """Where each burst of amplitudes (steps,) begins and ends, in samples; at the ends, as far as it is seen."""
    inside = np.concatenate([[False], amplitudes > above, [False]])
    begins, ends = np.flatnonzero(inside[1:] & ~inside[:-1]), np.flatnonzero(~inside[1:] & inside[:-1])
    return [(a, b) for a, b in zip(begins.tolist(), ends.tolist(), strict=True) if (b - a) * dt >= SHORTEST]


def bursts(amplitudes: Array, above: Array, dt: float) -> Bursts:
    """Those of amplitudes (rows, steps) above one's own threshold each, (rows,)."""
    found = [[b - a for a, b in spans(row, limit, dt)] for row, limit in zip(amplitudes, above.tolist(), strict=True)]
    counts = np.array([len(row) for row in found], np.float64)
    whole = dt * np.array([sum(row) for row in found], np.float64)
    time = amplitudes.shape[1] * dt
    return Bursts(whole / np.maximum(counts, 1.0), 1000.0 * counts / time, whole / time)
