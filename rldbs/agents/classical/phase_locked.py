"""Pulses of every contact at a phase of the rhythm that it hears."""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from rldbs.agents.classical.base import ActingClock, Kick, Kicker
from rldbs.agents.classical.feedback_signal import Observations
from rldbs.agents.classical.oscillator import Degrees
from rldbs.agents.classical.resonator import RhythmSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import PhaseSettings
from rldbs.core.native import Floats
from rldbs.core.phase_ensemble import response_of

Pause = Annotated[float, Ge(0), Le(100)]
"""From the beginning of a contact's pulse to that of its next, at least so many periods of the rhythm."""


@dataclass(frozen=True)
class PhaseLockedSettings(RhythmSettings):
    """Phase-locked stimulation (Weerasinghe et al. 2021): kick = size where the phase θ is near phase, else 0.

    PLOS Comput. Biol. 17(8), e1009281. Where the phase response curve is known, the phase is that at which
    a_1·sin θ − b_1·cos θ, by which a pulse changes the order parameter, is least. With one contact: Cagnan et al.,
    Brain 140, 132 (2017).
    """

    rests = True

    size: Kick
    phase: Degrees | None
    """Of the rhythm, in the middle of the pulses, in degrees; None for that which the model's phase response says."""
    width: Annotated[float, Gt(0), Le(360)]
    """How much of a cycle there are pulses, in degrees; at least one decision."""
    pause: Pause

    def make(self, loop: LoopSettings, seed: int) -> "PhaseLocked":
        return PhaseLocked(self, loop)

    def best_phase(self, loop: LoopSettings) -> float:
        """The middle of the pulses, in degrees.

        Raises:
            SettingError: the model does not say.
        """
        if self.phase is not None:
            return self.phase
        model = loop.model
        if not isinstance(model, PhaseSettings):
            raise SettingError(
                f"agent.phase=null: model={model.name} has no phase response that says when; set agent.phase"
            )
        cosine, sine = (row[1] if len(row) > 1 else 0.0 for row in response_of(model).fourier)
        if not cosine and not sine:
            raise SettingError(
                f"agent.phase=null: model.response={model.response} responds at all phases alike; set agent.phase"
            )
        return math.degrees(math.atan2(-cosine * self.size, sine * self.size))


class PhaseLocked(Kicker):
    """kick = size around the phase, not too soon after the last one."""

    def __init__(self, settings: PhaseLockedSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._rhythm, self._size, self._phase = settings.rhythm(loop), settings.size, settings.best_phase(loop)
        self._limit = RateLimit(settings.pause, loop)
        decision = 2.0 * math.pi * self._limit.spacing / loop.model.period
        self._edge = math.cos(min(max(math.radians(settings.width), decision) / 2.0, math.pi))

    def kick(self, observations: Observations) -> Floats:
        rhythm = self._rhythm.follow(observations)
        near = rhythm.behind(self._phase) > self._edge * rhythm.amplitude
        return np.where(self._limit.allowed(near), self._size, 0.0)


class RateLimit:
    """Lets pulses through that are far enough from the last one; the first always.

    Args:
        pause: from a pulse to the next, in periods of the rhythm.
        loop: the environment.
    """

    def __init__(self, pause: float, loop: LoopSettings) -> None:
        self._clock, self._pause = ActingClock(loop), pause * loop.model.period
        self.spacing = self._clock.spacing
        self._free: Floats | float = 0.0
        self._now: NDArray[np.bool_]

    def allowed(self, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the pulses that are wanted are given; where the stimulus does not act, as at the last."""
        acts, time = self._clock.acts, self._clock.next()
        if acts:
            self._now = wanted & (time >= self._free)
            self._free = np.where(self._now, time + self._pause, self._free)
        return self._now
