"""Linear feedback from the signal as it is now: proportional, with its derivative, with its integral."""

import math
from dataclasses import dataclass

import numpy as np

from rldbs.agents.classical.base import Gain, Kicker
from rldbs.agents.classical.feedback_signal import FeedbackSettings, Observations
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats


@dataclass(frozen=True)
class ProportionalSettings(FeedbackSettings):
    """Proportional feedback: kick = −gain·s(t), s the signal from its rest point."""

    gain: Gain

    def make(self, loop: LoopSettings, seed: int) -> "Proportional":
        return Proportional(self, loop)


class Proportional(Kicker):
    """kick = −gain·s(t)."""

    def __init__(self, settings: ProportionalSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._signal, self._gain = settings.signal(loop), settings.gain

    def kick(self, observations: Observations) -> Floats:
        return -self._gain * self._signal.value(observations)


@dataclass(frozen=True)
class PDSettings(FeedbackSettings):
    """Proportional-derivative feedback: kick = −gain·s − derivative_gain·ds/dφ, φ = 2π·t / period.

    In units of the rhythm's phase the derivative is as large as the signal, and the two gains compare.
    """

    gain: Gain
    derivative_gain: Gain

    def make(self, loop: LoopSettings, seed: int) -> "PD":
        if self.smoothing < 2:
            raise SettingError(f"agent.smoothing={self.smoothing}: must be at least 2, so that there is a slope")
        return PD(self, loop)


class PD(Kicker):
    """kick = −gain·s − derivative_gain·ds/dφ."""

    def __init__(self, settings: PDSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._signal, self._gain = settings.signal(loop), settings.gain
        self._derivative_gain = settings.derivative_gain * loop.model.period / (2.0 * math.pi)

    def kick(self, observations: Observations) -> Floats:
        value, slope = self._signal.value(observations), self._signal.slope(observations)
        return -self._gain * value - self._derivative_gain * slope


@dataclass(frozen=True)
class PISettings(FeedbackSettings):
    """Proportional-integral feedback (Åström, Hägglund 1995): kick = −gain·s − integral_gain·∫s dφ, φ = 2π·t / period.

    The integral stands still while the stimulus is at its limit and the signal would drive it further (anti-windup by
    conditional integration; Åström, Hägglund, PID Controllers, 1995).
    """

    gain: Gain
    integral_gain: Gain

    def make(self, loop: LoopSettings, seed: int) -> "PI":
        return PI(self, loop)


class PI(Kicker):
    """kick = −gain·s − integral_gain·∫s dφ."""

    def __init__(self, settings: PISettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._signal, self._gain, self._integral_gain = settings.signal(loop), settings.gain, settings.integral_gain
        self._half_step = math.pi / loop.model.period * loop.stimulus.interval
        self._before: Floats | None = None
        self._integral: Floats

    def kick(self, observations: Observations) -> Floats:
        value = self._signal.value(observations)
        if self._before is None:
            self._before, self._integral = value, np.zeros_like(value)
        grown = self._integral + self._half_step * (self._before + value)
        kick = -self._gain * value - self._integral_gain * grown
        further = -self._integral_gain * (grown - self._integral) * kick > 0
        wound_up = (np.abs(kick) > self._amplitude) & further
        self._before, self._integral = value, np.where(wound_up, self._integral, grown)
        return -self._gain * value - self._integral_gain * self._integral
