"""A learned policy as a controller."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy

from rldbs.agents.choice import Actor, draw
from rldbs.control.loop import ClosedLoop
from rldbs.envs.spaces import box_actions

Choice = Callable[[torch.Tensor, torch.Generator | None], torch.Tensor]
"""Observations (environments, size), and what draws the actions → actions, or indices of levels."""


class LearnedController:
    """The actor of a trained policy. With a memory, it remembers from one call to the next; made anew, it is empty.

    Args:
        policy: the trained policy.
        loop: an environment as that which it was trained for.
        generator: draws the actions of a stochastic policy; None for the deterministic one.
    """

    def __init__(self, policy: BasePolicy, loop: ClosedLoop, generator: torch.Generator | None = None) -> None:
        policy.set_training_mode(False)
        self._loop, self._generator, self._choose = loop, generator, _choice(policy)

    @torch.no_grad()
    def act(self, observations: NDArray[np.float32]) -> NDArray[np.float32]:
        chosen = self._choose(torch.from_numpy(observations), self._generator)
        if self._loop.settings.stimulus.levels is not None:
            return box_actions(self._loop, chosen.numpy()).astype(np.float32)
        clipped: NDArray[np.float32] = chosen.clamp(-1.0, 1.0).numpy()
        return clipped


def _choice(policy: BasePolicy) -> Choice:
    """How a policy chooses. Where the policy's own way is slow or draws from the global generator, it is not taken."""
    if isinstance(policy, RecurrentActorCriticPolicy):
        return _Recurrent(policy)
    if isinstance(policy, ActorCriticPolicy):
        return _ActorCritic(policy)
    if hasattr(policy, "actor") and hasattr(policy.actor, "latent_pi"):
        return _SquashedGaussian(policy.actor)
    return lambda observations, _: policy._predict(observations, deterministic=True)


class _ActorCritic(Actor):
    def __init__(self, policy: ActorCriticPolicy) -> None:
        super().__init__(policy)
        self._policy = policy

    def __call__(self, observations: torch.Tensor, generator: torch.Generator | None) -> torch.Tensor:
        outputs = self.outputs(observations)
        if generator is not None:
            return draw(self._policy, outputs, generator)
        return outputs if hasattr(self._policy, "log_std") else outputs.argmax(dim=1)


class _Recurrent(_ActorCritic):
    _memory: tuple[torch.Tensor, torch.Tensor] | None = None

    def remembered(self, features: torch.Tensor) -> torch.Tensor:
        actor: Any = self._policy.lstm_actor
        outputs, self._memory = actor(features[None], self._memory)  # None stands for zeros
        remembered: torch.Tensor = outputs[0]
        return remembered


class _SquashedGaussian:
    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def __call__(self, observations: torch.Tensor, generator: torch.Generator | None) -> torch.Tensor:
        latent = self._actor.latent_pi(self._actor.features_extractor(observations))
        actions: torch.Tensor = self._actor.mu(latent)
        if generator is not None:
            std = self._actor.log_std(latent).clamp(-20.0, 2.0).exp()  # the bounds of its own
            actions = actions + std * torch.randn(actions.shape, generator=generator)
        return actions.tanh()
