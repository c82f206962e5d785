"""What a trial of a policy costs: how much is left of the rhythm at rest, or how soon it is gone and for how much."""

import numpy as np

from rldbs.control.loop import ClosedLoop
from rldbs.control.sensor import free_std
from rldbs.core.native import Floats
from rldbs.core.sliding_window import first_window, rolling_std, sum_until
from rldbs.core.window_sums import over_contacts

QUIET = 0.1
"""S has come to 10 where std X over one period is below this part of that of a free population, as in measurements."""
LATER = 2.0
"""Where S never comes to 10, as if it came after so many times the whole trial, times what is missing."""


class SuppressionCost:
    """Mean of (X − its mean)² + price·action², at rest; of several contacts, the sum of their action².

    Args:
        price: of an action².
        loop: the environments, which have just been stepped whenever something is added.
    """

    def __init__(self, price: float, loop: ClosedLoop) -> None:
        self._price, self._loop, self._count = price, loop, 0
        self._origin, self._sums = loop.mean_field[:, -1:, 0].copy(), np.zeros((3, loop.environments))

    def add(self, given: Floats) -> None:
        """A step has been taken: the inputs as they were given, (environments, contacts)."""
        x = self._loop.mean_field[:, :, 0] - self._origin
        self._sums += x.mean(axis=1), np.square(x).mean(axis=1), np.square(given).sum(axis=1)
        self._count += 1

    def values(self) -> Floats:
        """Of every environment, (environments,)."""
        mean, square, given = self._sums / max(1, self._count)
        values: Floats = square - mean**2 + self._price * given
        return values


class OnsetCost:
    """Latency times energy to suppress, from synchrony.

    Args:
        loop: the environments, which have just been stepped whenever something is added.
    """

    def __init__(self, loop: ClosedLoop) -> None:
        self._loop = loop
        self._x: list[Floats] = []
        self._kicks: list[Floats] = []

    def add(self, given: Floats) -> None:
        """A step has been taken; whatever the actions were, the kicks count that came of them."""
        self._x.append(self._loop.mean_field[:, :, 0])
        self._kicks.append(self._loop.kicks.copy())

    def values(self) -> Floats:
        """Of every environment, (environments,)."""
        x, squares = np.concatenate(self._x, axis=1), over_contacts(np.concatenate(self._kicks, axis=1) ** 2)
        period = min(self._loop.model.period, x.shape[1])
        spread = rolling_std(x, period) / (QUIET * float(free_std(self._loop.settings.model)[0]))
        latency = first_window(spread < 1.0, period)
        found = latency * sum_until(squares, latency)
        missing = (LATER * spread.min(axis=1, initial=np.inf)) ** 2 * x.shape[1] * squares.sum(axis=1)
        values: Floats = np.where(np.isnan(latency), missing, found)
        return values
