"""A learner from its settings, and what of it a checkpoint holds."""

from importlib import import_module
from typing import Any

import torch
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.common.vec_env import VecEnv

from rldbs.agents.judging import Judging
from rldbs.agents.optimizers import LightAdam, fuse
from rldbs.agents.remembering import Remembering
from rldbs.agents.replay import SeriesReplayBuffer
from rldbs.agents.reward_scaling import CompressedRewards, NormalizedRewards
from rldbs.agents.schedules import fix, scheduled, set_exploration
from rldbs.agents.settings import LearnerSettings, NetworkSettings
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.agents.settings.off_policy import OffPolicySettings
from rldbs.agents.settings.on_policy import OnPolicySettings, PPOSettings, TRPOSettings
from rldbs.agents.settings.teacher import Teacher
from rldbs.agents.window_features import LevelsAndDifferences
from rldbs.control.loop import ClosedLoop
from rldbs.envs.sb3 import PopulationSB3VecEnv


def build_learner(
    settings: LearnerSettings, loop: ClosedLoop, seed: int, teacher: Teacher | None = None
) -> BaseAlgorithm:
    """A fresh learner on a closed loop. ``seed`` draws its initial weights and its exploration.

    One with a teacher leaves its actor as it is until its critics have learned; what is to be taught,
    :func:`rldbs.agents.taught.teach` teaches.

    It logs nowhere until it is told where: else Stable-Baselines3 makes a folder for that beside all others' temporary
    files, and leaves it there.
    """
    learner = _built(settings, loop, seed, teacher)
    learner.set_logger(Logger(None, []))
    return learner


def _built(settings: LearnerSettings, loop: ClosedLoop, seed: int, teacher: Teacher | None) -> BaseAlgorithm:
    populations = PopulationSB3VecEnv(loop)
    env: VecEnv = populations
    algorithm: Any = _algorithm(settings)
    if isinstance(settings, LQGSettings):
        identifying: BaseAlgorithm = algorithm(env, settings, loop, learning_rate=0.0, seed=seed)
        return identifying
    assert isinstance(settings, NetworkSettings)
    if settings.remembered:
        env = Remembering(populations, settings.remembered)
    if settings.reward_floor is not None:
        env = CompressedRewards(env, settings.reward_floor)
    if settings.return_gamma is not None:
        env = NormalizedRewards(env, settings.return_gamma)
    begin, end = settings.learning_rate, settings.learning_rate_end
    learner: BaseAlgorithm = scheduled(algorithm, () if teacher is None else (Judging,))(
        settings.policy,
        env,
        learning_rate=lambda remaining: end + (begin - end) * remaining,
        policy_kwargs=_architecture(settings, loop),
        seed=seed,
        device="cpu",
        **settings.arguments(),
        **_store(settings, loop),
        **_threads(settings, loop),
    )
    if isinstance(settings, OnPolicySettings) and not settings.actor_bias and loop.settings.stimulus.levels is None:
        _take_off_bias(learner.policy)
    if teacher is not None and isinstance(learner, Judging):
        learner.judging = teacher.lessons.judging
    set_exploration(learner, settings, loop, seed)
    fuse(learner)
    return learner


def _store(settings: LearnerSettings, loop: ClosedLoop) -> dict[str, Any]:
    """The arguments that say how transitions are kept."""
    if not isinstance(settings, OffPolicySettings):
        return {}
    arguments = {"loop": loop, "n_steps": settings.returns, "gamma": settings.gamma}
    return {"replay_buffer_class": SeriesReplayBuffer, "replay_buffer_kwargs": arguments}


def _threads(settings: LearnerSettings, loop: ClosedLoop) -> dict[str, int]:
    return {"threads": loop.ensemble.threads} if type(settings) is PPOSettings else {}


def _algorithm(settings: LearnerSettings) -> type[BaseAlgorithm]:
    module, _, name = settings.algorithm.rpartition(".")
    algorithm: type[BaseAlgorithm] = getattr(import_module(module), name)
    return algorithm


def _architecture(settings: NetworkSettings, loop: ClosedLoop) -> dict[str, Any]:
    architecture = settings.network()
    if settings.difference_gain:
        architecture["features_extractor_class"] = LevelsAndDifferences
        architecture["features_extractor_kwargs"] = {
            "gain": settings.difference_gain,
            "channels": loop.settings.recording.channels,
            "kicks": settings.remembered * loop.action_size,
        }
    if isinstance(settings, PPOSettings | TRPOSettings):
        architecture["optimizer_class"] = LightAdam
        architecture["optimizer_kwargs"] = {"eps": 1e-5}  # as Stable-Baselines3 does for torch's own
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
