"""PPO: Stable-Baselines3's learner with our settings, and the learned policy as a controller."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import PPO
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.vec_env import VecEnv

from rldbs.agents.features import LevelsAndDifferences
from rldbs.agents.settings import PPOSettings
from rldbs.control.loop import ClosedLoop
from rldbs.envs.spaces import action_space, observation_space


class AnnealedPPO(PPO):
    """PPO whose exploration follows a schedule.

    A kick stays in the mean field for many steps, so the noise of exploration adds up and hides what a fine kick
    does; and the gradient lowers that noise far too slowly. A schedule gets it out of the way.
    """

    log_std_schedule: tuple[float, float] | None = None
    """Log standard deviation at the start and at the end of the budget; None where it is learned."""

    def collect_rollouts(self, *args: Any, **kwargs: Any) -> bool:
        if self.log_std_schedule is not None:
            begin, end = self.log_std_schedule
            log_std = self.policy.log_std
            log_std.requires_grad_(False)
            log_std.fill_(end + (begin - end) * self._current_progress_remaining)
        return super().collect_rollouts(*args, **kwargs)


def build_ppo(settings: PPOSettings, env: VecEnv, seed: int) -> AnnealedPPO:
    """A fresh learner. ``seed`` draws its initial weights and its exploration."""
    begin, end = settings.learning_rate, settings.learning_rate_end
    learner = AnnealedPPO(
        "MlpPolicy",
        env,
        learning_rate=lambda remaining: end + (begin - end) * remaining,
        n_steps=settings.rollout,
        batch_size=settings.minibatch,
        n_epochs=settings.epochs,
        gamma=settings.gamma,
        gae_lambda=settings.gae_lambda,
        clip_range=settings.clip,
        ent_coef=settings.entropy,
        vf_coef=settings.value_weight,
        max_grad_norm=settings.max_grad_norm,
        policy_kwargs=_architecture(settings),
        seed=seed,
        device="cpu",
    )
    if not settings.actor_bias:
        _take_off_bias(learner.policy)
    if settings.log_std_end is not None:
        learner.log_std_schedule = (settings.log_std, settings.log_std_end)
    return learner


def _take_off_bias(policy: ActorCriticPolicy) -> None:
    for name, parameter in [*policy.mlp_extractor.policy_net.named_parameters(), *policy.action_net.named_parameters()]:
        if name.endswith("bias"):
            torch.nn.init.zeros_(parameter)
            parameter.requires_grad_(False)


def _architecture(settings: PPOSettings) -> dict[str, Any]:
    architecture: dict[str, Any] = {"net_arch": list(settings.hidden), "log_std_init": settings.log_std}
    if settings.difference_gain:
        architecture["features_extractor_class"] = LevelsAndDifferences
        architecture["features_extractor_kwargs"] = {"gain": settings.difference_gain}
    return architecture


def build_policy(settings: PPOSettings, loop: ClosedLoop) -> ActorCriticPolicy:
    """The policy alone, untrained, for the environment of ``loop``."""
    return ActorCriticPolicy(
        observation_space(loop),
        action_space(loop),
        lambda _: 0.0,
        **_architecture(settings),
    )


class ActorCritic:
    """The actor of a trained policy as a controller.

    Args:
        policy: the trained policy.
        generator: draws the actions of the stochastic policy; None for the deterministic one.
    """

    def __init__(self, policy: ActorCriticPolicy, generator: torch.Generator | None = None) -> None:
        self._policy = policy
        self._generator = generator

    @torch.no_grad()
    def act(self, observations: NDArray[np.float32]) -> NDArray[np.float32]:
        policy = self._policy  # its own get_distribution checks so much that it takes twice as long
        features = policy.extract_features(torch.from_numpy(observations), policy.pi_features_extractor)
        assert isinstance(features, torch.Tensor)  # a pair only where actor and critic have extractors of their own
        actions: torch.Tensor = policy.action_net(policy.mlp_extractor.forward_actor(features))
        if self._generator is not None:
            actions = actions + self._policy.log_std.exp() * torch.randn(actions.shape, generator=self._generator)
        clipped: NDArray[np.float32] = actions.clamp(-1.0, 1.0).numpy()
        return clipped


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """These networks are too small to share, and one thread gives the same bits whatever ``threads`` is."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
