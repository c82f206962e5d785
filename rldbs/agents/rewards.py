"""What a learner makes of the rewards before it learns from them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper


class CompressedRewards(VecEnvWrapper):
    """Rewards r as sign(r)·log(1 + |r| / floor).

    The mean field's square falls by four orders of magnitude from synchrony to the end of suppression. Learned from
    as it is, the few steps after a reset outweigh everything that comes later.

    Args:
        venv: the environments.
        floor: where the logarithm begins, in units of the reward.
    """

    def __init__(self, venv: VecEnv, floor: float) -> None:
        super().__init__(venv)
        self._floor = floor

    def reset(self) -> Any:
        return self.venv.reset()

    def step_wait(self) -> tuple[Any, NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        observations, rewards, ended, infos = self.venv.step_wait()
        compressed = np.sign(rewards) * np.log1p(np.abs(rewards) / self._floor)
        return observations, compressed.astype(np.float32), ended, infos
