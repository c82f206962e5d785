"""Stimulation that does not listen: constant, at random, and the periodic pulses of today's devices."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le
from numpy.typing import NDArray

from rldbs.agents.classical.base import ActingClock, ClassicalSettings, Kick, Kicker, Periods
from rldbs.agents.classical.feedback_signal import Observations
from rldbs.agents.controller import Controller
from rldbs.control.contacts import of_each
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.random_streams import Stream
from rldbs.control.timed_stimuli import Train
from rldbs.core.errors import SettingError
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
    """A kick by chance at every decision, of each contact its own: uniform in ±size, or normal with that deviation."""

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
            contacts = self._action_size // self._each
            self._stream = Stream("standard_normal" if normal else "random", len(observations), contacts)
            for environment in range(len(observations)):
                self._stream.seed(environment, np.random.default_rng(self._seed + environment))
        drawn = self._stream.next(1)[:, 0]
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
        period = self.period * loop.model.period
        return PulseTrain(loop, self.size, period, self.duty * period)


@dataclass(frozen=True)
class OpenLoopSettings(PulseTrainSettings):
    """Periodic pulses, without listening: kick = size for duty of each period, as in continuous DBS.

    Devices give about 130 pulses a second against rhythms around 20 Hz: 6.5 pulses in each period of the rhythm.
    """

    def make(self, loop: LoopSettings, seed: int) -> Controller:
        if isinstance(of_each(loop.stimulus), Train):
            model = loop.model
            return SteadyTrain(loop, self.size, 1000.0 / (self.period * model.period * model.dt))
        return OpenLoop(self.train(loop), loop)


@dataclass(frozen=True)
class HighFrequencySettings(ClassicalSettings):
    """High-frequency stimulation: kick = size for width of each 1 / frequency, in Hz and ms, without listening.

    What open_loop is in periods of the rhythm, for models whose time has a unit. Continuous DBS of today's devices is
    at 130 Hz, whatever the rhythm. A stimulus that is itself a train has pulses of its own width.
    """

    rests = True

    size: Kick
    frequency: Annotated[float, Gt(0), Le(10_000)]
    """Pulses a second."""
    width: Annotated[float, Gt(0), Le(1000)]
    """Of a pulse, in ms; at least one decision."""

    def make(self, loop: LoopSettings, seed: int) -> Controller:
        model = loop.model
        if isinstance(of_each(loop.stimulus), Train):
            return SteadyTrain(loop, self.size, self.frequency)
        if model.model.time_unit != "ms":
            raise SettingError(
                f"agent=high_frequency: counts in Hz, but the time of model={model.name} has no unit; use "
                "agent=open_loop, which counts in periods of the rhythm"
            )
        between, period = ActingClock(loop).spacing * model.dt, 1000.0 / self.frequency
        if period < between:
            rare, long = loop.stimulus.every > 1, period < loop.stimulus.interval * model.dt
            more = [*(["a smaller stimulus.every"] if rare else []), *(["a shorter stimulus.interval"] if long else [])]
            raise SettingError(
                f"agent.frequency={self.frequency:g}: the stimulus acts every {between:g} ms, so up to "
                f"{1000.0 / between:.4g} times a second; for more, {' and '.join(more)}"
            )
        return OpenLoop(PulseTrain(loop, self.size, period / model.dt, self.width / model.dt), loop)


class OpenLoop(Kicker):
    """kick = the pulses of a train."""

    def __init__(self, train: "PulseTrain", loop: LoopSettings) -> None:
        super().__init__(loop)
        self._train = train

    def kick(self, observations: Observations) -> Floats:
        return np.full(len(observations), self._train.next())


class SteadyTrain:
    """The same amplitude and frequency at every decision and contact, of a stimulus that makes a train of them.

    Raises:
        SettingError: the stimulus has no such frequency.
    """

    def __init__(self, loop: LoopSettings, size: float, frequency: float, key: str = "agent.frequency") -> None:
        train = of_each(loop.stimulus)
        assert isinstance(train, Train)
        one = np.clip([size / train.amplitude, train.second(frequency, key)], -1.0, 1.0)
        self._action = np.tile(one, loop.stimulus.action_size // len(one))

    def act(self, observations: Observations) -> NDArray[np.float32]:
        return np.tile(self._action.astype(np.float32), (len(observations), 1))


class PulseTrain:
    """Equal pulses, the first at the first decision.

    Args:
        loop: the environment.
        size: of a pulse.
        period: from the beginning of one to that of the next, in integration steps.
        length: of a pulse, in integration steps; at least one decision.
    """

    def __init__(self, loop: LoopSettings, size: float, period: float, length: float) -> None:
        self._clock, self._size, self._period = ActingClock(loop), size, period
        self._length = max(length, float(self._clock.spacing))

    def next(self) -> float:
        """The kick at this decision; where the stimulus acts at every k-th only, it is the same until the next."""
        return float(self.at(self._clock.next()))

    def at(self, time: Floats | int) -> Floats:
        """The kicks at times from the beginning of the train, in integration steps."""
        return np.where(np.mod(time, self._period) < self._length, self._size, 0.0)
