"""Pulses at the phase where the rhythm is most sensitive."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le

from rldbs.agents.classical.base import Kicker
from rldbs.agents.classical.feedback_signal import Observations
from rldbs.agents.classical.oscillator import AdaptiveSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.native import Floats


@dataclass(frozen=True)
class PhasePulsesSettings(AdaptiveSettings):
    """Timed pulses (Rosenblum 2020): kick = −g(t)·A where the phase θ is near phase, +g(t)·A half a cycle later.

    Rosenblum, Chaos 30, 093131 (2020): phase and amplitude from a driven oscillator and an integrator, pulses as large
    as the rhythm, once or twice in each cycle, and a gain g that rises while the amplitude A is above its target.
    """

    rests = True

    width: Annotated[float, Gt(0), Le(180)]
    """How much of a cycle a pulse lasts, in degrees; at least one decision."""
    pulses: Literal[1, 2]
    """Pulses in each cycle: 2 is another of the opposite sign, half a cycle later."""

    def make(self, loop: LoopSettings, seed: int) -> "PhasePulses":
        return PhasePulses(self, loop)


class PhasePulses(Kicker):
    """kick = ∓g(t)·A around two opposite phases, none between."""

    def __init__(self, settings: PhasePulsesSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._rhythm, self._gain = settings.rhythm(loop), settings.adaptive_gain(loop)
        self._phase, self._both, stimulus = settings.phase, settings.pulses == 2, loop.stimulus
        decision = 2.0 * math.pi * stimulus.interval * stimulus.every / loop.model.period
        self._edge = math.cos(min(max(math.radians(settings.width), decision), math.pi) / 2.0)

    def kick(self, observations: Observations) -> Floats:
        rhythm = self._rhythm.follow(observations)
        amplitude, towards = rhythm.amplitude, rhythm.behind(self._phase)
        pulse, edge = self._gain.adapted(amplitude) * amplitude, self._edge * amplitude
        opposite = np.where((towards < -edge) & self._both, pulse, 0.0)
        return np.where(towards > edge, -pulse, opposite)
