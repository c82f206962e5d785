"""A learner from its settings, and what of it a checkpoint holds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib.ars.policies import ARSPolicy
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from rldbs.agents.exploration import fix, scheduled, set_exploration
from rldbs.agents.features import LevelsAndDifferences
from rldbs.agents.rewards import CompressedRewards
from rldbs.agents.settings import LearnerSettings
from rldbs.agents.settings.on_policy import OnPolicySettings
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import RunError
from rldbs.envs.sb3 import PopulationSB3VecEnv
from rldbs.envs.spaces import action_space, observation_space

Arrays = dict[str, NDArray[Any]]


def build_learner(settings: LearnerSettings, loop: ClosedLoop, seed: int) -> BaseAlgorithm:
    """A fresh learner on a closed loop. ``seed`` draws its initial weights and its exploration."""
    env: VecEnv = PopulationSB3VecEnv(loop)
    if settings.reward_floor is not None:
        env = CompressedRewards(env, settings.reward_floor)
    if settings.return_gamma is not None:
        env = VecNormalize(env, norm_obs=False, norm_reward=True, gamma=settings.return_gamma)
    begin, end = settings.learning_rate, settings.learning_rate_end
    learner: BaseAlgorithm = scheduled(_algorithm(settings))(
        settings.policy,
        env,
        learning_rate=lambda remaining: end + (begin - end) * remaining,
        policy_kwargs=_architecture(settings, loop),
        seed=seed,
        device="cpu",
        **settings.arguments(),
    )
    if isinstance(settings, OnPolicySettings) and not settings.actor_bias and loop.settings.stimulus.levels is None:
        _take_off_bias(learner.policy)
    set_exploration(learner, settings, loop, seed)
    return learner


def _algorithm(settings: LearnerSettings) -> type[BaseAlgorithm]:
    module, _, name = settings.algorithm.rpartition(".")
    algorithm: type[BaseAlgorithm] = getattr(import_module(module), name)
    return algorithm


def _architecture(settings: LearnerSettings, loop: ClosedLoop) -> dict[str, Any]:
    architecture = settings.network()
    if settings.difference_gain:
        channels = loop.settings.recording.channels
        architecture["features_extractor_class"] = LevelsAndDifferences
        architecture["features_extractor_kwargs"] = {"gain": settings.difference_gain, "channels": channels}
    return architecture


def _take_off_bias(policy: BasePolicy) -> None:
    assert isinstance(policy, ActorCriticPolicy)
    for layer in [*policy.mlp_extractor.policy_net.modules(), policy.action_net]:
        if isinstance(layer, torch.nn.Linear):
            fix(layer, "bias").zero_()
    if isinstance(policy, RecurrentActorCriticPolicy):
        for name, parameter in policy.lstm_actor.named_parameters():
            if name.startswith("bias"):
                torch.nn.init.zeros_(parameter)
                parameter.requires_grad_(False)


def policy_arrays(policy: BasePolicy) -> Arrays:
    """The weights of all networks, and what else they act by, by name, as copies."""
    return {name: tensor.detach().numpy().copy() for name, tensor in policy.state_dict().items()}


def optimizer_arrays(learner: BaseAlgorithm) -> Arrays:
    """The moments and step counts of every optimizer, by ``<optimizer>.<parameter index>.<name>``, and what else it
    learns that is no part of the policy."""
    arrays = {
        f"{name.removesuffix('optimizer').rstrip('._')}.{i}.{key}": tensor.numpy().copy()
        for name, state in learner.get_parameters().items()
        if name.endswith("optimizer")
        for i, entry in state["state"].items()
        for key, tensor in entry.items()
    }
    entropy = getattr(learner, "log_ent_coef", None)
    return arrays if entropy is None else {**arrays, "log_ent_coef": entropy.detach().numpy().copy()}


def return_statistics(learner: BaseAlgorithm) -> dict[str, float]:
    """The running statistics that rewards are divided by; empty where they are not."""
    env = learner.get_env()
    if not isinstance(env, VecNormalize):
        return {}
    statistics: RunningMeanStd = env.ret_rms
    return {"mean": float(statistics.mean), "var": float(statistics.var), "count": float(statistics.count)}


def build_policy(settings: LearnerSettings, loop: ClosedLoop) -> BasePolicy:
    """The policy alone, untrained, for the environment of ``loop``."""
    kind: type[Any] = _algorithm(settings).policy_aliases[settings.policy]
    learning_rate = () if issubclass(kind, ARSPolicy) else (lambda _: 0.0,)
    policy: BasePolicy = kind(
        observation_space(loop), action_space(loop), *learning_rate, **_architecture(settings, loop)
    )
    return policy


def restore_policy(settings: LearnerSettings, loop: ClosedLoop, weights: Mapping[str, NDArray[Any]]) -> BasePolicy:
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


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """These networks are too small to share, and one thread gives the same bits whatever ``threads`` is."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
