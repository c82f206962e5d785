"""Networks of conductance-based cells, in physical units: mV, ms, µA/cm², mS/cm²."""

from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, contact_rows, seeds, whole
from rldbs.core.cell_kernel import INTEGRATORS, Attempt, CellKernel
from rldbs.core.cell_settings import channel_names, channel_of, reach_of, severity_of, step_of
from rldbs.core.errors import MOST_COUNT, RunError, SettingError, shown
from rldbs.core.irregular_pulses import IrregularPulses
from rldbs.core.network_model import NetworkModel
from rldbs.core.saved_arrays import Arrays, Named, only, part, prefixed, take
from rldbs.core.so2012 import NETWORKS

MOST_STEPS = 10**9
STEPS_AT_ONCE = 4096


class Spikes(NamedTuple):
    """Sorted by population, sample and cell: int64 arrays of one length."""

    population: NDArray[np.int64]
    sample: NDArray[np.int64]
    """Steps since the network began, at the end of the one in which v rose through the cell's threshold."""
    cell: NDArray[np.int64]
    """Among all cells of a population: ``model.cells_of("gpi")`` are those of a group."""


class Onsets(NamedTuple):
    """When pulses of the background began: int64 arrays of one length, sorted by population and sample."""

    population: NDArray[np.int64]
    sample: NDArray[np.int64]
    """Steps since the network began, before the first one with the pulse."""


def nothing() -> tuple[Spikes, Onsets]:
    """No spikes, and no pulses."""
    none = np.zeros(0, np.int64)
    return Spikes(none, none, none), Onsets(none, none)


def network_of(model: str | NetworkModel) -> NetworkModel:
    """The network of that name; a description stands for itself.

    Raises:
        SettingError: there is no such network.
    """
    if isinstance(model, NetworkModel):
        return model
    if type(model) is not str or model not in NETWORKS:
        raise SettingError(f"model {shown(model)}: must be one of {', '.join(NETWORKS)}")
    return NETWORKS[model]


class CellRecord(NamedTuple):
    """What is seen of a network in a call."""

    channels: Floats
    """float64 (populations, steps / every, channels), after every step, or every so many."""
    spikes: Spikes
    pulses: Onsets


