"""What every classical controller is: settings that make a controller for an environment, and kicks in units of x."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from rldbs.agents.controller import Controller
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats

Gain = Annotated[float, Ge(-100_000), Le(100_000)]
"""A kick, in units of x, for each unit of what it answers to."""
Kick = Annotated[float, Ge(-10_000), Le(10_000)]
"""A kick in units of x; of oscillators in rad/s, of cells in µA/cm²."""
Periods = Annotated[float, Gt(0), Le(100)]
"""A time in periods of the model's rhythm."""


@dataclass(frozen=True)
class ClassicalSettings(ABC):
    """The settings of a controller that does not learn."""

    rests: ClassVar[bool] = False
    """Whether it has to be able not to stimulate: then one of the stimulus's levels must be 0."""

    @abstractmethod
    def make(self, loop: LoopSettings, seed: int) -> Controller:
        """The controller for an environment, its memory empty.

        Args:
            loop: the environment.
            seed: draws what is left to chance.

        Raises:
            SettingError: the controller does not fit the environment.
        """

    def past(self, loop: LoopSettings) -> float:
        """Decisions of the past that the controller remembers."""
        return 0.0


class Kicker(ABC):
    """A controller that thinks in kicks: its actions are limited to the amplitude of the stimulus.

    Args:
        loop: the environment.
    """

    def __init__(self, loop: LoopSettings) -> None:
        stimulus = loop.stimulus
        self._amplitude, self._action_size = stimulus.amplitude, stimulus.action_size
        self._each = stimulus.action_size // (1 if stimulus.together else stimulus.contacts)

    @abstractmethod
    def kick(self, observations: NDArray[np.float32]) -> Floats:
        """The kicks that are wanted, in units of x, however large.

        Returns:
            float64 (environments,), of all contacts alike; or (environments · contacts,), of each contact of the first
            environment, then of the second, …; or the same as (environments, contacts).
        """

    def act(self, observations: NDArray[np.float32]) -> NDArray[np.float32]:
        """Every contact gives its kick. It is the first number of its part of an action; others, which shape a pulse,
        stay in the middle, 0.
        """
        actions = np.zeros((len(observations), self._action_size), np.float32)
        kicks = self.kick(observations).reshape(len(observations), -1)
        actions[:, :: self._each] = np.clip(kicks / self._amplitude, -1.0, 1.0)
        return actions


class ActingClock:
    """Counts decisions, and knows at which of them the stimulus acts.

    Args:
        loop: the environment.
    """

    def __init__(self, loop: LoopSettings) -> None:
        self._interval, self._every, self._count = loop.stimulus.interval, loop.stimulus.every, 0

    @property
    def spacing(self) -> int:
        """Integration steps from one decision at which the stimulus acts to the next."""
        return self._interval * self._every

    @property
    def acts(self) -> bool:
        """Whether the stimulus acts at the decision that comes."""
        return self._count % self._every == 0

    def next(self) -> int:
        """Integration steps from the first decision to that at which the stimulus acted last, now or before."""
        acted = self._count - self._count % self._every
        self._count += 1
        return acted * self._interval


def contacts_apart(loop: LoopSettings, given: str) -> int:
    """How many contacts there are, each of which takes a kick of its own.

    Args:
        loop: the environment.
        given: what needs that, as a user writes it.

    Raises:
        SettingError: all of them do the same.
    """
    stimulus = loop.stimulus
    if stimulus.together and stimulus.contacts > 1:
        raise SettingError(
            f"{given}: gives each contact a kick of its own, but stimulus.together=true; set it to false"
        )
    return stimulus.contacts
