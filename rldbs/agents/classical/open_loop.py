"""Stimulation that does not listen: constant, at random, and the periodic pulses of today's devices."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le

from rldbs.agents.classical.base import ClassicalSettings, Kick, Kicker, Periods
from rldbs.agents.classical.feedback_signal import Observations
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.random_streams import Stream
from rldbs.core.native import Floats


@dataclass(frozen=True)
class ConstantSettings(ClassicalSettings):
    """The same kick always: kick = size. It shifts the neurons' currents, and silences them where it is large."""

    size: Kick

    def make(self, loop: LoopSettings, seed: int) -> "Constant":
        return Constant(self, loop)


class Constant(Kicker):
    """kick = size."""

    def __init__(self, settings: ConstantSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._size = settings.size

    def kick(self, observations: Observations) -> Floats:
        return np.full(len(observations), self._size)


@dataclass(frozen=True)
class RandomSettings(ClassicalSettings):
    """A kick by chance at every decision: uniform in ±size, or normal with standard deviation size."""

    size: Kick
    distribution: Literal["uniform", "normal"]

    def make(self, loop: LoopSettings, seed: int) -> "Random":
        return Random(self, loop, seed)


class Random(Kicker):
    """Kicks by chance. Environment i of a batch seeded s is the single environment seeded s + i."""

    def __init__(self, settings: RandomSettings, loop: LoopSettings, seed: int) -> None:
        super().__init__(loop)
        self._settings, self._seed = settings, seed
        self._stream: Stream | None = None

    def kick(self, observations: Observations) -> Floats:
        normal = self._settings.distribution == "normal"
        if self._stream is None:
            self._stream = Stream("standard_normal" if normal else "random", len(observations))
            for environment in range(len(observations)):
                self._stream.seed(environment, np.random.default_rng(self._seed + environment))
        drawn = self._stream.next(1)[:, 0, 0]
        return self._settings.size * (drawn if normal else 2.0 * drawn - 1.0)


@dataclass(frozen=True)
class PulseTrainSettings(ClassicalSettings):
    """The settings of every controller that gives a train of equal pulses."""

    rests = True

    size: Kick
    period: Periods
    """Of the pulses, in periods of the rhythm."""
    duty: Annotated[float, Gt(0), Le(1)]
    """Part of their period that a pulse lasts; at least one decision."""

    def train(self, loop: LoopSettings) -> "PulseTrain":
        """The pulses, as they would be without a break."""
        return PulseTrain(self, loop)


@dataclass(frozen=True)
class OpenLoopSettings(PulseTrainSettings):
    """Periodic pulses, without listening: kick = size for duty of each period, as in continuous DBS.

    Devices give about 130 pulses a second against rhythms around 20 Hz: 6.5 pulses in each period of the rhythm.
    """

    def make(self, loop: LoopSettings, seed: int) -> "OpenLoop":
        return OpenLoop(self, loop)


class OpenLoop(Kicker):
    """kick = size for duty of each period."""

    def __init__(self, settings: OpenLoopSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self._train = settings.train(loop)

    def kick(self, observations: Observations) -> Floats:
        return np.full(len(observations), self._train.next())


class PulseTrain:
    """Equal pulses, the first at the first decision.

    Args:
        settings: what they are.
        loop: the environment.
    """

    def __init__(self, settings: PulseTrainSettings, loop: LoopSettings) -> None:
        stimulus = loop.stimulus
        self._size, self._period = settings.size, settings.period * loop.model.period
        self._interval, self._every, self._count = stimulus.interval, stimulus.every, 0
        self._length = max(settings.duty * self._period, float(stimulus.interval * stimulus.every))

    def next(self) -> float:
        """The kick at this decision; where the stimulus acts at every k-th only, it is the same until the next."""
        acted = self._count - self._count % self._every
        self._count += 1
        return self._size if acted * self._interval % self._period < self._length else 0.0
