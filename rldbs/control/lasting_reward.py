"""A reward for desynchronisation that lasts: synchrony, weights that keep it up, and the price of stimulation."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.core.native import Floats


@dataclass(frozen=True)
class Lasting:
    """−χ² − pull·max(0, w/target − 1) − price·|kick|, for networks with plastic synapses.

    χ² is the mean over the last ``window`` ms, w the mean weight now, and the last term a mean over the environment
    step. While w is above ``target`` the network comes back to synchrony by itself, and below it does not, so that what
    stimulation has done lasts. Pulses make neurons fire together: they cost χ², too, so that weights have to count for
    more than that, or to do nothing pays.
    (Schmalz, Kumar, Front. Comput. Neurosci. 13, 61, 2019, for what lasts.)
    """

    dt: Annotated[float, Gt(0), Le(10)] = 1.0
    """Of a step, in ms; so is the window."""
    window: Annotated[float, Gt(0), Le(60_000)] = 120.0
    target: Annotated[float, Gt(0), Le(10)] = 0.577
    pull: Annotated[float, Ge(0), Le(1000)] = 10.0
    price: Annotated[float, Ge(0)] = 0.3
    """For each mV."""
    variables = "synchrony", "weight"

    @property
    def memory(self) -> int:
        return max(1, round(self.window / self.dt))

    def reward(self, past: Floats, kicks: Floats, x: Floats) -> Floats:
        synchrony, weight = past[0, :, -self.memory :], past[1, :, -1]
        given = np.abs(kicks).reshape(*kicks.shape[:2], -1).sum(axis=2).mean(axis=1)
        above = np.maximum(weight / self.target - 1.0, 0.0)
        cost: Floats = np.square(synchrony).mean(axis=1) + self.pull * above + self.price * given
        return -cost
