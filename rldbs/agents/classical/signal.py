"""The signal that feedback answers to: the newest sample of a recorded variable, smoothed, from its rest point."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from rldbs.agents.classical.controller import ClassicalSettings
from rldbs.control.loop import LoopSettings
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
        return Signal(self._rest(loop), self.channel * length, length, self.smoothing, recording.stride)

    def _rest(self, loop: LoopSettings) -> float | None:
        recording = loop.recording
        if recording.centered:
            return 0.0
        if self.offset is not None:
            return self.offset
        is_x = recording.variables[self.channel] == "x" and recording.sigmoid is None
        return loop.model.set_point if is_x else None


class Signal:
    """Reads the signal from observations.

    Args:
        rest: its value at rest; None for the mean of the window.
        begin: where its samples begin in an observation.
        length: how many samples there are.
        smoothing: samples through which a straight line is laid, by least squares.
        stride: integration steps between two samples.
    """

    def __init__(self, rest: float | None, begin: int, length: int, smoothing: int, stride: int) -> None:
        self.stride = stride
        self._rest, self._window = rest, slice(begin, begin + length)
        self._newest = slice(begin + length - smoothing, begin + length)
        times = np.arange(1.0 - smoothing, 1.0)
        spread = times - times.mean()
        steepness = spread / max(float(spread @ spread), 1.0)
        self._value: Floats = 1.0 / smoothing - times.mean() * steepness
        self._slope: Floats = steepness / stride

    def value(self, observations: Observations) -> Floats:
        """The signal now, float64 (environments,)."""
        value: Floats = observations[:, self._newest] @ self._value - self._rest_of(observations)
        return value

    def slope(self, observations: Observations) -> Floats:
        """Its derivative in time, per integration step, float64 (environments,)."""
        slope: Floats = observations[:, self._newest] @ self._slope
        return slope

    def window(self, observations: Observations) -> Floats:
        """All samples from the rest point, oldest first, float64 (environments, length)."""
        samples = observations[:, self._window].astype(np.float64)
        return samples - np.reshape(self._rest_of(observations), (-1, 1))

    def _rest_of(self, observations: Observations) -> Floats | float:
        if self._rest is not None:
            return self._rest
        mean: Floats = observations[:, self._window].mean(axis=1, dtype=np.float64)
        return mean
