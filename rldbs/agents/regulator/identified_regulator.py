"""The controller that an identified model makes: it knows every input, follows the mean, is careful when loud."""

import math
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.actor_weights import check_shapes, other_outputs
from rldbs.agents.inference import Weights
from rldbs.agents.regulator.continued_signal import ContinuedSignal
from rldbs.agents.regulator.possible_inputs import PossibleInputs
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import RunError
from rldbs.core.native import Floats

AVERAGED = 0.5
"""Periods over which the mean of a loud signal is taken, and with which that of a quiet one begins."""


class Constants(NamedTuple):
    """The numbers that a regulator acts by; times in decisions."""

    seen: int
    """Numbers of past outputs that it knows; inputs are the rest of what it knows."""
    feedback: Floats
    """(known, gains·contacts): what each regulator wants for each number of the past."""
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

    A signal is a recorded variable that it listens to; an input goes to a contact, or to all that act together.

    It goes up a ladder. The price that was chosen holds as long as the kicks that its regulator has wanted lately were
    possible ones, or as far beyond as ``demand`` allows; else the next higher one of which that is so. Where the signal
    is much louder than any at which the model was identified, the stabilising controller acts, and so it does until the
    signal has been seen for a while. What acts on a rung is a row of the mixture: the shares of all that is wanted.

    Args:
        settings: of the learner.
        loop: the environment.
        weights: as :meth:`Sizes.shapes` names them; they are copied.

    Attributes:
        signal: the signals at the last decision, float64 (environments, signals).
        output: the same from their slow means.
        given: the inputs that the stimulus has made of that decision, float64 (environments, contacts).
        wanted: the inputs that every regulator would have given, the stabilising controller, and last the same a
            quarter of a cycle later where a mixture may need it, float64 (environments, gains + 2, contacts).
        rung: which of them were to act, int (environments,).

    Raises:
        RunError: the weights do not fit, or are not finite.
    """

    def __init__(self, settings: LQGSettings, loop: LoopSettings, weights: Weights) -> None:
        sizes = Sizes.acting(settings, loop, weights)
        if (contacts := sizes.contacts_in(weights)) != sizes.contacts:
            raise other_outputs(contacts, sizes.contacts)
        check_shapes(sizes.shapes(), weights, (), np.float64)
        chosen = float(weights["chosen"])
        if chosen not in range(sizes.prices):
            raise RunError(f"policy weights chosen: must be from 0 to {sizes.prices - 1}, is {chosen}")
        self._loop, self._settings = loop, settings
        self._signals, self._contacts = sizes.signals, sizes.contacts
        self._inputs = PossibleInputs(loop.stimulus, sizes.contacts)
        outputs, inputs = sizes.orders(weights)
        columns, self._seen = sizes.used(outputs, inputs), outputs * sizes.signals
        gains = weights["gains"].reshape(-1, sizes.known)[:, columns]
        self._feedback = np.ascontiguousarray(-gains.T)  # (known, gains·contacts)
        self._mixture = weights["mixture"].copy()
        self._plain = bool((self._mixture == sizes.plain).all())
        self._gains, self._known = sizes.gains, len(columns)
        self.rest: Floats = weights["rest"].copy()
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
        return Constants(self._seen, self._feedback, self._mixture, self._plain, *numbers)

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
        for one in self._continued:
            one.restart(rows)
        self._past[rows], self._peaks[rows], self._power[rows] = 0.0, 0.0, 0.0
        self._age[rows] = self._calm[rows] = 0

    def branched(self, sources: NDArray[np.intp]) -> "Regulator":
        """A copy in which environment i goes on as environment sources[i] does; its stabilising controller is fresh."""
        other = copy(self)
        other._rows, other._continued = len(sources), [one.branched(sources) for one in self._continued]
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
            excitation: added to the inputs, float64 (environments, contacts).
        """
        if self._rows != len(observations):
            self._begin(len(observations))
        past, seen, signals, contacts = self._past, self._seen, self._signals, self._contacts
        past[:, signals:seen] = past[:, : seen - signals].copy()
        self.output = past[:, :signals] = self._deviation(observations)
        wanted = self._demands(observations)
        self.rung = self._rung(wanted)
        self._calm += 1
        self._calm[self.rung == self._gains] = 0
        action = self._mixed(wanted)
        if excitation is not None:
            action = action + excitation
        chosen, self.given = self._inputs.give(action, self._age % self._loop.stimulus.every == 0)
        if self._known > seen:
            past[:, seen + contacts :] = past[:, seen:-contacts].copy()
            past[:, seen : seen + contacts] = self.given
        self._age += 1
        return chosen

    def _mixed(self, wanted: Floats) -> Floats:
        """What the mixture of each environment's rung makes of what is wanted, (environments, contacts)."""
        rows = np.arange(self._rows)
        if self._plain:
            return np.asarray(wanted[rows, self.rung])
        shares = self._mixture[self.rung] if self._mixture.ndim == 2 else self._mixture[rows, self.rung]
        return np.asarray((shares[:, :, None] * wanted).sum(axis=1))

    def _begin(self, rows: int) -> None:
        self._rows = rows
        self._continued = [ContinuedSignal(self._loop, channel) for channel in self._settings.signals(self._loop)]
        self._stabilizers = self._settings.stabilizers(self._loop)
        self._past, self._peaks = np.zeros((rows, self._known)), np.zeros((rows, self._gains))
        self._power, self._mean = np.zeros(rows), np.zeros((rows, self._signals))
        self._age, self._calm = np.zeros(rows, np.int64), np.zeros(rows, np.int64)

    def _deviation(self, observations: NDArray[np.float32]) -> Floats:
        """The signals from their slow means: of all since they came to rest, and so following less and less."""
        self.signal = np.stack([one(observations) for one in self._continued], axis=1)
        self._mean = np.where((self._age == 0)[:, None], self.rest, self._mean)
        deviation = self.signal - self._mean
        self._mean += np.maximum(self._mean_rate, 1.0 / (self._averaged + self._calm))[:, None] * deviation
        return deviation

    def _demands(self, observations: NDArray[np.float32]) -> Floats:
        """What each regulator and the stabilising controllers would do: (environments, gains + 2, contacts)."""
        wanted = np.zeros((self._rows, self._gains + 2, self._contacts))
        np.matmul(self._past, self._feedback, out=wanted.reshape(self._rows, -1)[:, : -2 * self._contacts])
        amplitude = self._loop.stimulus.amplitude
        for column, stabilizer in enumerate(self._stabilizers[: 1 if self._plain else 2], self._gains):
            wanted[:, column] = stabilizer.kick(observations).reshape(self._rows, -1) / amplitude
        self.wanted = wanted
        return wanted

    def _rung(self, wanted: Floats) -> NDArray[np.intp]:
        """Who acts: the number of a price, or that of the stabilising controller."""
        new = 1.0 - self._fade
        self._peaks = np.maximum(self._inputs.asked(wanted[:, :-2]), self._peaks * self._fade)
        self._power += new * ((self.output**2).mean(axis=1) - self._power)
        quiet = (self._power[:, None] <= self._trusted) & (self._age >= self._wait)[:, None]
        able = (self._peaks <= self._settings.demand) & quiet
        able &= np.arange(self._gains) >= np.reshape(self._chosen, (-1, 1))
        return np.where(able.any(axis=1), able.argmax(axis=1), self._gains)


def _heard(weights: Weights, sizes: Sizes, settings: LQGSettings) -> Floats:
    """How loud the signal may be where a regulator acts, (gains,): never louder than for that of a higher price."""
    loudest = settings.trust * float(weights["loudness"])
    own = settings.own_trust * weights["deviation"]
    heard = np.full(sizes.gains, loudest)
    heard[: sizes.prices] = np.where(own > 0.0, own, loudest)
    return np.asarray(np.minimum.accumulate(np.minimum(heard, loudest)[::-1])[::-1])
