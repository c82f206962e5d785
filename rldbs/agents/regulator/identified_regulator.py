"""The controller that an identified model makes: it knows every input, follows the mean, is careful when loud."""

import math
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.actor_weights import Shapes, check_shapes
from rldbs.agents.inference import Weights
from rldbs.agents.regulator.continued_signal import ContinuedSignal
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.stimulus import delivered, level_values
from rldbs.core.errors import RunError
from rldbs.core.native import Floats

AVERAGED = 0.5
"""Periods over which the mean of a loud signal is taken, and with which that of a quiet one begins."""


class Sizes(NamedTuple):
    """How much room the weights of a regulator have, whatever order was identified."""

    outputs: int
    inputs: int
    gains: int
    """Prices for which there are gains."""
    prices: int
    """Those of them that may act."""

    @classmethod
    def of(cls, settings: LQGSettings, loop: LoopSettings) -> "Sizes":
        order = max(settings.orders)
        return cls(order, order + settings.late(loop), len(settings.ladder), len(settings.prices))

    @classmethod
    def acting(cls, settings: LQGSettings, loop: LoopSettings, weights: Weights) -> "Sizes":
        """Of weights that may come from an environment that was not as late as this one, or later."""
        own = cls.of(settings, loop)
        shape = weights["inputs"].shape if "inputs" in weights else ()
        return own._replace(inputs=shape[1]) if len(shape) == 2 and shape[1] >= own.outputs else own

    def shapes(self) -> Shapes:
        return {
            "outputs": (self.prices, self.outputs),
            "inputs": (self.prices, self.inputs),
            "gains": (self.gains, self.outputs + self.inputs - 1),
            "mixture": (self.gains + 1, self.gains + 2),
            "rest": (),
            "loudness": (),
            "error": (self.prices,),
            "period_error": (self.prices,),
            "deviation": (self.prices,),
            "chosen": (),
        }

    @property
    def plain(self) -> Floats:
        """The mixture in which on every rung that acts which it belongs to."""
        return np.eye(self.gains + 1, self.gains + 2)

    def empty(self) -> dict[str, Floats]:
        """Weights before anything is identified: the stabilising controller acts always."""
        weights = {name: np.zeros(shape) for name, shape in self.shapes().items()}
        return {**weights, "mixture": self.plain}


class Constants(NamedTuple):
    """The numbers that a regulator acts by; times in decisions."""

    order: int
    """Outputs of the past that it knows; inputs are the rest of what it knows."""
    feedback: Floats
    """(known, gains): what each regulator wants for each number of the past."""
    mixture: Floats
    """(gains + 1, gains + 2)."""
    plain: bool
    """Whether that mixes nothing."""
    trusted: Floats
    """(gains,): the power of the signal up to which each may act."""
    chosen: int
    """The lowest price that may act."""
    fade: float
    """Part of what was wanted and of the power that is remembered at the next decision."""
    wait: float
    """Decisions before which only the stabilising controller acts."""
    averaged: float
    """Decisions over which the mean of a loud signal is taken."""
    mean_rate: float
    """Part of the mean that a decision replaces, at least."""


