"""The settings of learners that learn from a store of transitions, and choose any amplitude."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le

from rldbs.agents.settings.shared import Count, Free, LogStd, ValueSettings, weights_between

Small = Annotated[float, Gt(0), Le(1)]
Noise = Annotated[float, Ge(0), Le(2)]
Critics = Annotated[int, Ge(1), Le(100)]


@dataclass(frozen=True)
class OffPolicySettings(ValueSettings):
    """What off-policy learners share."""

    transitions: Annotated[int, Ge(1000), Le(100_000_000)]
    """Transitions that are kept to learn from."""
    warmup: Annotated[int, Ge(0), Le(10**9)]
    """Environment steps, all environments together, with uniformly random actions before learning begins."""
    minibatch: Annotated[int, Ge(2), Le(1_000_000)]
    update_every: Annotated[int, Ge(1), Le(100_000)]
    """Steps of each environment between two rounds of updates."""
    updates: Annotated[int, Ge(1), Le(100_000)]
    """Gradient steps of a round."""
    returns: Annotated[int, Ge(1), Le(1000)]
    """Rewards that are summed up before the critic's own estimate follows (n-step returns)."""

    takes = ("amplitudes",)

    @property
    def stretch(self) -> int:
        return 64

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "buffer_size": self.transitions,
            "learning_starts": self.warmup,
            "batch_size": self.minibatch,
            "train_freq": self.update_every,
            "gradient_steps": self.updates,
        }

    def following(self, steps: int, envs: int, free: Free) -> dict[str, int]:
        found, warmup = {}, self.warmup
        if steps <= warmup and free("agent.warmup"):
            warmup = found["agent.warmup"] = steps // 10
        if envs > steps - warmup >= 1 and free("envs"):
            envs = found["envs"] = steps - warmup
        most = (steps - warmup) // envs
        if self.update_every > most >= 1 and free("agent.update_every"):
            found["agent.update_every"] = most
        if self.transitions < envs * self.returns and free("agent.transitions"):
            found["agent.transitions"] = envs * self.returns
        return found

    def objection(self, steps: int, envs: int) -> str | None:
        if steps <= self.warmup:
            return f"steps={steps}: must be above agent.warmup={self.warmup}, or nothing is learned"
        if envs * self.update_every > steps - self.warmup:
            return (
                f"agent.update_every={self.update_every}: must be at most (steps − agent.warmup) / envs = "
                f"{(steps - self.warmup) // envs}"
            )
        if self.transitions < envs * self.returns:
            least = envs * self.returns
            return (
                f"agent.transitions={self.transitions}: must be at least envs × agent.returns = "
                f"{envs} × {self.returns} = {least}"
            )
        return None


@dataclass(frozen=True)
class EntropySettings(OffPolicySettings):
    """What learners share whose policy is as random as its entropy is held."""

    log_std: LogStd
    """Exploration: log standard deviation of the action at the start, in units of the amplitude."""
    target_entropy: Annotated[float, Ge(-100), Le(100)]
    """The entropy that is held: −1 is a standard deviation of 0.09 in units of the amplitude, −2 of 0.03."""
    entropy: Annotated[float, Gt(0), Le(100)]
    """Weight of the entropy at the start; from there it is learned."""

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "target_entropy": self.target_entropy,
            "ent_coef": f"auto_{self.entropy}",
        }


@dataclass(frozen=True)
class SACSettings(EntropySettings):
    """Soft actor-critic (Haarnoja et al. 2018, arXiv:1801.01290), Stable-Baselines3."""

    algorithm = "stable_baselines3.SAC"

    tau: Small
    """How far the target networks follow at each gradient step."""

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "tau": self.tau}


@dataclass(frozen=True)
class TQCSettings(SACSettings):
    """Truncated quantile critics (Kuznetsov et al. 2020, arXiv:2005.04269), sb3-contrib."""

    algorithm = "sb3_contrib.TQC"

    critics: Critics
    quantiles: Annotated[int, Ge(1), Le(1000)]
    """Quantiles of the return that each critic tells."""
    dropped: Annotated[int, Ge(0), Le(1000)]
    """Of these, the highest that are left out of the target, for each critic."""

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "top_quantiles_to_drop_per_net": self.dropped}

    def network(self) -> dict[str, Any]:
        return {**super().network(), "n_critics": self.critics, "n_quantiles": self.quantiles}

    def least_weights(self, inputs: int) -> int:
        return self.critics * weights_between([inputs, *self.hidden, self.quantiles])

    def following(self, steps: int, envs: int, free: Free) -> dict[str, int]:
        found = super().following(steps, envs, free)
        if self.dropped >= self.quantiles and free("agent.dropped"):
            found["agent.dropped"] = self.quantiles - 1
        return found

    def objection(self, steps: int, envs: int) -> str | None:
        if self.dropped >= self.quantiles:
            return f"agent.dropped={self.dropped}: must be below agent.quantiles={self.quantiles}, or none is left"
        return super().objection(steps, envs)


@dataclass(frozen=True)
class CrossQSettings(EntropySettings):
    """CrossQ: SAC with batch normalisation, without targets (Bhatt et al. 2024, arXiv:1902.05605), sb3-contrib."""

    algorithm = "sb3_contrib.CrossQ"

    actor_every: Count
    """Gradient steps of the critics for each one of the actor."""
    renorm_after: Annotated[int, Ge(0), Le(10**9)]
    """Gradient steps until running statistics normalise instead of those of the minibatch."""

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "policy_delay": self.actor_every}

    def network(self) -> dict[str, Any]:
        return {**super().network(), "renorm_warmup_steps": self.renorm_after}


@dataclass(frozen=True)
class DDPGSettings(OffPolicySettings):
    """Deep deterministic policy gradient (Lillicrap et al. 2015, arXiv:1509.02971), Stable-Baselines3."""

    algorithm = "stable_baselines3.DDPG"
    stochastic = False

    tau: Small
    """How far the target networks follow at each gradient step."""
    noise: Noise
    """Exploration: standard deviation that is added to the action at the start, in units of the amplitude."""
    noise_end: Noise
    """It falls to this, linearly in its logarithm where neither is 0."""

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "tau": self.tau}

    def network(self) -> dict[str, Any]:
        return {**super().network(), "n_critics": 1}


@dataclass(frozen=True)
class TD3Settings(DDPGSettings):
    """Twin delayed deep deterministic policy gradient (Fujimoto et al. 2018, arXiv:1802.09477), Stable-Baselines3."""

    algorithm = "stable_baselines3.TD3"

    actor_every: Count
    """Gradient steps of the critics for each one of the actor."""
    target_noise: Noise
    """Standard deviation that is added to the target's action, in units of the amplitude, …"""
    target_noise_clip: Noise
    """… and its largest size."""

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "policy_delay": self.actor_every,
            "target_policy_noise": self.target_noise,
            "target_noise_clip": self.target_noise_clip,
        }

    def network(self) -> dict[str, Any]:
        return {**super().network(), "n_critics": 2}
