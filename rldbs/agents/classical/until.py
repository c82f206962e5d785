"""Stimulation that ends: a train of pulses until something that is recorded has fallen low enough."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from rldbs.agents.classical.feedback_signal import Observations, samples_of
from rldbs.agents.classical.open_loop import OpenLoopSettings
from rldbs.agents.controller import Controller
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats

Level = Annotated[float, Ge(-1_000_000), Le(1_000_000)]
"""In units of what is recorded."""


@dataclass(frozen=True)
class UntilSettings(OpenLoopSettings):
    """A train that ends: kick = periodic pulses until M < below, then 0; for what lasts by itself once it is reached.

    M is the mean of a recorded variable over the window of an observation, or its standard deviation in it. Where
    ``above`` is a number, pulses begin anew once M has risen above it; else never.
    """

    channel: Annotated[int, Ge(0), Le(15)]
    """Which of the recorded variables: 0 is the first."""
    measure: Literal["mean", "std"]
    below: Level
    above: Level | None

    def make(self, loop: LoopSettings, seed: int) -> Controller:
        window = samples_of(self.channel, loop.recording)
        if self.above is not None and self.above < self.below:
            raise SettingError(f"agent.above={self.above:g}: must be at least agent.below={self.below:g}, or null")
        return Until(self, super().make(loop, seed), window)


class Until:
    """The actions of a train, or none.

    Args:
        settings: when it ends.
        train: what gives the pulses; it goes on counting while none are given.
        window: where in an observation the samples of the variable are.
    """

    def __init__(self, settings: UntilSettings, train: Controller, window: slice) -> None:
        self._settings, self._train, self._window = settings, train, window
        self._ended: NDArray[np.bool_] | None = None

    def act(self, observations: Observations) -> NDArray[np.float32]:
        seen, settings = self._measured(observations), self._settings
        ended = np.zeros(len(seen), np.bool_) if self._ended is None else self._ended
        stays = np.ones(len(seen), np.bool_) if settings.above is None else seen <= settings.above
        self._ended = (ended & stays) | (seen < settings.below)
        actions = self._train.act(observations)
        actions[self._ended] = 0.0
        return actions

    def _measured(self, observations: Observations) -> Floats:
        window = observations[:, self._window].astype(np.float64)
        found: Floats = window.mean(axis=1) if self._settings.measure == "mean" else window.std(axis=1)
        return found
