"""The settings of learners that choose among the levels of a stimulus."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le

from rldbs.agents.settings.off_policy import OffPolicySettings, Small
from rldbs.agents.settings.shared import Unit


@dataclass(frozen=True)
class DQNSettings(OffPolicySettings):
    """Deep Q-network (Mnih et al. 2015), Stable-Baselines3; needs stimulus.levels."""

    algorithm = "stable_baselines3.DQN"
    takes = ("levels",)
    stochastic = False

    tau: Small
    """How far the target network follows at each of its updates."""
    target_every: Annotated[int, Ge(1), Le(10**9)]
    """Environment steps, all environments together, between two updates of the target network."""
    random: Unit
    """Exploration: share of steps with levels at random at the start; it falls linearly …"""
    random_end: Unit
    """… to this …"""
    random_until: Annotated[float, Gt(0), Le(1)]
    """… over this share of the budget."""
    max_grad_norm: Annotated[float, Gt(0), Le(1000)]

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "tau": self.tau,
            "target_update_interval": self.target_every,
            "exploration_initial_eps": self.random,
            "exploration_final_eps": self.random_end,
            "exploration_fraction": self.random_until,
            "max_grad_norm": self.max_grad_norm,
        }


@dataclass(frozen=True)
class QRDQNSettings(DQNSettings):
    """Quantile-regression DQN (Dabney et al. 2017, arXiv:1710.10044), sb3-contrib; needs stimulus.levels."""

    algorithm = "sb3_contrib.QRDQN"

    quantiles: Annotated[int, Ge(1), Le(1000)]
    """Quantiles of the return that are learned for each level."""

    def network(self) -> dict[str, Any]:
        return {**super().network(), "n_quantiles": self.quantiles}
