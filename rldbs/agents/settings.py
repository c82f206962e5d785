"""The settings of each agent. Free of torch, so that a configuration is checked without loading it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le, Len, Lt

Unit = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True)
class PPOSettings:
    """Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347), Stable-Baselines3."""

    rollout: Annotated[int, Ge(2), Le(1_000_000)]
    """Steps of each environment between two updates."""
    minibatch: Annotated[int, Ge(2), Le(10_000_000)]
    epochs: Annotated[int, Ge(1), Le(1000)]
    learning_rate: Annotated[float, Gt(0), Le(1)]
    learning_rate_end: Annotated[float, Ge(0), Le(1)]
    """The learning rate falls linearly from ``learning_rate`` to this."""
    gamma: Annotated[float, Ge(0), Lt(1)]
    gae_lambda: Unit
    clip: Annotated[float, Gt(0), Le(10)]
    entropy: Annotated[float, Ge(0), Le(100)]
    value_weight: Annotated[float, Ge(0), Le(100)]
    max_grad_norm: Annotated[float, Gt(0), Le(1000)]
    log_std: Annotated[float, Ge(-20), Le(5)]
    """Exploration: log standard deviation of the action at the start, in units of the amplitude."""
    log_std_end: Annotated[float, Ge(-20), Le(5)] | None
    """It falls linearly to this; None lets the learner choose it by gradient."""
    hidden: Annotated[list[Annotated[int, Ge(1), Le(65_536)]], Len(1, 16)]
    """Units of each hidden layer, for policy and value alike."""
    difference_gain: Annotated[float, Ge(0), Le(1e6)]
    """The networks also see the differences of neighbouring samples, times this; 0 leaves them out."""
    actor_bias: bool
    """Whether the actor has bias terms. Without them it is an odd function: no signal, no stimulation."""
    reward_floor: Annotated[float, Gt(0), Le(1e6)] | None
    """Learn from −log(1 + abs(reward) / this), so that a small improvement near the end of suppression counts as
    much as a large one at its beginning; None learns from the reward as it is."""
    normalize_reward: bool
    """Divide rewards by the running standard deviation of the return."""


@dataclass(frozen=True)
class NoStimulation:
    """The free population: no stimulation at all. The baseline of every table."""


AgentSettings = PPOSettings | NoStimulation
AGENTS: Mapping[str, type[AgentSettings]] = {"ppo": PPOSettings, "none": NoStimulation}
"""Agent settings by the name that the configuration uses."""
