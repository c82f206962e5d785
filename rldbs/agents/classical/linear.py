"""Linear feedback from the signal as it is now."""

from dataclasses import dataclass

from rldbs.agents.classical.controller import Gain, Kicker
from rldbs.agents.classical.signal import FeedbackSettings, Observations
from rldbs.control.loop import LoopSettings
from rldbs.core.native import Floats


@dataclass(frozen=True)
class ProportionalSettings(FeedbackSettings):
    """Proportional feedback: kick = −gain · s(t), s the signal from its rest point."""

    gain: Gain

    def make(self, loop: LoopSettings, seed: int) -> "Proportional":
        return Proportional(self, loop)


class Proportional(Kicker):
    """kick = −gain · s(t)."""

    def __init__(self, settings: ProportionalSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._signal, self._gain = settings.signal(loop), settings.gain

    def kick(self, observations: Observations) -> Floats:
        return -self._gain * self._signal.value(observations)
