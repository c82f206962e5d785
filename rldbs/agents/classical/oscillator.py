"""Feedback through a passive oscillator, with a fixed or an adaptive gain."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.agents.classical.base import Gain, Kicker
from rldbs.agents.classical.feedback_signal import Observations
from rldbs.agents.classical.resonator import RhythmSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats

Degrees = Annotated[float, Ge(-360), Le(360)]


@dataclass(frozen=True)
class PassiveOscillatorSettings(RhythmSettings):
    """Passive oscillator (Tukhlina et al. 2007): kick = −gain·A·cos(θ − phase), A and θ from ü + α·u̇ + ω²·u = s.

    Tukhlina, Rosenblum, Pikovsky, Kurths, Phys. Rev. E 75, 011918 (2007). It vanishes with the rhythm, and knows no
    offset. Without a phase it is the oscillator's velocity, −gain·α·u̇.
    """

    gain: Gain
    phase: Degrees
    """How far the feedback is behind the rhythm, in degrees."""

    def make(self, loop: LoopSettings, seed: int) -> "PassiveOscillator":
        return PassiveOscillator(self, loop)


class PassiveOscillator(Kicker):
    """kick = −gain·A·cos(θ − phase)."""

    def __init__(self, settings: PassiveOscillatorSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._rhythm, self._gain, self._phase = settings.rhythm(loop), settings.gain, settings.phase

    def kick(self, observations: Observations) -> Floats:
        return -self._gain * self._rhythm.follow(observations).behind(self._phase)


@dataclass(frozen=True)
class AdaptiveSettings(RhythmSettings):
    """The settings of every controller that turns its own gain up until the rhythm is gone."""

    gain: Annotated[float, Ge(0), Le(1000)]
    """The gain at the beginning."""
    largest_gain: Annotated[float, Ge(0), Le(1000)]
    rate: Annotated[float, Ge(0), Le(1000)]
    """By how much the gain rises in a period while the amplitude is twice the target or more."""
    target: Annotated[float, Gt(0), Le(1000)]
    """The amplitude of the rhythm at which the gain stops rising, in units of the signal."""
    phase: Degrees

    def adaptive_gain(self, loop: LoopSettings) -> "AdaptiveGain":
        """What turns the gain up.

        Raises:
            SettingError: it begins above its largest value.
        """
        if self.gain > self.largest_gain:
            raise SettingError(f"agent.gain={self.gain:g}: must be at most agent.largest_gain={self.largest_gain:g}")
        return AdaptiveGain(self, self.rate * loop.stimulus.interval / loop.model.period)


class AdaptiveGain:
    """dg/dt = rate·clip(A / target − 1, 0, 1), up to the largest gain: it rises while there is a rhythm, and stays.

    Args:
        settings: where it begins, and where it ends.
        rate: by how much it rises at most, at one decision.
    """

    def __init__(self, settings: AdaptiveSettings, rate: float) -> None:
        self._settings, self._rate = settings, rate
        self._gain: Floats | float = settings.gain

    def adapted(self, amplitude: Floats) -> Floats:
        """The gain now, float64 (environments,)."""
        rise = self._rate * np.clip(amplitude / self._settings.target - 1.0, 0.0, 1.0)
        gain: Floats = np.minimum(self._gain + rise, self._settings.largest_gain)
        self._gain = gain
        return gain


@dataclass(frozen=True)
class AdaptiveFeedbackSettings(AdaptiveSettings):
    """Adaptive feedback (after Montaseri et al. 2013): kick = −g(t)·A·cos(θ − phase); g rises while A > target.

    After Montaseri, Yazdanpanah, Pikovsky, Rosenblum, Chaos 23, 033122 (2013). The offset is adapted too, by the
    integrator.
    """

    def make(self, loop: LoopSettings, seed: int) -> "AdaptiveFeedback":
        return AdaptiveFeedback(self, loop)


class AdaptiveFeedback(Kicker):
    """kick = −g(t)·A·cos(θ − phase)."""

    def __init__(self, settings: AdaptiveFeedbackSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._rhythm, self._gain, self._phase = settings.rhythm(loop), settings.adaptive_gain(loop), settings.phase

    def kick(self, observations: Observations) -> Floats:
        rhythm = self._rhythm.follow(observations)
        return -self._gain.adapted(rhythm.amplitude) * rhythm.behind(self._phase)
