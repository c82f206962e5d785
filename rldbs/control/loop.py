"""The closed loop of a batch of environments: stimulus → population → recording and reward, and the episode clock."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rldbs.control.episode import Episode, FreeStart
from rldbs.control.recording import Recording
from rldbs.control.reward import Reward
from rldbs.control.stimulus import Stimulus
from rldbs.core.bank import Bank, prepare_bank
from rldbs.core.ensemble import Ensemble
from rldbs.core.errors import DivergedError, SettingError
from rldbs.core.models import ModelSettings
from rldbs.core.native import Floats

ROOM = 4096
"""Integration steps that the record of the mean field takes before it is moved to its beginning."""

DIVERGED = 1e6
"""A mean field beyond this is no longer physics: every variable of every model stays below 100."""


@dataclass(frozen=True)
class LoopSettings:
    """All that decides an environment, except its seed."""

    model: ModelSettings
    stimulus: Stimulus
    recording: Recording
    reward: Reward
    start: FreeStart
    episode: Episode

    @property
    def memory(self) -> int:
        """Integration steps of the mean field's past that the loop keeps."""
        return max(self.recording.memory, self.reward.memory, self.stimulus.interval)


class ClosedLoop:
    """Environments that step together. Environment i seeded s + i is the same, to the bit, alone or in a batch.

    The loop neither resets by itself nor knows Gymnasium; the faces in ``rldbs.envs`` do.

    Args:
        settings: what the environments are.
        environments: how many.
        seed: an integer s (environment i gets s + i), or one integer for each environment.
        threads: threads for the populations; no result depends on it.

    Attributes:
        ensemble: the populations, one for each environment.
        mean_field: float64 (environments, interval, variables) of the last step.
        kicks: float64 (environments, interval) of the last step.
        rewards: float64 (environments,) of the last step.
        clock: int64 (environments,), environment steps into the episode.
    """

    def __init__(
        self, settings: LoopSettings, environments: int, seed: int | Sequence[int] = 0, threads: int = 1
    ) -> None:
        self.settings = settings
        self.model = settings.model.model
        self.environments = environments
        self.action_size = settings.stimulus.action_size
        self.observation_bounds = settings.recording.bounds(self.model)
        start = settings.start
        self._bank: Bank = prepare_bank(
            settings.model, start.populations, start.snapshots, start.seed, settings.memory, threads
        )
        self.ensemble = Ensemble.of(settings.model, environments, 0, transient=0, threads=threads)
        variables, interval = len(self.model.variables), settings.stimulus.interval
        self.mean_field: Floats = np.zeros((environments, interval, variables))
        self.kicks: Floats = np.zeros((environments, interval))
        self.rewards: Floats = np.zeros(environments)
        self.clock = np.zeros(environments, np.int64)
        self._limit = np.full(environments, settings.episode.steps)
        self._past = np.zeros((variables, environments, settings.memory + max(ROOM, interval)))
        self._now = settings.memory
        self.generators = (
            [np.random.default_rng(seed + i) for i in range(environments)]
            if isinstance(seed, int)
            else [np.random.default_rng(s) for s in seed]
        )
        self._first = np.ones(environments, np.bool_)

    def seed(self, environment: int, generator: np.random.Generator) -> None:
        """Give one environment a new source of randomness; its next reset is like its very first."""
        self.generators[environment] = generator
        self._first[environment] = True

    def reset(self, mask: NDArray[np.bool_] | None = None, entries: NDArray[np.int64] | None = None) -> None:
        """Start a new episode in the environments of ``mask``, bool (environments,), or in all.

        Each draws its starting point from the prepared populations, unless ``entries``, int (environments started,),
        names them.
        """
        rows = np.arange(self.environments) if mask is None else np.flatnonzero(mask)
        if entries is None:
            entries = np.array([self.generators[i].integers(len(self._bank)) for i in rows], np.int64)
        self.ensemble.state[rows] = self._bank.state[entries]
        self.ensemble.current[rows] = self._bank.current[entries]
        self._past[:, rows, self._now - self.settings.memory : self._now] = self._bank.past[entries].transpose(2, 0, 1)
        self.clock[rows] = 0
        episode = self.settings.episode
        self._limit[rows] = episode.steps
        if episode.stagger:
            for i in rows[self._first[rows]]:
                self._limit[i] = self.generators[i].integers(1, episode.steps + 1)
        self._first[rows] = False

    def observe(self) -> NDArray[np.float32]:
        """What the controllers see now: float32 (environments, size), a fresh array."""
        recording = self.settings.recording
        return recording.observe(self._past[:, :, self._now - recording.memory : self._now], self.model)

    def step(self, actions: NDArray[np.floating]) -> tuple[Floats, NDArray[np.bool_]]:
        """One environment step of every environment.

        Args:
            actions: (environments, action_size); values outside [−1, 1] are clipped.

        Returns:
            Rewards, float64 (environments,), and whether the episode has reached its end, bool (environments,).

        Raises:
            SettingError: the actions have another shape or are not finite.
            DivergedError: the mean field of a population has left all bounds.
        """
        actions = np.asarray(actions, np.float64)
        if actions.shape != (self.environments, self.action_size):
            raise SettingError(f"actions: must be {(self.environments, self.action_size)}, are {actions.shape}")
        if not np.isfinite(actions).all():
            bad = int(np.flatnonzero(~np.isfinite(actions).all(axis=1))[0])
            raise SettingError(f"actions: environment {bad} got {actions[bad]}; must be finite")
        self.kicks = self.settings.stimulus.kicks(np.clip(actions, -1.0, 1.0))
        self.mean_field = self.ensemble.advance(self.kicks)
        self._remember(self.mean_field)
        self.clock += 1
        if not np.abs(self.mean_field).max() < DIVERGED:  # NaN is not below anything
            bad = int(np.flatnonzero(~(np.abs(self.mean_field) < DIVERGED).all(axis=(1, 2)))[0])
            raise DivergedError(
                f"population {bad} diverged at step {self.clock[bad]} of its episode: mean field "
                f"{self.mean_field[bad, -1]} after kicks up to {np.abs(self.kicks[bad]).max():g}"
            )
        self.rewards = self.settings.reward.reward(
            self._past[0, :, self._now - self.settings.memory : self._now], self.kicks
        )
        return self.rewards, self.clock >= self._limit

    def rest(self) -> None:
        """One environment step without stimulation, outside the episode's clock."""
        self.kicks = np.zeros((self.environments, self.settings.stimulus.interval))
        self.mean_field = self.ensemble.advance(self.kicks)
        self._remember(self.mean_field)

    def free_range(self) -> tuple[float, float]:
        """Lowest and highest X of the free populations that episodes start from, over the loop's memory."""
        x = self._bank.past[:, :, 0]
        return float(x.min()), float(x.max())

    def free_std(self) -> float:
        """Standard deviation of X in the free populations that episodes start from, over the loop's memory."""
        return float(self._bank.past[:, :, 0].std(axis=1).mean())

    def recent_std(self) -> Floats:
        """Standard deviation of X over the loop's memory up to now, float64 (environments,)."""
        spread: Floats = self._past[0, :, self._now - self.settings.memory : self._now].std(axis=1)
        return spread

    def _remember(self, mean_field: Floats) -> None:
        interval, memory = mean_field.shape[1], self.settings.memory
        if self._now + interval > self._past.shape[2]:
            self._past[:, :, :memory] = self._past[:, :, self._now - memory : self._now].copy()
            self._now = memory
        self._past[:, :, self._now : self._now + interval] = mean_field.transpose(2, 0, 1)
        self._now += interval
