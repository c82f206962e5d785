"""What a learner knows of its own past while it learns."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper

from rldbs.agents.past_kicks import PastKicks
from rldbs.envs.sb3 import PopulationSB3VecEnv
from rldbs.envs.spaces import box_actions


class Remembering(VecEnvWrapper):
    """Observations with the last kicks of the episode after them, as :class:`.PastKicks` has them.

    Args:
        venv: the environments.
        count: actions that are remembered.
    """

    def __init__(self, venv: PopulationSB3VecEnv, count: int) -> None:
        self._loop = venv.loop
        self._past = PastKicks(count, self._loop.settings.stimulus)
        space: Any = venv.observation_space
        most = np.full(self._past.size, self._past.amplitude)
        bounds = np.concatenate([space.low, -most]), np.concatenate([space.high, most])
        super().__init__(venv, Box(*bounds, dtype=np.float32))

    def reset(self) -> Any:
        self._past.kicks[:] = 0.0
        return self._past.after(self.venv.reset())  # type: ignore[arg-type]

    def step_async(self, actions: NDArray[Any]) -> None:
        self._past.add(box_actions(self._loop, actions).clip(-1.0, 1.0).astype(np.float32))
        self.venv.step_async(actions)

    def step_wait(self) -> tuple[Any, NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        observations, rewards, ended, infos = self.venv.step_wait()
        for i in np.flatnonzero(ended).tolist():
            last = infos[i]["terminal_observation"]
            infos[i]["terminal_observation"] = np.concatenate([last, self._past.kicks[i]])
        self._past.kicks[ended] = 0.0
        return self._past.after(observations), rewards, ended, infos  # type: ignore[arg-type]

    def go_on(self, observations: NDArray[np.float32]) -> None:
        """Remember what stands in the last observations, (environments, numbers)."""
        self._past.kicks = observations[:, observations.shape[1] - self._past.size :].copy()


def remembering(env: VecEnv | None) -> Remembering | None:
    """Which of the wrappers around environments remembers, if any."""
    while isinstance(env, VecEnvWrapper):
        if isinstance(env, Remembering):
            return env
        env = env.venv
    return None
