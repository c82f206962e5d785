"""The settings of learners that learn from what their present policy does."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le

from rldbs.agents.settings.shared import Count, Free, Layer, LogStd, Unit, ValueSettings, Weight, weights_between


@dataclass(frozen=True)
class OnPolicySettings(ValueSettings):
    """What on-policy learners share."""

    rollout: Annotated[int, Ge(2), Le(1_000_000)]
    """Steps of each environment between two updates."""
    gae_lambda: Unit
    log_std: LogStd
    """Exploration: log standard deviation of the action at the start, in units of the amplitude. Among levels the
    policy learns a probability for each, and neither this nor ``log_std_end`` has a meaning."""
    log_std_end: LogStd | None
    """It falls linearly to this; None lets the learner choose it by gradient."""
    actor_bias: bool
    """Whether the actor has bias terms. Without them it is an odd function: no signal, no stimulation. Among levels
    it always has them."""
    past_kicks: Annotated[int, Ge(0), Le(10_000)]
    """So many of its own last kicks the networks see, too, in units of x, and times ``difference_gain`` where there is
    one."""

    least_stretch = 2

    @property
    def stretch(self) -> int:
        return self.rollout

    @property
    def remembered(self) -> int:
        return self.past_kicks

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "n_steps": self.rollout, "gae_lambda": self.gae_lambda}

    def network(self) -> dict[str, Any]:
        return {**super().network(), "log_std_init": self.log_std}


@dataclass(frozen=True)
class PPOSettings(OnPolicySettings):
    """Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347), Stable-Baselines3."""

    algorithm = "rldbs.agents.ppo.PopulationPPO"

    minibatch: Annotated[int, Ge(2), Le(10_000_000)]
    epochs: Annotated[int, Ge(1), Le(1000)]
    clip: Annotated[float, Gt(0), Le(10)]
    entropy: Weight
    value_weight: Weight
    max_grad_norm: Annotated[float, Gt(0), Le(1000)]

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "batch_size": self.minibatch,
            "n_epochs": self.epochs,
            "clip_range": self.clip,
            "ent_coef": self.entropy,
            "vf_coef": self.value_weight,
            "max_grad_norm": self.max_grad_norm,
        }

    def following(self, steps: int, envs: int, free: Free) -> dict[str, int]:
        found = super().following(steps, envs, free)
        rollout, envs = found.get("agent.rollout", self.rollout), found.get("envs", envs)
        return {**found, **_fitting(self.minibatch, rollout, envs, free)}

    def objection(self, steps: int, envs: int) -> str | None:
        return super().objection(steps, envs) or _too_few(self.minibatch, self.rollout, envs)


@dataclass(frozen=True)
class RecurrentPPOSettings(PPOSettings):
    """PPO whose networks remember (LSTM; Hochreiter, Schmidhuber 1997), sb3-contrib."""

    algorithm = "sb3_contrib.RecurrentPPO"
    policy = "MlpLstmPolicy"

    memory: Layer
    """Units of the LSTM before the hidden layers, one for the actor and one for the critic."""

    def network(self) -> dict[str, Any]:
        return {**super().network(), "lstm_hidden_size": self.memory}

    def least_weights(self, inputs: int) -> int:
        gates = 4
        return gates * self.memory * (inputs + self.memory) + weights_between([self.memory, *self.hidden])


@dataclass(frozen=True)
class A2CSettings(OnPolicySettings):
    """Advantage actor-critic (Mnih et al. 2016, arXiv:1602.01783), Stable-Baselines3."""

    algorithm = "rldbs.agents.rollout.PopulationA2C"

    entropy: Weight
    value_weight: Weight
    max_grad_norm: Annotated[float, Gt(0), Le(1000)]
    normalize_advantage: bool
    """Whether the advantages of a rollout are standardised."""

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "ent_coef": self.entropy,
            "vf_coef": self.value_weight,
            "max_grad_norm": self.max_grad_norm,
            "normalize_advantage": self.normalize_advantage,
        }


@dataclass(frozen=True)
class TRPOSettings(OnPolicySettings):
    """Trust region policy optimisation (Schulman et al. 2015, arXiv:1502.05477), sb3-contrib."""

    algorithm = "rldbs.agents.rollout.PopulationTRPO"

    target_kl: Annotated[float, Gt(0), Le(10)]
    """Largest Kullback–Leibler divergence between the policies before and after an update."""
    minibatch: Annotated[int, Ge(2), Le(10_000_000)]
    """Samples of one gradient step of the value network."""
    value_epochs: Annotated[int, Ge(1), Le(1000)]
    search_steps: Count
    """Steps of the conjugate gradient, by which the direction of the policy's step is found."""
    damping: Annotated[float, Ge(0), Le(100)]
    """Added to the diagonal of the Fisher matrix."""

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "target_kl": self.target_kl,
            "batch_size": self.minibatch,
            "n_critic_updates": self.value_epochs,
            "cg_max_steps": self.search_steps,
            "cg_damping": self.damping,
        }

    def following(self, steps: int, envs: int, free: Free) -> dict[str, int]:
        found = super().following(steps, envs, free)
        rollout, envs = found.get("agent.rollout", self.rollout), found.get("envs", envs)
        return {**found, **_fitting(self.minibatch, rollout, envs, free)}

    def objection(self, steps: int, envs: int) -> str | None:
        return super().objection(steps, envs) or _too_few(self.minibatch, self.rollout, envs)


def _fitting(minibatch: int, rollout: int, envs: int, free: Free) -> dict[str, int]:
    """A minibatch gives way to a rollout with fewer samples."""
    return {"agent.minibatch": envs * rollout} if envs * rollout < minibatch and free("agent.minibatch") else {}


def _too_few(minibatch: int, rollout: int, envs: int) -> str | None:
    if envs * rollout < minibatch:
        return (
            f"agent.minibatch={minibatch}: must be at most envs × agent.rollout = {envs} × {rollout} = {envs * rollout}"
        )
    return None
