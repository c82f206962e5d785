"""Schedules: what of a learner changes as its budget is used up, and exploration above all.

A kick stays in the mean field for many steps, so the noise of exploration adds up and hides what a fine kick does;
and the gradient lowers that noise far too slowly. A schedule gets it out of the way.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.noise import VectorizedActionNoise

from rldbs.agents.settings import LearnerSettings
from rldbs.agents.settings.off_policy import DDPGSettings, EntropySettings
from rldbs.agents.settings.on_policy import OnPolicySettings
from rldbs.control.loop import ClosedLoop


class Scheduled:
    """Mixed into a learner: a rollout is collected and learned from as its beginning has it in every schedule.

    Stable-Baselines3 learns from a rollout by the progress at its end: from the last one with what a schedule ends at,
    which for a learning rate may be nothing, also where it is the only one; and beyond that end where the last rollout
    goes on beyond the budget.
    """

    explore: Callable[[float], None] = staticmethod(lambda remaining: None)
    """Told the share of the budget that remains, from 1 to 0."""
    _current_progress_remaining: float
    _total_timesteps: int
    num_timesteps: int

    def collect_rollouts(self, *args: Any, **kwargs: Any) -> Any:
        self._update_current_progress_remaining(self.num_timesteps, self._total_timesteps)
        self._at_beginning = self._current_progress_remaining
        self.explore(self._at_beginning)
        return super().collect_rollouts(*args, **kwargs)  # type: ignore[misc]

    def train(self, *args: Any, **kwargs: Any) -> None:
        self._current_progress_remaining = self._at_beginning
        super().train(*args, **kwargs)  # type: ignore[misc]

    def _update_current_progress_remaining(self, num_timesteps: int, total_timesteps: int) -> None:
        super()._update_current_progress_remaining(num_timesteps, total_timesteps)  # type: ignore[misc]
        self._current_progress_remaining = max(self._current_progress_remaining, 0.0)


def scheduled(algorithm: type[BaseAlgorithm], besides: tuple[type[Any], ...] = ()) -> type[Any]:
    """The algorithm, with schedules that keep to the budget, and what else is mixed in."""
    return type(algorithm.__name__, (Scheduled, *besides, algorithm), {})


def set_exploration(learner: Any, settings: LearnerSettings, loop: ClosedLoop, seed: int) -> None:
    """Give a fresh :func:`scheduled` learner the exploration that its settings want."""
    if isinstance(settings, DDPGSettings):
        _add_noise(learner, settings, GaussianNoise(loop.environments, loop.action_size, seed))
    elif isinstance(settings, EntropySettings):
        torch.nn.init.zeros_(learner.policy.actor.log_std.weight)
        torch.nn.init.constant_(learner.policy.actor.log_std.bias, settings.log_std)
    elif (
        isinstance(settings, OnPolicySettings)
        and settings.log_std_end is not None
        and not loop.settings.stimulus.levels
    ):
        _schedule_log_std(learner, settings.log_std, settings.log_std_end)


def _add_noise(learner: Any, settings: DDPGSettings, noise: "GaussianNoise") -> None:
    begin, end = settings.noise, settings.noise_end
    geometric = min(begin, end) > 0

    def explore(remaining: float) -> None:
        noise.std = end * (begin / end) ** remaining if geometric else end + (begin - end) * remaining
        learner.logger.record("train/std", noise.std)

    learner.action_noise, learner.explore = noise, explore


def _schedule_log_std(learner: Any, begin: float, end: float) -> None:
    log_std = fix(learner.policy, "log_std")

    def explore(remaining: float) -> None:
        log_std.fill_(end + (begin - end) * remaining)

    learner.explore = explore


class GaussianNoise(VectorizedActionNoise):
    """Independent normal noise for a batch of environments at once.

    Args:
        environments: in the batch.
        action_size: numbers in one action.
        seed: draws the noise.
    """

    def __init__(self, environments: int, action_size: int, seed: int) -> None:
        self.std = 0.0
        self._shape = environments, action_size
        self.generator = np.random.default_rng(seed)

    def reset(self, indices: Iterable[int] | None = None) -> None:
        """Nothing is remembered from step to step."""

    def __call__(self) -> NDArray[np.float32]:
        return np.float32(self.std) * self.generator.standard_normal(self._shape, np.float32)

    def __repr__(self) -> str:
        return f"GaussianNoise(std={self.std:g})"


def fix(module: torch.nn.Module, name: str) -> torch.Tensor:
    """Make a parameter a constant that no gradient changes; its name among the weights stays."""
    value: torch.Tensor = getattr(module, name).detach().clone()
    delattr(module, name)
    module.register_buffer(name, value)
    return value
