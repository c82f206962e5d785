"""The signal that feedback answers to: the newest sample of a recorded variable, smoothed, from its rest point."""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from rldbs.agents.classical.base import ClassicalSettings, Periods
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats

Observations = NDArray[np.float32]


@dataclass(frozen=True)
class FeedbackSettings(ClassicalSettings):
    """The settings of every controller that listens."""

    channel: Annotated[int, Ge(0), Le(15)]
    """Which of the recorded variables is the signal: 0 is the first."""
    offset: Annotated[float, Ge(-1000), Le(1000)] | None
    """The value at which the signal counts as 0. None is model.set_point for x, and for all else the mean of the
    window. Where the recording is centred, it is 0 whatever this is."""
    baseline: Periods | None
    """The signal's running mean over about so many periods is taken off it; None leaves it."""
    smoothing: Annotated[int, Ge(1), Le(100_000)]
    """Samples through which a straight line is laid; its end is the signal, its slope the derivative. 1 is the newest
    sample itself."""

    def signal(self, loop: LoopSettings) -> "Signal":
        """What the controller listens to.

        Raises:
            SettingError: the recording has no such channel, or too few samples.
        """
        recording = loop.recording
        length = recording.size // recording.channels
        if self.channel >= recording.channels:
            raise SettingError(
                f"agent.channel={self.channel}: must be below {recording.channels}, the number of recorded variables"
            )
        if self.smoothing > length:
            raise SettingError(f"agent.smoothing={self.smoothing}: must be at most recording.length={length}")
        time = 0.0 if self.baseline is None else self.baseline * loop.model.period
        forgotten = -math.expm1(-loop.stimulus.interval / time) if time else 0.0
        begin = self.channel * length
        return Signal(self._rest(loop), slice(begin, begin + length), self.smoothing, recording.stride, forgotten)

    def _rest(self, loop: LoopSettings) -> float | None:
        recording = loop.recording
        if recording.centered:
            return 0.0
        if self.offset is not None:
            return self.offset
        is_x = recording.variables[self.channel] == "x" and recording.sigmoid is None
        return loop.model.set_point if is_x else None


class Signal:
    """Reads the signal from observations, once at every decision.

    Sums run over the samples of one environment in a fixed order, so that no bit depends on the batch.

    Args:
        rest: its value at rest; None for the mean of the window.
        window: where its samples are in an observation, oldest first.
        smoothing: newest samples through which a straight line is laid, by least squares.
        stride: integration steps between two samples.
        forgotten: part of the running mean that a decision replaces; 0 for no running mean.

    Attributes:
        weights: the signal is the sum of so many times the newest samples, float64 (smoothing,).
        slopes: its derivative, per integration step, of so many times them, float64 (smoothing,).
    """

    def __init__(self, rest: float | None, window: slice, smoothing: int, stride: int, forgotten: float) -> None:
        self.stride = stride
        self.rest, self.window, self.forgotten = rest, window, forgotten
        self._newest = slice(window.stop - smoothing, window.stop)
        times = np.arange(1.0 - smoothing, 1.0)
        spread = times - times.mean()
        steepness = spread / (float((spread * spread).sum()) or 1.0)
        self.weights: Floats = 1.0 / smoothing - times.mean() * steepness
        self.slopes: Floats = steepness / stride
        self._mean: Floats | float = 0.0

    def value(self, observations: Observations) -> Floats:
        """The signal now, float64 (environments,)."""
        value: Floats = (observations[:, self._newest] * self.weights).sum(axis=1)
        value -= self._rest_of(observations)
        if self.forgotten:
            self._mean = self._mean + self.forgotten * (value - self._mean)
            value -= self._mean
        return value

    def slope(self, observations: Observations) -> Floats:
        """Its derivative in time, per integration step, float64 (environments,)."""
        slope: Floats = (observations[:, self._newest] * self.slopes).sum(axis=1)
        return slope

    def samples(self, observations: Observations) -> Floats:
        """All samples of the window from the rest point, oldest first, float64 (length, environments)."""
        samples = observations[:, self.window].astype(np.float64)
        return np.ascontiguousarray((samples - np.reshape(self._rest_of(observations), (-1, 1))).T)

    def _rest_of(self, observations: Observations) -> Floats | float:
        if self.rest is not None:
            return self.rest
        mean: Floats = observations[:, self.window].mean(axis=1, dtype=np.float64)
        return mean
