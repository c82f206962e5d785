"""A batch of populations as a Stable-Baselines3 vector environment."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from rldbs.control.loop import ClosedLoop
from rldbs.core.saved_arrays import Arrays, put
from rldbs.envs.restorable import Copied
from rldbs.envs.spaces import action_space, box_actions, observation_space

NOTHING: dict[str, Any] = {}
"""The info of an environment that has nothing to say. Shared: a fresh dict for each would cost more than the step."""


class PopulationSB3VecEnv(Copied, VecEnv):
    """The closed loop as Stable-Baselines3 wants it: an ended episode is followed by the next one in the same step.

    The info of an environment whose episode has ended holds ``terminal_observation``, ``TimeLimit.truncated`` and
    ``episode``, as Stable-Baselines3's Monitor gives it. Where the population has diverged, the episode was not cut off
    by its time limit, and ``diverged`` tells about it. All arrays are fresh: Stable-Baselines3 keeps and
    changes them.

    Args:
        loop: the environments.
    """

    def __init__(self, loop: ClosedLoop) -> None:
        self.loop = loop
        self.render_mode = None
        super().__init__(loop.environments, observation_space(loop), action_space(loop))
        self._returns = np.zeros(self.num_envs)
        self._started = time.time()

    def reset(self) -> NDArray[np.float32]:
        for i, seed in enumerate(self._seeds):
            if seed is not None:
                self.loop.seed(i, np.random.default_rng(seed))
        self._reset_seeds()
        self._returns[:] = 0.0
        self.loop.reset()
        return self.loop.observe()

    def step_async(self, actions: NDArray[np.float32]) -> None:
        self._actions = actions

    def step_wait(
        self,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        rewards, diverged, ended = self.loop.episode_step(box_actions(self.loop, self._actions))
        observations = self.loop.observe()
        self._returns += rewards
        infos = [NOTHING] * self.num_envs
        ended |= diverged
        if ended.any():
            rows, lengths, reasons = np.flatnonzero(ended), self.loop.clock.now, self.loop.diverged
            final = observations[rows]
            self.loop.reset(ended)
            observations[rows] = self.loop.observe(rows)
            for i, last in zip(rows, final, strict=True):
                infos[i] = {
                    "terminal_observation": last,
                    "TimeLimit.truncated": not diverged[i],
                    "episode": {
                        "r": float(self._returns[i]),
                        "l": int(lengths[i]),
                        "t": round(time.time() - self._started, 6),
                    },
                }
                if diverged[i]:
                    infos[i]["diverged"] = reasons[int(i)]
            self._returns[ended] = 0.0
        return observations, rewards.astype(np.float32), ended, infos

    def saved(self) -> Arrays:
        return {**super().saved(), "returns": self._returns.copy()}

    def restore(self, arrays: Arrays) -> None:
        put(self._returns, arrays, "returns")
        super().restore(arrays)
        self._reset_seeds()

    def close(self) -> None:
        """There is nothing to release."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self, attr_name) for _ in self._indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        return [getattr(self, method_name)(*args, **kwargs) for _ in self._indices(indices)]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
        return [False for _ in self._indices(indices)]

    def _indices(self, indices: int | Iterable[int] | None) -> Sequence[int]:
        return list(self._get_indices(indices))