class CellNetwork:
    """Populations of the basal ganglia, integrated in C: TH, STN, GPe and GPi of So, Kent and Grill (2012).

    Population k of a network seeded s is bit for bit the only population of a network seeded s + k. A copy, also one
    that was pickled, goes on to the bit, and independently.

    Args:
        populations: how many.
        seed: an integer s (population k gets s + k), or one integer for each population. It draws the potentials at the
            start, the currents that differ from cell to cell, and the times of the sensorimotor pulses.
        model: name of a network; there is ``so2012``. Or what a network is made of, such as ``settings.network`` of a
            model's settings.
        severity: ``healthy``, ``pd``, or a number, from 0 to 1; one for all, or one for each population.
        integrator: ``euler``, as published, or ``rk4``, which is accurate.
        dt: integration step, in ms: 0.01 with Euler's method and 0.025 with RK4 where it is None.
        channels: what is recorded, such as ``gpi.s``, the mean over the cells, and ``stn.v[3]``, of one cell; where it
            is None, what x is the mean of, and v of those cells, as ``gpi.s`` and ``gpi.v``.
        every: steps from one sample of the channels to the next.
        reach: how much of each contact's current reaches each cell, (contacts, all cells). One contact that reaches
            the whole STN and nothing else where it is None.
        threads: threads for every :meth:`advance`; no result depends on it.

    Attributes:
        severity: float64 (populations,), writable; what the argument takes may be assigned at any time.
        deviation: float64 (populations, cells), what each cell's constant current has more than others of its group,
            in µA/cm², writable.
        reach: float64 (contacts, cells), writable: electrodes drift, and scars grow around them.
        clocks: int64 (populations,), how many steps have been taken.
        background: the sensorimotor pulses.

    Raises:
        SettingError: an argument is out of range.

    Example:
        >>> import numpy as np, rldbs
        >>> network = rldbs.CellNetwork(seed=0, severity="pd")
        >>> seen = network.advance(np.zeros((1, 1000, 1)))  # 10 ms, in µA/cm²
        >>> seen.channels.shape
        (1, 1000, 2)
    """

    def __init__(
        self,
        populations: int = 1,
        seed: int | Sequence[int] = 0,
        *,
        model: str | NetworkModel = "so2012",
        severity: str | float | Sequence[str | float] | Floats = "healthy",
        integrator: str = "euler",
        dt: float | None = None,
        channels: Sequence[str] | None = None,
        every: int = 1,
        reach: ArrayLike | None = None,
        threads: int = 1,
    ) -> None:
        self.model = network_of(model)
        if type(integrator) is not str or integrator not in INTEGRATORS:
            raise SettingError(f"integrator {shown(integrator)}: must be one of {', '.join(INTEGRATORS)}")
        self.integrator = integrator
        self.populations = whole("populations", populations, 1, native.MOST_NEURONS)
        self.threads = whole("threads", threads, 1, native.MOST_THREADS)
        self.every = whole("every", every, 1, native.MOST_MEANS)
        self.dt = step_of(integrator, dt, self.model.longest)
        self.channels = channel_names(self.model.usual_channels if channels is None else channels)
        self.kernel = CellKernel(
            self.model,
            integrator,
            self.dt,
            self.populations,
            reach_of(self.model, reach),
            [channel_of(self.model, name) for name in self.channels],
        )
        own_seeds = seeds(seed, self.populations)
        self._severity = native.zeros(self.populations)
        self.severity = severity
        self._deviation = native.zeros(self.populations, self.model.cells)
        self._clocks = native.zeros(self.populations).view(np.int64)
        generators = [np.random.default_rng(own) for own in own_seeds]
        for k, random in enumerate(generators):
            for group in self.model.groups:
                v = random.normal(self.model.v_mean, self.model.v_std, group.cells)
                self.cells(group.name)[k] = self.kernel.at_rest(group, v)
            for group in self.model.groups:
                if group.spread:
                    drawn = random.normal(0.0, group.spread, group.cells)
                    self.deviation[k, self.model.cells_of(group.name)] = drawn
        self.background = IrregularPulses(self.model.background, generators, self.dt)

    def __copy__(self) -> "CellNetwork":
        return deepcopy(self)  # half a copy would be the same populations twice

    @property
    def severity(self) -> Floats:
        """From 0, healthy, to 1, parkinsonian, of each population: float64 (populations,), writable."""
        return self._severity

    @severity.setter
    def severity(self, given: str | float | Sequence[str | float] | Floats) -> None:
        self._severity[:] = severity_of(given, self.populations)

    @property
    def deviation(self) -> Floats:
        """What each cell's applied current has beside its group's, in µA/cm²."""
        return self._deviation

    @property
    def clocks(self) -> NDArray[np.int64]:
        """Integration steps that each population has taken, int64 (populations,)."""
        return self._clocks

    @property
    def reach(self) -> Floats:
        """How much of each contact's current reaches each cell, float64 (contacts, cells), writable."""
        return self.kernel.reach[:-1]  # the last contact is the background

    def cells(self, group: str) -> Floats:
        """The state of a group's cells: float64 (populations, variables, cells), writable, the state itself.

        Variables are in the order of ``model.group(name).cell.variables``; the first one is v.

        Raises:
            SettingError: there is no such group.
        """
        if type(group) is not str or group not in self.model.names:
            raise SettingError(f"group {shown(group)}: must be one of {', '.join(self.model.names)}")
        return self.kernel.rows(group)

    def advance(self, currents: ArrayLike) -> CellRecord:
        """Advance every population by ``steps`` integration steps.

        Args:
            currents: of every contact, in µA/cm², held over each step: (populations, steps, contacts).

        Raises:
            SettingError: they have another shape, are not finite, or are too many for one call.
            DivergedError: a cell has left ±600 mV; the network is where it was.
        """
        before = self.background.get_state()
        found, onsets = self.attempt(currents, self.threads)
        if found.diverged.any():
            self.kernel.state[:] = found.before
            self._clocks -= found.steps
            self.background.set_state(before, self.clocks)
            raise found.divergence()
        events = found.events
        sample = self.clocks[events.population] - found.steps + events.step + 1
        return CellRecord(found.samples, Spikes(events.population, sample, events.cell), onsets)

    def attempt(self, currents: ArrayLike, threads: int) -> tuple[Attempt, Onsets]:
        """:meth:`advance`, but that a population which diverges stays where it was, and the others go on.

        Raises:
            SettingError: as for that.
        """
        given = contact_rows("currents", currents, self.populations, len(self.reach), 0, native.MOST_MEANS)
        healthy, parkinsonian = self._constant()
        with np.errstate(over="ignore", invalid="ignore"):
            self.kernel.applied[:] = healthy + self.severity[:, None] * (parkinsonian - healthy) + self.deviation
        if not np.isfinite(self.kernel.applied).all():
            raise SettingError("severity, deviation: must be finite")
        before = self.background.get_state()
        try:
            pulses, onsets = self.background.currents(self.clocks, given.shape[1])
            found = self.kernel.attempt(np.concatenate([given, pulses[:, :, None]], axis=2), self.every, threads)
        except BaseException:
            self.background.set_state(before, self.clocks)
            raise
        self._clocks += given.shape[1]
        counts = [len(each) for each in onsets]
        began = np.array([sample for each in onsets for sample in each], np.int64)
        return found, Onsets(np.repeat(np.arange(self.populations), counts), began)

    def rest(self, steps: int) -> None:
        """Advance every population by ``steps`` integration steps without currents of the contacts.

        Raises:
            SettingError: ``steps`` is no multiple of ``every``, or not from 0 to 10⁹.
        """
        steps, most = whole("steps", steps, 0, MOST_STEPS), -(-STEPS_AT_ONCE // self.every) * self.every
        for begin in range(0, steps, most):
            self.advance(np.zeros((self.populations, min(most, steps - begin), len(self.reach))))

    def get_state(self) -> Arrays:
        """All that the coming steps depend on, as fresh arrays with names."""
        arrays = {name: array.copy() for name, array in self._arrays().items()}
        return arrays | prefixed("background", self.background.get_state())

    def set_state(self, state: Named) -> None:
        """Go on where :meth:`get_state` was called, here or in another network of the same kind.

        Raises:
            RunError: the arrays are not those of such a network.
        """
        only(state, self.get_state().keys(), "such a network")
        taken = {name: take(state, name, array.shape, array.dtype) for name, array in self._arrays().items()}
        if (taken["clocks"] < 0).any() or (taken["clocks"] > MOST_COUNT).any():
            raise RunError(f"saved state clocks: must be from 0 to {MOST_COUNT}")
        self.background.set_state(part("background", state), taken["clocks"])
        for name, array in self._arrays().items():
            array[...] = taken[name]

    def _arrays(self) -> Arrays:
        return {
            "state": self.kernel.state,
            "severity": self.severity,
            "deviation": self.deviation,
            "reach": self.reach,
            "clocks": self.clocks,
        }

    def _constant(self) -> tuple[Floats, Floats]:
        """The current into each cell in health, and in Parkinson's disease."""
        groups = self.model.groups
        return (
            np.concatenate([np.full(group.cells, group.healthy) for group in groups]),
            np.concatenate([np.full(group.cells, group.parkinsonian) for group in groups]),
        )
