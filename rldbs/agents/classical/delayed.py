"""Feedback from the signal as it was some time ago."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from rldbs.agents.classical.base import Gain, Kicker
from rldbs.agents.classical.delay_line import Past
from rldbs.agents.classical.feedback_signal import FeedbackSettings, Observations
from rldbs.agents.classical.resonator import Phasor, RhythmSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.native import Floats

Delay = Annotated[float, Ge(0), Le(100)]
"""A delay in periods of the model's rhythm. It may be longer than the window: the controller remembers."""


@dataclass(frozen=True)
class DelayedFeedbackSettings(FeedbackSettings):
    """Delayed feedback (Rosenblum, Pikovsky 2004; Pyragas 1992): kick = gain·s(t − τ), or gain·(s(t − τ) − s(t)).

    Rosenblum, Pikovsky, Phys. Rev. Lett. 92, 114102 (2004), and Phys. Rev. E 70, 041904 (2004); the difference, which
    vanishes with the rhythm and whatever its offset, after Pyragas, Phys. Lett. A 170, 421 (1992).
    """

    delay: Delay
    difference: bool
    """Whether the signal as it is now is taken off."""
    gain: Gain
    fade_in: Annotated[float, Ge(0), Le(1000)]
    """Periods over which the gain rises from 0 at the beginning. What a sudden start would leave of the charge, the
    part of a cycle that is answered without ever being taken off again, does not come about."""

    def past(self, loop: LoopSettings) -> float:
        return self.delay * loop.model.period / loop.stimulus.interval

    def make(self, loop: LoopSettings, seed: int) -> "DelayedFeedback":
        return DelayedFeedback(self, loop)


class DelayedFeedback(Kicker):
    """kick = gain·s(t − τ), or gain·(s(t − τ) − s(t))."""

    def __init__(self, settings: DelayedFeedbackSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._signal, self._gain, self._difference = settings.signal(loop), settings.gain, settings.difference
        self._delay, self._interval = settings.past(loop), loop.stimulus.interval
        self._past: Past | None = None
        self._fade, self._passed = settings.fade_in * loop.model.period, 0

    def kick(self, observations: Observations) -> Floats:
        if self._past is None:
            samples = self._signal.samples(observations)
            self._past = Past(self._delay, samples, self._signal.stride / self._interval)
        now = self._signal.value(observations)
        before = self._past.delayed(now)
        self._passed += self._interval
        gain = self._gain * min(1.0, self._passed / self._fade) if self._fade else self._gain
        return gain * (before - now if self._difference else before)


@dataclass(frozen=True)
class NonlinearDelayedFeedbackSettings(RhythmSettings):
    """Nonlinear delayed feedback (Popovych, Hauptmann, Tass 2005): kick = gain·Re[Z²(t)·Z*(t − τ)].

    Phys. Rev. Lett. 94, 164102. Z = A·exp(iθ) is the rhythm as a complex number; it comes from a driven oscillator.
    """

    delay: Delay
    gain: Gain
    """A kick for each unit of A³."""

    def past(self, loop: LoopSettings) -> float:
        return self.delay * loop.model.period / loop.stimulus.interval

    def make(self, loop: LoopSettings, seed: int) -> "NonlinearDelayedFeedback":
        return NonlinearDelayedFeedback(self, loop)


class NonlinearDelayedFeedback(Kicker):
    """kick = gain·Re[Z²(t)·Z*(t − τ)]."""

    def __init__(self, settings: NonlinearDelayedFeedbackSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._rhythm, self._gain = settings.rhythm(loop), settings.gain
        self._delay, self._interval = settings.past(loop), loop.stimulus.interval
        self._past: Past | None = None

    def kick(self, observations: Observations) -> Floats:
        if self._past is None:
            found = self._rhythm.begin(observations)
            self._past, now = Past(self._delay, np.array(found), self._rhythm.signal.stride / self._interval), found[-1]
        else:
            now = self._rhythm.follow(observations)
        x, y = now
        before = Phasor(*self._past.delayed(np.array(now)))
        return self._gain * ((x * x - y * y) * before.x + 2.0 * x * y * before.y)
