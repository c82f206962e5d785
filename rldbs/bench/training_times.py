"""Training, beside the same training on an environment that costs nothing."""

import time
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper

from rldbs.agents.learner import build_learner
from rldbs.agents.one_thread import one_thread
from rldbs.bench.figures import Figures
from rldbs.bench.timed_turns import Timer, in_turns
from rldbs.control.loop import ClosedLoop
from rldbs.envs.sb3 import NOTHING
from rldbs.experiment.command_settings import TrainSettings

ROUNDS = 7
STEPS = 8192
"""Environment steps of a turn, at least."""
ORIGINAL = 2350
"""Environment steps per second of the original's training, as it was measured once on two cores."""


def training_figures(settings: TrainSettings) -> Figures:
    """Environment steps per second of training; measurements and checkpoints are left out."""
    with one_thread():
        learners = {"environment": _learner(settings), "constants": _learner(settings)}
        _take_constants(learners["constants"])
        turns = in_turns({name: _learning(learner) for name, learner in learners.items()}, ROUNDS, turn=0.0)
    numbers = {
        "steps_per_second": 1 / turns.median("environment"),
        "steps_per_second_on_constants": 1 / turns.median("constants"),
        "ratio": turns.ratio("constants", "environment"),
        "multiple_of_original": 1 / turns.median("environment") / ORIGINAL,
    }
    agent = settings.config["agent"]["name"]  # type: ignore[index]
    speed, most, ratio, multiple = numbers.values()
    title = f"Training: {agent} on {settings.loop.model.name}, {settings.envs} environments"
    columns = ["steps per second", "on constants", "ratio", f"of the original's {ORIGINAL:,}"]
    return Figures(
        "training", title, columns, [[f"{speed:,.0f}", f"{most:,.0f}", f"{ratio:.2f}", f"× {multiple:.1f}"]], numbers
    )


def _learner(settings: TrainSettings) -> BaseAlgorithm:
    return build_learner(settings.agent, ClosedLoop(settings.loop, settings.envs, 0, settings.threads), 0)


def _learning(learner: BaseAlgorithm) -> Timer:
    """Times learning; a unit of work is one environment step."""

    def timed(calls: int) -> list[float]:
        times = []
        for _ in range(calls):
            before = learner.num_timesteps
            began = time.perf_counter()
            learner.learn(STEPS, reset_num_timesteps=before == 0)
            times.append((time.perf_counter() - began) / (learner.num_timesteps - before))
        return times

    return timed


def _take_constants(learner: BaseAlgorithm) -> None:
    """Put constants in the place of the populations; what wraps them stays."""
    env = learner.env
    assert env is not None
    if not isinstance(env, VecEnvWrapper):
        learner.env = Constants(env)
        return
    while isinstance(env.venv, VecEnvWrapper):
        env = env.venv
    env.venv = Constants(env.venv)


class Constants(VecEnv):
    """Environments with the spaces of others, whose steps cost next to nothing and whose episodes never end."""

    def __init__(self, like: VecEnv) -> None:
        self.render_mode = None
        super().__init__(like.num_envs, like.observation_space, like.action_space)
        shape = like.observation_space.shape
        assert shape is not None
        self._observations = np.zeros((like.num_envs, *shape), np.float32)
        self._rewards, self._ended = np.zeros(like.num_envs, np.float32), np.zeros(like.num_envs, np.bool_)
        self._infos = [NOTHING] * like.num_envs

    def reset(self) -> NDArray[np.float32]:
        return self._observations

    def step_async(self, actions: NDArray[Any]) -> None:
        """What is done does not matter."""

    def step_wait(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        return self._observations, self._rewards, self._ended, self._infos

    def close(self) -> None:
        """There is nothing to release."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self, attr_name)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        return [getattr(self, method_name)(*args, **kwargs)] * self.num_envs

    def env_is_wrapped(self, wrapper_class: type[Any], indices: int | Iterable[int] | None = None) -> list[bool]:
        return [False] * self.num_envs
