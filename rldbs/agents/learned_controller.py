"""A learned policy as a controller."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy

from rldbs.agents.action_distribution import draw
from rldbs.agents.inference import Floats, Forward, Memory, linear_features, with_tanh
from rldbs.agents.perceptron import layers_of
from rldbs.control.loop import ClosedLoop
from rldbs.envs.spaces import box_actions

Choice = Callable[[Floats, torch.Generator | None], NDArray[Any]]
"""Observations (environments, size), and what draws the actions → actions, or indices of levels."""


class LearnedController:
    """The actor of a trained policy, as it is now. With a memory, it remembers from one call to the next.

    Args:
        policy: the trained policy.
        loop: an environment as that which it was trained for.
        generator: draws the actions of a stochastic policy; None for the deterministic one.
    """

    def __init__(self, policy: BasePolicy, loop: ClosedLoop, generator: torch.Generator | None = None) -> None:
        policy.set_training_mode(False)
        self._loop, self._generator, self._choose = loop, generator, _choice(policy)

    def act(self, observations: Floats) -> Floats:
        chosen = self._choose(observations, self._generator)
        if self._loop.settings.stimulus.levels is not None:
            return box_actions(self._loop, chosen).astype(np.float32)
        return np.minimum(np.maximum(chosen, np.float32(-1.0)), np.float32(1.0))


def _choice(policy: BasePolicy) -> Choice:
    """How a policy chooses: in NumPy, where its network has nothing but layers; never by the global generator."""
    if isinstance(policy, ActorCriticPolicy):
        return _ActorCritic(policy)
    if hasattr(policy, "actor") and hasattr(policy.actor, "latent_pi"):
        return _SquashedGaussian(policy.actor)
    return torch.no_grad()(
        lambda observations, _: policy._predict(torch.from_numpy(observations), deterministic=True).numpy()
    )


class _ActorCritic:
    def __init__(self, policy: ActorCriticPolicy) -> None:
        self._policy = policy
        features: Floats | None = linear_features(policy.pi_features_extractor, policy.observation_space.shape[0])  # type: ignore[index]
        self._memory: Memory | None = None
        if isinstance(policy, RecurrentActorCriticPolicy):
            self._memory, features = Memory(policy.lstm_actor, features), None
        last: Any = policy.action_net
        self._network = Forward([*with_tanh(layers_of(policy.mlp_extractor.policy_net)), last], features)
        self._std: Floats | None = policy.log_std.detach().exp().numpy() if hasattr(policy, "log_std") else None

    def __call__(self, observations: Floats, generator: torch.Generator | None) -> NDArray[Any]:
        outputs: NDArray[Any] = self._network(observations if self._memory is None else self._memory(observations))
        if generator is None:
            return outputs.argmax(axis=1) if self._std is None else outputs
        drawn: NDArray[Any]
        if self._std is not None:  # as draw does, without what torch takes for so little
            drawn = outputs + self._std * torch.randn(outputs.shape, generator=generator).numpy()
        else:
            with torch.no_grad():
                drawn = draw(self._policy, torch.from_numpy(outputs), generator).numpy()
        return drawn


class _SquashedGaussian:
    def __init__(self, actor: Any) -> None:
        size = actor.observation_space.shape[0]
        self._latent: Callable[[Floats], Floats]
        try:
            self._latent = Forward(actor.latent_pi, linear_features(actor.features_extractor, size))
        except ValueError:  # batch normalisation
            self._latent = torch.no_grad()(
                lambda seen: actor.latent_pi(actor.features_extractor(torch.from_numpy(seen))).numpy()
            )
        self._mean, self._log_std = Forward([actor.mu]), Forward([actor.log_std])

    def __call__(self, observations: Floats, generator: torch.Generator | None) -> NDArray[Any]:
        latent = self._latent(observations)
        actions = self._mean(latent)
        if generator is not None:
            std = np.exp(np.clip(self._log_std(latent), -20.0, 2.0))  # the bounds of its own
            actions = actions + std * torch.randn(actions.shape, generator=generator).numpy()
        return np.tanh(actions)
