"""What a learner makes of the rewards before it learns from them."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper, VecNormalize


class CompressedRewards(VecEnvWrapper):
    """Rewards r as sign(r)·log(1 + |r| / floor).

    The mean field's square falls by four orders of magnitude from synchrony to the end of suppression. Learned from
    as it is, the few steps after a reset outweigh everything that comes later. What is paid for a population that
    diverges stays as it is: it has to outweigh all that follows if none does.

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
        for i in np.flatnonzero(ended).tolist():
            if "diverged" in infos[i]:
                compressed[i] = rewards[i]
        return observations, compressed.astype(np.float32), ended, infos


class NormalizedRewards(VecNormalize):
    """Stable-Baselines3's rewards divided by the running standard deviation of the return, to the bit.

    It copies no observations, looks at no environment that goes on, and calls NumPy's own sums.

    Args:
        venv: the environments.
        gamma: discount of the return.
    """

    def __init__(self, venv: VecEnv, gamma: float) -> None:
        super().__init__(venv, norm_obs=False, gamma=gamma)

    def step_wait(self) -> tuple[Any, NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        observations, rewards, ended, infos = self.venv.step_wait()
        self.old_obs, self.old_reward = cast(Any, observations), rewards  # off-policy learners keep those
        if self.training:
            self._take_in(rewards)
        self.returns[ended] = 0.0
        return observations, self.normalize_reward(rewards), ended, infos

    def _take_in(self, rewards: NDArray[np.float32]) -> None:
        self.returns = self.returns * self.gamma + rewards
        mean = np.add.reduce(self.returns) / self.num_envs
        deviation = self.returns - mean
        variance = np.add.reduce(deviation * deviation) / self.num_envs
        self.ret_rms.update_from_moments(mean, variance, self.num_envs)
