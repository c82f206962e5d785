"""Stimuli: how one action becomes the kicks of one environment step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.core.native import Floats


class Stimulus(Protocol):
    """What the closed loop asks of a stimulus."""

    @property
    def interval(self) -> int:
        """Integration steps of one environment step."""

    @property
    def amplitude(self) -> float:
        """The largest kick, in units of x: actions in [−1, 1] are scaled by it."""

    @property
    def levels(self) -> int | None:
        """Equally spaced amplitudes from which an action chooses; None where it may be any."""

    @property
    def action_size(self) -> int:
        """Numbers in one action."""

    def kicks(self, actions: Floats) -> Floats:
        """The kicks of one environment step.

        Args:
            actions: float64 (environments, action_size), within [−1, 1].

        Returns:
            float64 (environments, interval): added to x of every neuron before each integration step.
        """


@dataclass(frozen=True)
class Delta:
    """One kick of amplitude·action at the first integration step of every environment step."""

    amplitude: Annotated[float, Gt(0), Le(100)] = 1.0
    interval: Annotated[int, Ge(1), Le(10_000)] = 1
    levels: Annotated[int, Ge(2), Le(10_001)] | None = None
    action_size = 1

    def kicks(self, actions: Floats) -> Floats:
        kicks = np.zeros((len(actions), self.interval))
        kicks[:, 0] = self.amplitude * actions[:, 0]
        return kicks


STIMULI: Mapping[str, type[Stimulus]] = {"delta": Delta}
"""Stimulus classes by the name that the configuration uses."""
