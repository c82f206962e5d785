"""Augmented random search, with all candidates tried at the same time."""

from typing import Any

import numpy as np
import torch
from gymnasium.spaces import Discrete, Space
from sb3_contrib import ARS
from sb3_contrib.ars.policies import ARSPolicy
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch.func import functional_call, vmap


class SearchPolicy(ARSPolicy):
    """sb3-contrib's policy, with features of our own, and odd where it has no bias terms.

    Args:
        observation_space: of the environment.
        action_space: of the environment.
        features_extractor_class: what the first layer sees, made with …
        features_extractor_kwargs: … these arguments; without them, the observation as it is.
        **architecture: as for ARSPolicy.
    """

    def __init__(
        self,
        observation_space: Space[Any],
        action_space: Space[Any],
        features_extractor_class: type[BaseFeaturesExtractor] | None = None,
        features_extractor_kwargs: dict[str, Any] | None = None,
        **architecture: Any,
    ) -> None:
        self._features = features_extractor_class, features_extractor_kwargs or {}
        if isinstance(action_space, Discrete):
            architecture["with_bias"] = True  # an odd function knows no level for "nothing"
        super().__init__(observation_space, action_space, activation_fn=torch.nn.Tanh, **architecture)

    def make_features_extractor(self) -> BaseFeaturesExtractor:
        extractor, arguments = self._features
        return extractor(self.observation_space, **arguments) if extractor else super().make_features_extractor()


class PopulationARS(ARS):
    """ARS that tries all candidates at once, each in its own share of the environments.

    sb3-contrib tries one candidate after the other over whole episodes of all environments, and counts every
    environment's step once for each environment. Here a candidate is tried for ``rollout`` steps from the start of an
    episode, and every step counts once.

    Args:
        rollout: steps of each environment for a candidate.
        **arguments: as for ARS.
    """

    policy_aliases = {"MlpPolicy": SearchPolicy}  # noqa: RUF012

    def __init__(self, *args: Any, rollout: int, **arguments: Any) -> None:
        self._rollout = rollout
        super().__init__(*args, **arguments)

    def evaluate_candidates(
        self, candidate_weights: torch.Tensor, callback: BaseCallback, async_eval: Any
    ) -> torch.Tensor:
        """The mean return of each candidate's environments, float32 (candidates,)."""
        assert self.env is not None
        candidates, environments = len(candidate_weights), self.env.num_envs
        weights = self._by_name(candidate_weights)
        returns = np.zeros(environments)
        observations = self.env.reset()
        for _ in range(self._rollout):
            shared = torch.as_tensor(observations).view(candidates, environments // candidates, -1)
            actions = vmap(self._act)(weights, shared).flatten(0, 1).numpy()
            observations, rewards, _, infos = self.env.step(actions)
            returns += rewards
            self.num_timesteps += environments
            callback.update_locals({"infos": infos})
            callback.on_step()
            self._update_info_buffer(infos)
        callback.on_rollout_end()
        return torch.as_tensor(returns.reshape(candidates, -1).mean(axis=1), dtype=torch.float32)

    def _do_one_update(self, callback: BaseCallback, async_eval: Any) -> None:
        callback.on_rollout_start()  # before candidates are drawn: here the search can be saved and gone on with
        super()._do_one_update(callback, async_eval)

    def _update_current_progress_remaining(self, num_timesteps: int, total_timesteps: int) -> None:
        # of the whole budget: sb3-contrib gives that of this call of learn, which may go on with an earlier one
        super()._update_current_progress_remaining(num_timesteps, self._total_timesteps)

    def _act(self, weights: dict[str, torch.Tensor], observations: torch.Tensor) -> torch.Tensor:
        actions: torch.Tensor = functional_call(self.policy, weights, (observations,))
        return actions if actions.dim() == 1 else actions.clamp(-1.0, 1.0)

    def _by_name(self, candidate_weights: torch.Tensor) -> dict[str, torch.Tensor]:
        """The flat weights of the candidates, cut into the parameters of the policy."""
        parameters = dict(self.policy.named_parameters())
        parts = torch.split(candidate_weights, [parameter.numel() for parameter in parameters.values()], dim=1)
        return {
            name: part.reshape(-1, *parameter.shape)
            for (name, parameter), part in zip(parameters.items(), parts, strict=True)
        }
