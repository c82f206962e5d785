"""A batch of networks of cells that advance together, as closed loops take them: in ms, mV and µA/cm²."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, numbers, seeds, whole
from rldbs.core.cell_kernel import Attempt, CellKernel, Events
from rldbs.core.cell_network import CellNetwork, Onsets, Spikes, nothing
from rldbs.core.cell_populations import CellSettings, checked_cells
from rldbs.core.ensemble import MOST_STEPS
from rldbs.core.errors import MOST_COUNT, RunError
from rldbs.core.field_potential import FieldPotential
from rldbs.core.sampled_ensemble import SampledEnsemble, random_of
from rldbs.core.saved_arrays import Arrays, Named, only, part, prefixed, take
from rldbs.core.thalamic_relay import Relay, Samples

WINDOW = 25.0
"""ms after a pulse in which the thalamus should pass it on."""
PATIENTS = 0x9A71
"""Draws what patients differ in, beside all else that a seed draws."""


class CellEnsemble(SampledEnsemble):
    """Populations of a network of cells under currents in µA/cm². ``coupling`` is how severe the disease is,
    ``current`` what each cell's constant current has of its own, in µA/cm².

    The first variables of the mean field are those that the network has recorded. Then come, as far as the network has
    them, the field potential; how severe the disease is; and two that are made of spikes: what a group relays.

    Args:
        settings: what they are.
        populations: how many.
        seed: as for a :class:`.CellNetwork`; it also draws what patients differ in.
        transient: steps to run before; those of the settings where it is None.
        threads: for the transient and later.
        also: what else is sampled, such as ``stn.v[3]``.

    Attributes:
        others: float64 (populations, steps, channels), what else was sampled in the last call.
        spikes: those of the last call; samples are integration steps since it began.
        pulses: the sensorimotor ones that have begun in it.

    Raises:
        SettingError: an argument is out of range.
    """

    def __init__(
        self,
        settings: CellSettings,
        populations: int = 1,
        seed: int | Sequence[int] = 0,
        *,
        transient: int | None = None,
        threads: int = 1,
        also: Sequence[str] = (),
    ) -> None:
        settings = checked_cells(settings)
        self.model, described = settings.described, settings.network
        steps = whole("transient", settings.transient if transient is None else transient, 0, MOST_STEPS)
        self._potential = None if described.potential is None else FieldPotential(described, described.potential)
        probed = self._potential.channels if self._potential else ()
        self.network = network = CellNetwork(
            populations,
            seed,
            model=described,
            severity=settings.coupling,
            integrator=settings.integrator,
            dt=settings.substep,
            channels=[*described.recorded.values(), *probed, *also],
            every=settings.kicks_per_step,
            threads=threads,
        )
        self.populations, self.threads, self.dt = network.populations, network.threads, settings.dt
        self.neurons, self._tissue, self._own_contacts = network.model.cells, None, False
        self.kicks_per_step = settings.kicks_per_step
        if settings.patients:
            for k, own in enumerate(seeds(seed, self.populations)):
                random = np.random.default_rng([PATIENTS, own])
                for group in network.model.groups:
                    own_current = random.normal(0.0, settings.patients)
                    if group.name != described.relaying:  # with 0.6 µA/cm² less it fails, whatever is done elsewhere
                        network.deviation[k, network.model.cells_of(group.name)] += own_current
        relays = network.model.group(described.relaying).cells if described.relaying else 0
        self._heard = np.zeros((self.populations, relays), np.int64)
        self.spikes, self.pulses = nothing()
        self.others = np.zeros((self.populations, 0, len(also)))
        self.rest(steps)

    @property
    def state(self) -> Floats:
        """The state itself, float64 (populations, 1, numbers of a network), writable."""
        return self.network.kernel.state[:, None, :]

    @property
    def x(self) -> Floats:
        """The variable of every cell of a group whose mean is x."""
        group, variable = self.network.model.watched
        return self.network.cells(group)[:, self.network.model.group(group).cell.variables.index(variable)]

    @property
    def current(self) -> Floats:
        """What each cell's constant current has of its own, in µA/cm², float64 (populations, cells), writable."""
        return self.network.deviation

    @property
    def coupling(self) -> Floats:
        """How severe the disease is, from 0 to 1, float64 (populations,), writable."""
        return self.network.severity

    def advance(self, kicks: ArrayLike, threads: int | None = None) -> Floats:
        """As :meth:`.Ensemble.advance`.

        Raises:
            DivergedError: a cell has left ±600 mV; all populations are where they were.
        """
        given, before = numbers("kicks", kicks, 2, native.MOST_MEANS), self.arrays()
        saved = {name: array.copy() for name, array in before.items()}
        field, found = self._attempted(given, self.threads if threads is None else threads)
        if found.diverged.any():
            for name, array in before.items():
                array[...] = saved[name]
            self.spikes, self.pulses = nothing()
            raise found.divergence()
        return field

    def attempt(self, kicks: Floats, threads: int) -> tuple[Floats, NDArray[np.bool_]]:
        field, found = self._attempted(kicks, threads)
        return field, found.diverged

    def _attempted(self, kicks: Floats, threads: int) -> tuple[Floats, Attempt]:
        self.check_kicks(kicks)
        background = self.network.background
        clocks, last = self.network.clocks.copy(), background.last.copy()
        found, self.pulses = self.network.attempt(kicks[:, :, None], threads)
        self.spikes = Spikes(found.events.population, found.events.step + 1, found.events.cell)
        described = self.network.model
        first = len(described.recorded)
        ends = [first, first + len(self._potential.channels if self._potential else ())]
        recorded, probed, self.others = np.split(found.samples, ends, axis=2)
        columns = [recorded]
        if self._potential:
            columns.append(self._potential.of(probed)[:, :, None])
        columns.append(np.repeat(self.coupling[:, None, None], recorded.shape[1], axis=1))
        if described.relaying:
            columns.append(self._relayed(described.cells_of(described.relaying), found, clocks, last))
        field = np.concatenate(columns, axis=2)
        self.pulses = Onsets(self.pulses.population, self.pulses.sample - clocks[self.pulses.population])
        field[found.diverged] = np.nan
        return field, found

    def _relayed(self, relaying: slice, found: Attempt, clocks: Samples, last: Samples) -> Floats:
        """Pulses whose window has ended, and errors, float64 (populations, steps, 2).

        Args:
            relaying: the cells that should pass pulses on.
            found: what has become of the networks.
            clocks: integration steps before.
            last: when the newest pulse of each population had begun before.
        """
        background, field = self.network.background, np.empty((*found.samples.shape[:2], 2))
        own = (found.events.cell >= relaying.start) & (found.events.cell < relaying.stop)
        events = Events(*(array[own] for array in found.events))
        for k, clock in enumerate(clocks.tolist()):
            mine = events.population == k
            relay = Relay(self._heard[k], round(WINDOW / self.network.dt))
            field[k, :, 0], field[k, :, 1] = relay.follow(
                clock,
                field.shape[1],
                self.kicks_per_step,
                int(last[k]),
                int(background.coming[k]),
                self.pulses.sample[self.pulses.population == k].tolist(),
                clock + events.step[mine] + 1,
                events.cell[mine] - relaying.start,
            )
        return field

    def set_state(self, state: Named) -> None:
        """As :meth:`.Ensemble.set_state`.

        Raises:
            RunError: the arrays are not those of such an ensemble; or clocks, spikes or coming pulses are none.
        """
        arrays = self._everything()
        only(state, arrays.keys(), "such an ensemble")
        taken = {name: take(state, name, array.shape, array.dtype) for name, array in arrays.items()}
        for name in ("clocks", "heard"):
            if (taken[name] < 0).any() or (taken[name] > MOST_COUNT).any():
                raise RunError(f"saved state {name}: must be from 0 to {MOST_COUNT}")
        self.network.background.set_state(part("pulses", taken), taken["clocks"])
        for name, array in arrays.items():
            array[...] = taken[name]

    def arrays(self) -> Arrays:
        pulses = prefixed("pulses", self.network.background.arrays())
        return {**super().arrays(), "clocks": self.network.clocks, "heard": self._heard, **pulses}

    def begin(self, rows: NDArray[np.int64], generators: Sequence[np.random.Generator]) -> None:
        self.network.clocks[rows], self._heard[rows] = 0, 0
        self.network.background.begin(rows, random_of(generators))

    @property
    def kernel(self) -> CellKernel:  # type: ignore[override]
        """The memory of the populations, and the core at work on it."""
        return self.network.kernel
