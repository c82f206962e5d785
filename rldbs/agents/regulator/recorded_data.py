"""What was recorded under the regulator of every price, and the model that explains it there."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.regulator.identification import Model, Regression, best_model
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Arrays, Named, part, prefixed, take

LOUD, CLIPPED, FEW = 2.0, 0.02, 4
"""What is not identified from: stretches louder than so many times the quietest, or with actions at their limits in
more than this part of the steps, where they should not be and that leaves a few."""
UNHEARD = 1e12
"""Louder than anything: the loudness of a price of which nothing is recorded yet."""
HELD_OUT = 0.25
"""Part of every stretch, at its end, on which orders are compared."""
NEIGHBOUR = 0.5
"""What data of the next price count for a model, against those of its own; of the one after that, as much of this."""


class Stretch(NamedTuple):
    """What an environment has shown between two restarts."""

    y: Floats
    """The signals, float64 (length, signals)."""
    u: Floats
    """The inputs, float64 (length, contacts)."""
    x: Floats | None = None
    """The mean field at every step until the next decision, where that counts, float64 (length, steps)."""

    @property
    def loudness(self) -> float:
        """Of several signals, the root of their mean square."""
        return float(np.sqrt(self.y.var(axis=0).mean())) if len(self.y) else np.inf

    @property
    def clipped(self) -> float:
        """Part of the actions that is at its limits."""
        return float((np.abs(self.u) >= 1.0).mean()) if len(self.u) else 1.0


class RecordedData:
    """All that was recorded so far, price by price, as regressions.

    A regulator is made from what the system does under it and its neighbours: regulators of several prices show more of
    a closed loop than any one of them, and a nearly quiet field is not quite the system that a loud one is. Every
    stretch counts in units of its own loudness. Where a price comes to be much quieter than before, what was recorded
    of it before is forgotten.

    Args:
        settings: of the learner.
        loop: the environment.
    """

    def __init__(self, settings: LQGSettings, loop: LoopSettings) -> None:
        self._settings = settings
        self._loudness = np.full(len(settings.prices), UNHEARD)
        order, late, between = max(settings.orders), settings.late(loop), settings.between(loop)
        numbers = len(settings.signals(loop)), settings.contacts(loop)
        self._seen, self._held_out = (
            [Regression(order, late, between, *numbers) for _ in settings.prices] for _ in range(2)
        )

    def take_in(self, price: int, stretches: Sequence[Stretch]) -> list[Stretch]:
        """Have the quiet ones of a price's stretches; which those are."""
        usable = quiet(stretches, CLIPPED if self._settings.demand == 1.0 else 1.0)
        loudness = float(np.median([stretch.loudness for stretch in usable]))
        if loudness < self._loudness[price] / LOUD:
            self._seen[price].forget()
            self._held_out[price].forget()
            self._loudness[price] = loudness
        for stretch in usable:
            scale = stretch.loudness or 1.0
            y, u = (stretch.y - stretch.y.mean(axis=0)) / scale, stretch.u / scale
            end = len(y) - int(HELD_OUT * len(y))
            x = None if stretch.x is None else (stretch.x - stretch.x.mean()) / scale
            for regression, rows in ((self._seen[price], slice(end)), (self._held_out[price], slice(end, None))):
                regression.add(y[rows], u[rows], None if x is None else x[rows])
        return usable

    def model(self, price: int) -> Model:
        """The model for the regulator of a price."""
        shares = NEIGHBOUR ** np.abs(np.arange(len(self._seen)) - price)
        seen, held_out = (Regression.mixed(each, shares) for each in (self._seen, self._held_out))
        return best_model(seen, held_out, self._settings.orders, self._settings.ridge)

    def arrays(self) -> Arrays:
        """All of it, by name."""
        found: Arrays = {"loudness": self._loudness.copy()}
        for name, regressions in (("seen", self._seen), ("held_out", self._held_out)):
            for k, regression in enumerate(regressions):
                found |= prefixed(f"{name}.{k}", regression.arrays())
        return found

    def restore(self, arrays: Named) -> None:
        """Have taken in what :meth:`arrays` tells.

        Raises:
            RunError: the arrays are not those of such data.
        """
        self._loudness[:] = take(arrays, "loudness", self._loudness.shape, np.float64)
        for name, regressions in (("seen", self._seen), ("held_out", self._held_out)):
            for k, regression in enumerate(regressions):
                regression.restore(part(f"{name}.{k}", arrays))


def quiet(stretches: Sequence[Stretch], clipped: float = CLIPPED) -> list[Stretch]:
    """Those that are nearly as quiet as the quietest, with no more actions at their limits; a few in any case."""
    loud = np.array([stretch.loudness for stretch in stretches])
    order, few = np.argsort(loud, kind="stable"), min(FEW, len(loud))
    allowed = np.array([stretch.clipped for stretch in stretches]) <= clipped
    usable: NDArray[np.intp] = np.flatnonzero((loud <= LOUD * loud[order[(few - 1) // 2]]) & allowed)
    if len(usable) < few:
        usable = np.sort(order[:few])
    return [stretches[k] for k in usable.tolist()]
