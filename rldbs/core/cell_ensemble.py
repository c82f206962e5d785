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
from rldbs.core.models import neuron_model
from rldbs.core.sampled_ensemble import SampledEnsemble, random_of
from rldbs.core.saved_arrays import Arrays, Named, only, part, prefixed, take
from rldbs.core.so2012 import NETWORKS
from rldbs.core.thalamic_relay import Relay

RECORDED = ("gpi.s", "stn.s", "gpe.s", "th.v", "stn.v", "gpe.v", "gpi.v")
"""The first variables of the mean field. Then come the field potential, how severe the disease is, and two that are
made of spikes."""
WATCHED, RELAYING, PROBED = "gpi", "th", "stn"
"""The group whose mean is x, that which passes pulses on, and that about which the field potential is."""
WINDOW = 25.0
"""ms after a pulse in which the thalamus should pass it on."""
PATIENTS = 0x9A71
"""Draws what patients differ in, beside all else that a seed draws."""


class CellEnsemble(SampledEnsemble):
    """Populations of a network of cells under currents in µA/cm². ``coupling`` is how severe the disease is,
    ``current`` what each cell's constant current has of its own, in µA/cm².

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
        self.model = neuron_model(settings.name)
        steps = whole("transient", settings.transient if transient is None else transient, 0, MOST_STEPS)
        self._potential = FieldPotential(NETWORKS[settings.name], PROBED)
        self.network = network = CellNetwork(
            populations,
            seed,
            model=settings.name,
            severity=settings.coupling,
            integrator=settings.integrator,
            dt=settings.substep,
            channels=[*RECORDED, *self._potential.channels, *also],
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
                    if group.name != RELAYING:  # with 0.6 µA/cm² less it fails, whatever is done elsewhere
                        network.deviation[k, network.model.cells_of(group.name)] += own_current
        self._heard = np.zeros((self.populations, network.model.group(RELAYING).cells), np.int64)
        self.spikes, self.pulses = nothing()
        self.others = np.zeros((self.populations, 0, len(also)))
        self.rest(steps)

    @property
    def state(self) -> Floats:
        """The state itself, float64 (populations, 1, numbers of a network), writable."""
        return self.network.kernel.state[:, None, :]

    @property
    def x(self) -> Floats:
        """The synaptic variable of every cell of GPi, whose mean is x."""
        return self.network.cells(WATCHED)[:, self.network.model.group(WATCHED).cell.variables.index("s")]

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
        field, first = np.empty((*found.samples.shape[:2], len(self.model.variables))), len(RECORDED)
        ends = [first, first + len(self._potential.channels)]
        field[:, :, :first], probed, self.others = np.split(found.samples, ends, axis=2)
        field[:, :, first], field[:, :, first + 1] = self._potential.of(probed), self.coupling[:, None]
        relaying = self.network.model.cells_of(RELAYING)
        own = (found.events.cell >= relaying.start) & (found.events.cell < relaying.stop)
        events = Events(*(array[own] for array in found.events))
        for k, clock in enumerate(clocks.tolist()):
            mine = events.population == k
            relay = Relay(self._heard[k], round(WINDOW / self.network.dt))
            field[k, :, -2], field[k, :, -1] = relay.follow(
                clock,
                field.shape[1],
                self.kicks_per_step,
                int(last[k]),
                int(background.coming[k]),
                self.pulses.sample[self.pulses.population == k].tolist(),
                clock + events.step[mine] + 1,
                events.cell[mine] - relaying.start,
            )
        self.pulses = Onsets(self.pulses.population, self.pulses.sample - clocks[self.pulses.population])
        field[found.diverged] = np.nan
        return field, found

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
