"""What a learner that was taught does until its critics know what its actions are worth."""

from typing import Any

import torch
from torch import Tensor

ACTOR = ("actor", "action_net", "log_std", "mlp_extractor.policy_net")
"""How the names of the weights begin by which a policy acts, those of a target's own copy among them."""


class Judging:
    """Mixed into a learner that was taught: it never acts at random, and at first only its critics learn.

    An actor that knows something is spoiled by critics that know nothing.
    """

    judging = 0
    """Environment steps until the actor learns, too."""
    num_timesteps: int
    policy: Any

    def train(self, *args: Any, **kwargs: Any) -> None:
        judges = self.num_timesteps <= self.judging
        kept = {name: tensor.clone() for name, tensor in self._acting().items()} if judges else {}
        super().train(*args, **kwargs)  # type: ignore[misc]
        with torch.no_grad():
            for name, tensor in kept.items():
                self._acting()[name].copy_(tensor)

    def _acting(self) -> dict[str, Tensor]:
        return {name: tensor for name, tensor in self.policy.state_dict().items() if name.startswith(ACTOR)}

    def _sample_action(self, learning_starts: int, *args: Any, **kwargs: Any) -> Any:
        return super()._sample_action(0, *args, **kwargs)  # type: ignore[misc]
