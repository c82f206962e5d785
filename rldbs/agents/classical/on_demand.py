"""A train on demand: pulses only while what is recorded says that the disease is there."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from rldbs.agents.classical.base import ClassicalSettings, Kick
from rldbs.agents.classical.feedback_signal import Observations, check_channel
from rldbs.agents.classical.open_loop import SteadyTrain
from rldbs.agents.controller import Controller
from rldbs.control.contacts import of_each
from rldbs.control.features import Features
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.timed_stimuli import Train
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats

Level = Annotated[float, Ge(-100_000), Le(100_000)]


@dataclass(frozen=True)
class OnDemandSettings(ClassicalSettings):
    """A train of equal kicks while the mean of what is recorded is beyond a threshold, else a slower one, or none.

    It begins where the mean m of a variable's samples comes beyond the threshold, and ends where m is back by
    ``hysteresis``. Where features are recorded, ``mean`` must be among them.
    """

    rests = True

    channel: Annotated[int, Ge(0), Le(15)]
    """Which of the recorded variables: 0 is the first."""
    side: Literal["below", "above"]
    """Where the disease is."""
    threshold: Level
    hysteresis: Annotated[float, Ge(0), Le(100_000)]
    """Both in units of the variable."""
    size: Kick
    frequency: Annotated[float, Gt(0), Le(10_000)]
    """Pulses a second."""
    idle: Annotated[float, Ge(0), Le(10_000)]
    """Pulses a second while the disease is not there; 0 for none."""

    def make(self, loop: LoopSettings, seed: int) -> Controller:
        return OnDemand(self, loop)


class OnDemand:
    """Action of the one train or the other. None is the lowest frequency of the stimulus where that gives no pulse, or
    else no amplitude: half of an amplitude may do nothing at all; half of a frequency does half, so it can be learned.

    Raises:
        SettingError: the stimulus is no train, or the mean of such a variable is not recorded.
    """

    def __init__(self, settings: OnDemandSettings, loop: LoopSettings) -> None:
        train = of_each(loop.stimulus)
        if not isinstance(train, Train):
            raise SettingError("agent=on_demand: gives trains; use stimulus=train")
        recording = loop.recording
        check_channel(settings.channel, recording)
        each = recording.size // recording.channels
        begin = settings.channel * each
        self._seen, self._scale, self._from = slice(begin, begin + each), 1.0, 0.0
        if isinstance(recording, Features):
            if "mean" not in recording.names:
                raise SettingError("agent=on_demand: needs the mean among recording.features")
            at = begin + recording.names.index("mean")
            variable = loop.model.model.variables[recording.indices(loop.model.model)[settings.channel]]
            self._seen, self._scale, self._from = slice(at, at + 1), variable.high - variable.low, variable.low
        self._settings = settings
        self._train = SteadyTrain(loop, settings.size, settings.frequency)
        self._idle = SteadyTrain(loop, settings.size, settings.idle or train.lowest, "agent.idle")
        self._silent = not settings.idle and train.least > 0
        self._on = np.zeros(1, np.bool_)

    def act(self, observations: Observations) -> NDArray[np.float32]:
        mean = self._from + self._scale * observations[:, self._seen].mean(axis=1, dtype=np.float64)
        away = mean - self._settings.threshold
        beyond: Floats = away if self._settings.side == "above" else -away
        self._on = beyond > np.where(self._on, -self._settings.hysteresis, 0.0)
        idle = self._idle.act(observations)
        if self._silent:
            idle[:, ::2] = 0.0  # of every contact the amplitude
        return np.where(self._on[:, None], self._train.act(observations), idle)
