"""Rewards: what one environment step was worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np
from annotated_types import Ge, Le

from rldbs.core.native import Floats


class Reward(Protocol):
    """What the closed loop asks of a reward."""

    @property
    def memory(self) -> int:
        """Integration steps of the mean field's past that the reward looks at, beside the step itself."""

    def reward(self, past: Floats, kicks: Floats) -> Floats:
        """The rewards of one environment step.

        Args:
            past: float64 (environments, at least memory and interval), mean field of x up to and with this
                environment step, oldest first.
            kicks: float64 (environments, interval), the kicks of this step.

        Returns:
            float64 (environments,).
        """


@dataclass(frozen=True)
class Deviation:
    """−(X − ⟨X⟩)² − β·|kick|, where ⟨X⟩ is the mean of X over the last ``window`` integration steps.

    Both terms are means over the integration steps of the environment step.
    (Krylov, Dylov, Rosenblum, Chaos 30, 033126, 2020, eq. 6, with β = 2.)
    """

    window: Annotated[int, Ge(1), Le(1_000_000)] = 160
    beta: Annotated[float, Ge(0)] = 2.0

    @property
    def memory(self) -> int:
        return self.window

    def reward(self, past: Floats, kicks: Floats) -> Floats:
        mean = past[:, -self.window :].mean(axis=1)
        return -_mean_square(past[:, -kicks.shape[1] :] - mean[:, None]) - self.beta * _mean_size(kicks)


@dataclass(frozen=True)
class Setpoint:
    """−w·(X − X0)² − β·|kick|, where X0 is the target.

    Both terms are means over the integration steps of the environment step.
    (Krylov et al., IJCAI-20, 2847–2854: w = 2, X0 = −0.4, β = 0.5 for bursting neurons. That X0 pays for shifting
    the mean; the default target of each model is its mean when it is desynchronised.)
    """

    target: float = 0.0
    weight: Annotated[float, Ge(0)] = 1.0
    beta: Annotated[float, Ge(0)] = 0.0
    memory = 1

    def reward(self, past: Floats, kicks: Floats) -> Floats:
        return -self.weight * _mean_square(past[:, -kicks.shape[1] :] - self.target) - self.beta * _mean_size(kicks)


def _mean_square(values: Floats) -> Floats:
    means: Floats = np.square(values).mean(axis=1)
    return means


def _mean_size(kicks: Floats) -> Floats:
    means: Floats = np.abs(kicks).mean(axis=1)
    return means


REWARDS: Mapping[str, type[Reward]] = {"deviation": Deviation, "setpoint": Setpoint}
"""Reward classes by the name that the configuration uses."""
