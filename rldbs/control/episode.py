"""When episodes end."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from rldbs.core.errors import SettingError
from rldbs.core.saved_arrays import Arrays, put_within

MOST_STEPS = 2**40
"""Steps that no episode ever comes to."""


@dataclass(frozen=True)
class Episode:
    """Episodes of a fixed length: they end by truncation. Only that of a population that diverges is terminated."""

    steps: Annotated[int, Ge(1), Le(10**9)] = 2000
    """Environment steps of an episode."""
    stagger: bool = False
    """Draw the length of each environment's first episode from 1 to ``steps``: a batch shall not end all at once."""
    quiet: Annotated[int, Ge(0), Le(10**9)] = 0
    """Environment steps at the end of an episode in which nothing is given, whatever the agent does."""
    penalty: Annotated[float, Ge(0), Le(1_000_000)] = 100.0
    """The reward of a step in which a population diverges is minus this. It shall be more than what a controller loses
    where it goes on, or to diverge would pay."""

    def __post_init__(self) -> None:
        if self.quiet >= self.steps:
            raise SettingError(
                f"episode.quiet={self.quiet}: must be below episode.steps={self.steps}, or nothing is ever given"
            )


class Clock:
    """How far each environment of a batch is into its episode.

    Args:
        episode: how long episodes are.
        environments: how many environments.
    """

    def __init__(self, episode: Episode, environments: int) -> None:
        self._longest = episode.steps
        self._limit = np.full(environments, episode.steps, np.int64)
        self._steps = 0  # that all environments have made together; each began and ends its episode at one of them
        self._began = np.zeros(environments, np.int64)
        self._ends = self._began + self._limit
        self._next = episode.steps  # the first of them

    @property
    def now(self) -> NDArray[np.int64]:
        """Environment steps into the episode, int64 (environments,), a fresh array."""
        return self._steps - self._began

    @property
    def left(self) -> NDArray[np.int64]:
        """Environment steps to the end of the episode, int64 (environments,), a fresh array."""
        return self._ends - self._steps

    def restart(self, rows: NDArray[np.int64], limits: NDArray[np.int64] | int) -> None:
        """The environments ``rows`` begin an episode of so many steps."""
        self._began[rows], self._limit[rows] = self._steps, limits
        self._ends[rows] = self._steps + self._limit[rows]
        self._next = int(self._ends.min())

    def tick(self) -> NDArray[np.bool_]:
        """Count a step of all environments; whether each has come to the end of its episode, bool (environments,)."""
        self._steps += 1
        return self._ends <= self._steps if self._next <= self._steps else np.zeros(len(self._ends), np.bool_)

    def saved(self) -> Arrays:
        """All that the clock knows."""
        return {"clock": self.now, "limit": self._limit.copy()}

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such a clock.
        """
        now = self.now
        put_within(self._limit, arrays, "limit", 1, self._longest)
        put_within(now, arrays, "clock", 0, MOST_STEPS)
        self._steps, self._began[:] = 0, -now
        self._ends[:] = self._began + self._limit
        self._next = int(self._ends.min())
