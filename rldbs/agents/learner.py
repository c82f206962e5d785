"""A learner from its settings, and what of it a checkpoint holds."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import PPO
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from rldbs.agents.ppo import build_policy, build_ppo
from rldbs.agents.rewards import CompressedRewards
from rldbs.agents.settings import PPOSettings
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import RunError
from rldbs.envs.sb3 import PopulationSB3VecEnv

Arrays = dict[str, NDArray[Any]]


def build_learner(settings: PPOSettings, loop: ClosedLoop, seed: int) -> PPO:
    """A fresh learner on a closed loop. ``seed`` draws its initial weights and its exploration."""
    env: VecEnv = PopulationSB3VecEnv(loop)
    if settings.reward_floor is not None:
        env = CompressedRewards(env, settings.reward_floor)
    if settings.normalize_reward:
        env = VecNormalize(env, norm_obs=False, norm_reward=True, gamma=settings.gamma)
    return build_ppo(settings, env, seed)


def policy_arrays(policy: ActorCriticPolicy) -> Arrays:
    """The weights by name, as copies."""
    return {name: tensor.detach().numpy().copy() for name, tensor in policy.state_dict().items()}


def optimizer_arrays(policy: ActorCriticPolicy) -> Arrays:
    """The optimizer's moments and step counts, by ``<parameter index>.<name>``."""
    state: Mapping[int, Mapping[str, torch.Tensor]] = policy.optimizer.state_dict()["state"]
    return {f"{i}.{name}": tensor.numpy().copy() for i, entry in state.items() for name, tensor in entry.items()}


def return_statistics(learner: PPO) -> dict[str, float]:
    """The running statistics that rewards are divided by; empty where they are not."""
    env = learner.get_env()
    if not isinstance(env, VecNormalize):
        return {}
    statistics: RunningMeanStd = env.ret_rms
    return {"mean": float(statistics.mean), "var": float(statistics.var), "count": float(statistics.count)}


def restore_policy(settings: PPOSettings, loop: ClosedLoop, weights: Mapping[str, NDArray[Any]]) -> ActorCriticPolicy:
    """A policy with the given weights, for the environment of ``loop``.

    Raises:
        RunError: the weights do not fit the environment and the settings, or are not finite.
    """
    policy = build_policy(settings, loop)
    expected = {name: tuple(tensor.shape) for name, tensor in policy.state_dict().items()}
    given = {name: array.shape for name, array in weights.items()}
    for name in sorted(expected.keys() | given.keys()):
        if expected.get(name) != given.get(name):
            raise RunError(
                f"policy weights {name}: shape {given.get(name, 'missing')}, but this recording, stimulus and agent "
                f"need {expected.get(name, 'none')}"
            )
        if not np.isfinite(weights[name]).all():
            raise RunError(f"policy weights {name}: not finite")
    policy.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in weights.items()})
    policy.set_training_mode(False)
    return policy
