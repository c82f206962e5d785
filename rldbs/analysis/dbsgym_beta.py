"""The β number of a published environment, and the timing it runs with: to compare with its table, for nothing else.

DBS-Gym (2025), github.com/NevVerVer/DBS-Gym at aa0b10b; see :mod:`rldbs.core.dbsgym`. The number falls where the rhythm
leaves 12.5 to 21 Hz, whether oscillators desynchronise or not; it is 5.76 times the variance in its band; and the time
axis it claims is not the one the environment runs on. What a rhythm does is said by :mod:`.synchrony`.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CLAIMED = 2000.0
"""Samples a second that are claimed."""
PASSED = 12.0, 30.0
COUNTED = 12.5, 21.0
"""Hz: of the filter, and of the sum; without its edges."""
SMOOTHED = 12
STEP, PARTS = 0.05, (0.15, 0.75)
"""An integration step, and pulse and pause of an environment step as they are meant, in units of 10 ms."""
START = 3999 * STEP
"""When the first environment step of an episode begins, in these units."""


class Timing(NamedTuple):
    """Integration steps of each environment step, int64 (steps,)."""

    on: NDArray[np.int64]
    """With the pulse, first: 2 or 3."""
    off: NDArray[np.int64]
    """Without it, then: 14 or 15."""

    @property
    def pulse(self) -> NDArray[np.bool_]:
        """Whether the pulse is on, at each of all the integration steps."""
        parts = np.stack([self.on, self.off], axis=1).ravel()
        return np.repeat(np.arange(len(parts)) % 2 == 0, parts)

    @property
    def samples(self) -> NDArray[np.int64]:
        """Which states its signal is made of, where 0 is the one before the first step, and k the one after k steps.

        An environment step has the state it begins with, the one at the end of the pulse twice, and not the last one.
        """
        ends = np.cumsum(self.on + self.off) - self.off
        return np.sort(np.concatenate([np.arange(int((self.on + self.off).sum())), ends]))


def executed_timing(steps: int) -> Timing:
    """The integration steps of so many environment steps as they are executed.

    Pulse and pause each last to the last of the points, 0.05 units apart, that lie before their end. So they are a
    step short of what is meant, but for rounding: from 200 to 256 units and from 1024 to 4096 the end of a pulse comes
    out a little late, and the pulse has all its three steps.

    Args:
        steps: environment steps.

    Raises:
        ValueError: there are no steps.
    """
    if steps < 1:
        raise ValueError(f"at least one step is needed, got {steps}")
    time, counts = START, []
    for _ in range(steps):
        for part in PARTS:
            count = math.ceil((time + part - time) / STEP) - 1
            time += count * (time + STEP - time)
            counts.append(count)
    on, off = np.array(counts, np.int64).reshape(-1, 2).T
    return Timing(on, off)


def dbsgym_beta(lfp: Floats) -> float:
    """Its β of a signal: of mean cos θ, all episodes one after the other. Its table has 1000 times as much.

    A Butterworth filter of order 2, 12 to 30 Hz, forth and back; 2·|FFT/n|²; a sum of twelve over five, forth and back,
    which adds up to 5.76; the sum over 12.5 to 21 Hz. A sine of amplitude 1 at 18 Hz has 2.88.

    Args:
        lfp: (samples,), more than 72.

    Raises:
        ValueError: the signal has another shape, or is too short.
    """
    from scipy import signal  # takes a second to load

    if lfp.ndim != 1 or len(lfp) <= 6 * SMOOTHED:
        raise ValueError(f"needs one signal of more than {6 * SMOOTHED} samples, got {lfp.shape}")
    numerator, denominator = signal.butter(2, PASSED, btype="bandpass", fs=CLAIMED)
    filtered = signal.filtfilt(numerator, denominator, lfp)
    power = 2.0 * np.abs(np.fft.rfft(filtered) / len(lfp)) ** 2
    smooth = signal.filtfilt(np.ones(SMOOTHED), np.array([5.0]), power)
    frequency = np.fft.rfftfreq(len(lfp), 1.0 / CLAIMED)
    return float(smooth[(frequency > COUNTED[0]) & (frequency < COUNTED[1])].sum())
