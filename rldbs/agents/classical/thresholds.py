"""Adaptive DBS: pulses on demand, by thresholds on the amplitude of the rhythm."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from rldbs.agents.classical.base import Kicker, Periods
from rldbs.agents.classical.feedback_signal import Observations
from rldbs.agents.classical.open_loop import PulseTrainSettings
from rldbs.agents.classical.resonator import RhythmSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats

Amplitude = Annotated[float, Ge(0), Le(1000)]
"""An amplitude of the rhythm, in units of the signal."""


@dataclass(frozen=True)
class OnOffSettings(RhythmSettings, PulseTrainSettings):
    """Adaptive DBS, on or off (Little et al. 2013): kick = periodic pulses where A > threshold, else 0.

    Little et al., Ann. Neurol. 74, 449 (2013), where it is that of the beta band.
    """

    threshold: Amplitude

    def make(self, loop: LoopSettings, seed: int) -> "OnOff":
        return OnOff(self, loop)


class OnOff(Kicker):
    """kick = pulses where A > threshold."""

    def __init__(self, settings: OnOffSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._rhythm, self._train, self._threshold = settings.rhythm(loop), settings.train(loop), settings.threshold

    def kick(self, observations: Observations) -> Floats:
        return np.where(self._rhythm.follow(observations).amplitude > self._threshold, self._train.next(), 0.0)


@dataclass(frozen=True)
class DualThresholdSettings(RhythmSettings, PulseTrainSettings):
    """Adaptive DBS, two thresholds (Velisar et al. 2019): kick = ramp·pulses, up where A > upper, down below lower.

    After Velisar et al., Brain Stimul. 12, 868 (2019), where the amplitude is that of the beta band.
    """

    lower: Amplitude
    upper: Amplitude
    ramp: Periods
    """Periods from no pulses to whole ones, and back."""

    def make(self, loop: LoopSettings, seed: int) -> "DualThreshold":
        if self.lower > self.upper:
            raise SettingError(f"agent.lower={self.lower:g}: must be at most agent.upper={self.upper:g}")
        return DualThreshold(self, loop)


class DualThreshold(Kicker):
    """kick = ramp(t)·pulses."""

    def __init__(self, settings: DualThresholdSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._rhythm, self._train = settings.rhythm(loop), settings.train(loop)
        self._lower, self._upper = settings.lower, settings.upper
        self._step = loop.stimulus.interval / (settings.ramp * loop.model.period)
        self._ramp: Floats | float = 0.0

    def kick(self, observations: Observations) -> Floats:
        amplitude = self._rhythm.follow(observations).amplitude
        direction = np.where(amplitude > self._upper, 1.0, np.where(amplitude < self._lower, -1.0, 0.0))
        ramp: Floats = np.clip(self._ramp + self._step * direction, 0.0, 1.0)
        self._ramp = ramp
        return self._train.next() * ramp
