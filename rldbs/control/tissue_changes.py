"""What becomes of electrode, neurons and disease within an episode: how far they have changed, and when they change."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rldbs.control.course import Spells
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.ensemble import Ensemble
from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Arrays, generator_words, generators_from, put, put_within

EVERY = 100
"""Integration steps: all changes when so many more of an episode have passed, at the first environment step then."""


class TissueChanges:
    """Drift and encapsulation of electrodes, plasticity of neurons, a disease that comes and goes, of a batch of
    environments.

    Only the environment's own randomness and clock decide what becomes of it. Nothing changes in an episode before its
    first environment step, nor while environments rest.

    Args:
        settings: what the environments are.
        environments: how many.

    Attributes:
        own_contacts: whether electrodes become different from each other.

    Raises:
        SettingError: something would change that is not there.
    """

    def __init__(self, settings: LoopSettings, environments: int) -> None:
        self._drift, self._encapsulation = settings.electrode_drift, settings.encapsulation
        self._plasticity, self._model = settings.plasticity, settings.model
        self._interval = settings.stimulus.interval
        self._bounds, self._unit = self._drift.bounds(settings.model), self._plasticity.unit(settings.model)
        self._encapsulation.check(settings.model)
        self.own_contacts = self._drift.moves or self._encapsulation.grows
        self._any = self.own_contacts or self._plasticity.changes
        step = settings.model.dt * self._interval
        self._spells = Spells(settings.coupling, environments, step)
        self._moved, self._gain = np.zeros((environments, 3)), np.ones(environments)
        self._first = np.zeros((environments, settings.model.neurons if self._plasticity.changes else 0))
        self._steers, self._ages = ([np.random.default_rng(0)] * environments for _ in range(2))

    @property
    def louder(self) -> Floats | None:
        """By what the noise of each environment's recording has risen, float64 (environments,); None for nothing."""
        return 1.0 / np.sqrt(self._gain) if self._encapsulation.grows else None

    def seed(self, environment: int, generator: np.random.Generator) -> None:
        """Let one environment's changes come from generators that ``generator`` spawns."""
        if self._any:
            self._steers[environment], self._ages[environment] = generator.spawn(2)
        self._spells.seed(environment, generator)

    def begin(self, rows: NDArray[np.int64], ensemble: Ensemble) -> None:
        """The environments ``rows`` begin an episode, with neurons that are there already."""
        self._spells.begin(rows)
        if self._plasticity.changes:
            self._first[rows] = ensemble.current[rows]
        if self.own_contacts:
            self._moved[rows], self._gain[rows] = 0.0, 1.0
            ensemble.conductance[rows] = self._model.tissue.conductance

    def follow(self, now: NDArray[np.int64], ensemble: Ensemble, idle: NDArray[np.bool_] | None = None) -> None:
        """Change what is due after a step of all environments.

        Args:
            now: int64 (environments,), environment steps into each episode.
            ensemble: the populations, one for each environment.
            idle: bool (environments,), those whose step was of no episode, in which nothing changes; None for none.
        """
        self._spells.follow(ensemble.coupling, idle)
        if not self._any:
            return
        begin = now * self._interval
        passed = begin // EVERY - (begin - self._interval) // EVERY
        rows = np.flatnonzero(passed if idle is None else np.where(idle, 0, passed))
        if not len(rows):
            return
        steps: Floats = np.float64(EVERY) * passed[rows, None]
        if self._drift.moves:
            normal = _drawn(self._steers, rows, 3)
            self._moved[rows] = self._drift.next(self._moved[rows], self._bounds, steps, normal)
        if self._encapsulation.grows:
            self._gain[rows] = self._encapsulation.gain(begin[rows].astype(np.float64))
        if self.own_contacts:
            ensemble.conductance[rows] = self._gain[rows, None, None] * self._reach(rows)
        if self._plasticity.changes:
            normal = _drawn(self._ages, rows, self._model.neurons)
            current = ensemble.current
            current[rows] = self._plasticity.next(current[rows], self._first[rows], self._unit, steps, normal)

    def saved(self) -> Arrays:
        """All that the coming changes depend on."""
        arrays = {name: array.copy() for name, array in self._arrays().items()}
        arrays |= {name: generator_words(generators) for name, generators in self._generators().items()}
        return arrays | self._spells.saved()

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such changes.
        """
        if self._drift.moves:
            put_within(self._moved, arrays, "moved", float(self._bounds[0].min()), float(self._bounds[1].max()))
        if self._encapsulation.grows:
            put_within(self._gain, arrays, "gain", self._encapsulation.least, 1.0)
        if self._plasticity.changes:
            put(self._first, arrays, "first")
        self._spells.restore(arrays)
        for name, generators in self._generators().items():
            generators[:] = generators_from(arrays, name, len(generators))

    def _arrays(self) -> Arrays:
        found: Arrays = {"moved": self._moved} if self._drift.moves else {}
        found |= {"gain": self._gain} if self._encapsulation.grows else {}
        return found | ({"first": self._first} if self._plasticity.changes else {})

    def _generators(self) -> dict[str, list[np.random.Generator]]:
        found = {"steers": self._steers} if self._drift.moves else {}
        return found | ({"ages": self._ages} if self._plasticity.changes else {})

    def _reach(self, rows: NDArray[np.intp]) -> Floats:
        """G of the electrodes where they are now, without a scar."""
        tissue, electrode = self._model.tissue, self._model.space.electrode
        if not self._drift.moves:
            return tissue.conductance[None]
        assert tissue.positions is not None
        return electrode.conductance(tissue.positions, self._moved[rows])


def _drawn(generators: Sequence[np.random.Generator], rows: NDArray[np.intp], count: int) -> Floats:
    """So many standard normal numbers of each of some environments' generators, float64 (rows, count)."""
    return np.stack([generators[row].standard_normal(count) for row in rows])