class Regulator:
    """Chooses inputs from the last outputs and inputs: those that the regulator of a price would give.

    It goes up a ladder. The price that was chosen holds as long as the kicks that its regulator has wanted lately were
    possible ones; else the next higher one of which that is so. Where the signal is much louder than any at which the
    model was identified, the stabilising controller acts, and so it does until the signal has been seen for a while.
    What acts on a rung is a row of the mixture: the shares of all that is wanted.

    Args:
        settings: of the learner.
        loop: the environment.
        weights: as :meth:`Sizes.shapes` names them; they are copied.

    Attributes:
        signal: the recorded variable at the last decision, float64 (environments,).
        output: the same from its slow mean.
        given: the action that the stimulus has made of that decision, float64 (environments,).
        wanted: the action that every regulator would have taken, the stabilising controller, and last the same a
            quarter of a cycle later where a mixture may need it, float64 (environments, gains + 2).
        rung: which of them were to act, int (environments,).

    Raises:
        RunError: the weights do not fit, or are not finite.
    """

    def __init__(self, settings: LQGSettings, loop: LoopSettings, weights: Weights) -> None:
        sizes = Sizes.acting(settings, loop, weights)
        check_shapes(sizes.shapes(), weights, (), np.float64)
        chosen = float(weights["chosen"])
        if chosen not in range(sizes.prices):
            raise RunError(f"policy weights chosen: must be from 0 to {sizes.prices - 1}, is {chosen}")
        self._loop, self._settings = loop, settings
        self._order = order = _used(weights["outputs"])
        known = order + _used(weights["inputs"]) - 1
        columns = np.r_[0:order, sizes.outputs : sizes.outputs + known - order]
        self._feedback = np.ascontiguousarray(-weights["gains"][:, columns].T)  # (known, gains)
        self._mixture = weights["mixture"].copy()
        self._plain = bool((self._mixture == sizes.plain).all())
        self._gains, self._known = sizes.gains, known
        self.rest = float(weights["rest"])
        self._trusted = _heard(weights, sizes, settings) ** 2
        self._chosen: NDArray[np.intp] | int = int(chosen)
        interval, period = loop.stimulus.interval, loop.model.period
        self._fade = math.exp(-interval / (settings.hold * period))
        self._wait = settings.hold * period / interval
        self._averaged = AVERAGED * period / interval
        self._mean_rate = min(1.0, settings.mean_rate * interval)
        self._rows = -1

    @property
    def constants(self) -> Constants:
        """The numbers that it acts by, as it was made."""
        numbers = self._trusted, int(self._chosen), self._fade, self._wait, self._averaged, self._mean_rate
        return Constants(self._order, self._feedback, self._mixture, self._plain, *numbers)

    def mix(self, mixtures: Floats) -> None:
        """Have another mixture, float64 (gains + 1, gains + 2), or one for each environment, with that axis before."""
        self._mixture, self._plain = mixtures, False

    def choose(self, rungs: NDArray[np.intp]) -> None:
        """Let every environment have a lowest price of its own: int (environments,), from 0 on."""
        self._chosen = rungs

    def restart(self, rows: NDArray[np.intp]) -> None:
        """The environments ``rows`` begin anew: what was known of them is forgotten.

        The stabilising controller forgets by itself, over a period or so.
        """
        if self._rows < 0:
            return
        self._continued.restart(rows)
        self._past[rows], self._peaks[rows], self._power[rows] = 0.0, 0.0, 0.0
        self._age[rows] = self._calm[rows] = 0

    def branched(self, sources: NDArray[np.intp]) -> "Regulator":
        """A copy in which environment i goes on as environment sources[i] does; its stabilising controller is fresh."""
        other = copy(self)
        other._rows, other._continued = len(sources), self._continued.branched(sources)
        other._stabilizers = self._settings.stabilizers(self._loop)
        for name in ("_past", "_peaks", "_power", "_mean", "_age", "_calm"):
            setattr(other, name, getattr(self, name)[sources])
        return other

    @property
    def loud(self) -> NDArray[np.bool_]:
        """Where the stabilising controller was to act at the last decision, bool (environments,)."""
        return np.asarray(self.rung == self._gains)

    def __call__(self, observations: NDArray[np.float32], excitation: Floats | None = None) -> NDArray[Any]:
        """Actions, float32 (environments, action_size), or numbers of levels (environments,).

        Args:
            observations: float32 (environments, size).
            excitation: added to the action, float64 (environments,).
        """
        if self._rows != len(observations):
            self._begin(len(observations))
        past, order = self._past, self._order
        past[:, 1:order] = past[:, : order - 1].copy()
        self.output = past[:, 0] = self._deviation(observations)
        wanted = self._demands(observations)
        self.rung = self._rung(wanted)
        self._calm += 1
        self._calm[self.rung == self._gains] = 0
        action = self._mixed(wanted)
        if excitation is not None:
            action = action + excitation
        chosen = self._give(action)
        if past.shape[1] > order:
            past[:, order + 1 :] = past[:, order:-1].copy()
            past[:, order] = self.given
        self._age += 1
        return chosen

    def _mixed(self, wanted: Floats) -> Floats:
        """What the mixture of each environment's rung makes of what is wanted, (environments,)."""
        rows = np.arange(self._rows)
        if self._plain:
            return np.asarray(wanted[rows, self.rung])
        shares = self._mixture[self.rung] if self._mixture.ndim == 2 else self._mixture[rows, self.rung]
        return np.asarray((shares * wanted).sum(axis=1))

    def _begin(self, rows: int) -> None:
        self._rows = rows
        self._continued = ContinuedSignal(self._loop, self._settings.channel)
        self._stabilizers = self._settings.stabilizers(self._loop)
        self._past, self._peaks = np.zeros((rows, self._known)), np.zeros((rows, self._gains))
        self._power, self._mean = np.zeros(rows), np.zeros(rows)
        self._age, self._calm = np.zeros(rows, np.int64), np.zeros(rows, np.int64)

    def _deviation(self, observations: NDArray[np.float32]) -> Floats:
        """The signal from its slow mean: that of all since it came to rest, and so following less and less."""
        self.signal = self._continued(observations)
        self._mean = np.where(self._age == 0, self.rest, self._mean)
        deviation = self.signal - self._mean
        self._mean += np.maximum(self._mean_rate, 1.0 / (self._averaged + self._calm)) * deviation
        return deviation

    def _demands(self, observations: NDArray[np.float32]) -> Floats:
        """What each regulator and the stabilising controllers would do: (environments, gains + 2)."""
        wanted = np.zeros((self._rows, self._gains + 2))
        np.matmul(self._past, self._feedback, out=wanted[:, :-2])
        amplitude = self._loop.stimulus.amplitude
        for column, stabilizer in enumerate(self._stabilizers[: 1 if self._plain else 2], self._gains):
            wanted[:, column] = stabilizer.kick(observations) / amplitude
        self.wanted = wanted
        return wanted

    def _rung(self, wanted: Floats) -> NDArray[np.intp]:
        """Who acts: the number of a price, or that of the stabilising controller."""
        new = 1.0 - self._fade
        self._peaks = np.maximum(np.abs(wanted[:, :-2]), self._peaks * self._fade)
        self._power += new * (self.output**2 - self._power)
        quiet = (self._power[:, None] <= self._trusted) & (self._age >= self._wait)[:, None]
        able = (self._peaks <= 1.0) & quiet
        able &= np.arange(self._gains) >= np.reshape(self._chosen, (-1, 1))
        return np.where(able.any(axis=1), able.argmax(axis=1), self._gains)

    def _give(self, action: Floats) -> NDArray[Any]:
        """Choose the actions, and know what the stimulus makes of them."""
        stimulus = self._loop.stimulus
        within = np.clip(action, -1.0, 1.0)
        if stimulus.levels is not None:
            levels = np.rint((within + 1.0) / 2.0 * (stimulus.levels - 1)).astype(np.intp)
            chosen: NDArray[Any] = levels
            self.given = level_values(stimulus.levels)[levels]
        else:
            chosen = np.zeros((self._rows, stimulus.action_size), np.float32)
            chosen[:, 0] = within
            self.given = chosen[:, 0].astype(np.float64)
        saturation, resolution = getattr(stimulus, "saturation", 1.0), getattr(stimulus, "resolution", 0.0)
        if saturation < 1.0 or resolution:
            self.given = delivered(self.given, saturation, resolution)
        if stimulus.every > 1:
            self.given = np.where(self._age % stimulus.every == 0, self.given, 0.0)
        return chosen


def _used(weights: Floats) -> int:
    """Columns up to the last one that is not 0; 1 at least."""
    columns = np.flatnonzero(weights.any(axis=0))
    return int(columns[-1]) + 1 if len(columns) else 1


def _heard(weights: Weights, sizes: Sizes, settings: LQGSettings) -> Floats:
    """How loud the signal may be where a regulator acts, (gains,): never louder than for that of a higher price."""
    loudest = settings.trust * float(weights["loudness"])
    own = settings.own_trust * weights["deviation"]
    heard = np.full(sizes.gains, loudest)
    heard[: sizes.prices] = np.where(own > 0.0, own, loudest)
    return np.asarray(np.minimum.accumulate(np.minimum(heard, loudest)[::-1])[::-1])
