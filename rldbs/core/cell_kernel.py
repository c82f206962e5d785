"""Networks of cells of the C core as NumPy sees them: the memory of a batch, and their description."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, contact_rows, whole
from rldbs.core.c_core import ffi, lib
from rldbs.core.errors import DivergedError, SettingError
from rldbs.core.network_functions import network_functions
from rldbs.core.network_model import Group, NetworkModel

INTEGRATORS = {"euler": lib.RLDBS_EULER, "rk4": lib.RLDBS_RK4}
MOST_VOLTAGE = float(lib.RLDBS_MOST_VOLTAGE)
"""mV: a network with a cell beyond this has diverged."""
EXPECTED_RATE = 0.25
"""Spikes per cell and ms for which memory is taken first; where there are more, a call is made again."""
_DOUBLES, _INTS, _LONGS = (ffi.typeof(f"{name}[]") for name in ("double", "int32_t", "int64_t"))


class Events(NamedTuple):
    """Spikes, sorted by population, step and cell: int64 arrays of one length."""

    population: NDArray[np.int64]
    step: NDArray[np.int64]
    """From 0, the first of the call: v has risen through the threshold within it."""
    cell: NDArray[np.int64]
    """From 0, the first cell of the first group."""


class Attempt(NamedTuple):
    """What has become of a batch of networks in a call."""

    samples: Floats
    """float64 (populations, steps / every, channels); not a number of networks that have diverged."""
    events: Events
    diverged: NDArray[np.bool_]
    """(populations,)"""
    before: Floats
    """The state before the call."""
    steps: int
    left: Mapping[int, str]
    """Of each network that has diverged, the cell that left all bounds first, such as ``stn[3]``."""

    def divergence(self) -> DivergedError:
        """What there is to say of the first network that has diverged."""
        population = int(self.diverged.argmax())
        return DivergedError(
            f"population {population}: the cell {self.left[population]} has left ±{MOST_VOLTAGE:g} mV: take a smaller "
            "dt or less current"
        )


class Channel(NamedTuple):
    """What is recorded: Σ weight·variable over the cells of a group."""

    group: int
    row: int
    weights: Floats
    """(cells of the group,)"""


class CellKernel:
    """A batch of networks of cells.

    Args:
        model: groups and projections, the same for all.
        integrator: ``euler`` or ``rk4``.
        dt: integration step, in ms.
        populations: how many networks.
        reach: (contacts, all cells), how much of a contact's current reaches a cell.
        channels: what is recorded.

    Attributes:
        state: float64 (populations, numbers of one network), writable; :meth:`rows` are its parts.
        applied: float64 (populations, cells), constant currents, in µA/cm², writable.
        reach: float64 (contacts, cells), writable.
    """

    def __init__(
        self,
        model: NetworkModel,
        integrator: str,
        dt: float,
        populations: int,
        reach: Floats,
        channels: Sequence[Channel],
    ) -> None:
        self._made = model, integrator, dt, populations, reach, channels
        self.model, self._dt, self._populations = model, dt, populations
        self._record = record = ffi.new("rldbs_network *")
        self._kept: list[Any] = []
        record.groups, record.projections = len(model.groups), len(model.projections)
        record.contacts, record.channels = len(reach), len(channels)
        self._functions = functions = network_functions([group.cell for group in model.groups])
        record.cell = self._ints([functions.cells.index(group.cell.name) for group in model.groups])
        record.cells = self._ints([group.cells for group in model.groups])
        counts = [len(group.parameters) for group in model.groups]
        record.first_parameter = self._ints(np.cumsum([0, *counts[:-1]]))
        record.parameters = self._doubles(
            np.array([0.0, *(each for group in model.groups for each in group.parameters)])[1:]
        )
        self._project(record)
        self.reach = native.zeros(*reach.shape)
        self.reach[:] = reach
        record.reach = self._doubles(self.reach)
        record.channel_group = self._ints([channel.group for channel in channels])
        record.channel_row = self._ints([channel.row for channel in channels])
        weights = np.zeros((len(channels), model.cells))
        for row, channel in zip(weights, channels, strict=True):
            row[model.cells_of(model.names[channel.group])] = channel.weights
        record.recording = self._doubles(weights)
        record.integrator, record.dt = INTEGRATORS[integrator], dt
        size = functions.size(record)
        if populations * size > native.MOST_DOUBLES:
            raise SettingError(f"{populations} populations of {model.cells} cells do not fit into 64 GiB of memory")
        self.state, self.applied = native.zeros(populations, size), native.zeros(populations, model.cells)

    def _project(self, record: Any) -> None:
        model, names = self.model, self.model.names
        given = model.projections
        sources = [model.group(projection.source).cell for projection in given]
        targets = [model.group(projection.target).cell for projection in given]
        record.to = self._ints([names.index(projection.target) for projection in given])
        setattr(record, "from", self._ints([names.index(projection.source) for projection in given]))
        record.row = self._ints([of.variables.index(p.variable) for of, p in zip(sources, given, strict=True)])
        record.input = self._ints([of.inputs.index(p.input) for of, p in zip(targets, given, strict=True)])
        record.sources = self._ints([len(projection.sources) for projection in given])
        record.weight = self._doubles(np.array([projection.weight for projection in given]))
        record.source = self._ints([cell for projection in given for cell in projection.sources.ravel()])

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        arrays = {name: getattr(self, name).copy() for name in ("state", "applied", "reach")}
        return _kernel_of, (self._made, arrays)

    def rows(self, name: str) -> Floats:
        """The state of a group: (populations, variables, cells), writable."""
        before = self.model.groups[: self.model.names.index(name)]
        begin, group = sum(len(of.cell.variables) * of.cells for of in before), self.model.group(name)
        end = begin + len(group.cell.variables) * group.cells
        return self.state[:, begin:end].reshape(self._populations, -1, group.cells)

    def at_rest(self, group: Group, v: Floats) -> Floats:
        """Where the cells of a group begin: (variables, cells) from v (cells,)."""
        return self._functions.at_rest(group.cell, group.parameters, v)

    def advance(self, currents: ArrayLike, every: int = 1, threads: int = 1) -> tuple[Floats, Events]:
        """Advance every network by ``steps`` integration steps.

        Args:
            currents: of every contact, in µA/cm², held over each step: (populations, steps, contacts).
            every: steps from one sample to the next.
            threads: 1 to ``MOST_THREADS``. The result does not depend on it.

        Returns:
            float64 (populations, steps / every, channels), and the spikes.

        Raises:
            SettingError: an argument is out of range.
            DivergedError: a cell has left all bounds; no network has moved.
        """
        found = self.attempt(currents, every, threads)
        if found.diverged.any():
            self.state[:] = found.before
            raise found.divergence()
        return found.samples, found.events

    def attempt(self, currents: ArrayLike, every: int = 1, threads: int = 1) -> "Attempt":
        """The same, but that a network which diverges stays where it was, and the others go on.

        Raises:
            SettingError: an argument is out of range.
        """
        given = contact_rows("currents", currents, self._populations, len(self.reach), 0, native.MOST_MEANS)
        steps, every = given.shape[1], whole("every", every, 1, native.MOST_MEANS)
        if steps % every:
            raise SettingError(f"currents: must be of a multiple of every = {every} steps, are of {steps}")
        if self._populations * (steps // every) * self._record.channels > native.MOST_MEANS:
            raise SettingError(f"currents: {steps} steps are too many for one call; make several")
        threads = whole("threads", threads, 1, native.MOST_THREADS)
        state, samples, spikes, counts = self._taken(slice(0, self._populations), given, every, threads)
        if (counts < 0).any():  # which ends the steps of others, too: each for itself
            alone = [self._taken(slice(k, k + 1), given, every, 1) for k in range(self._populations)]
            room = max(each[2].shape[1] for each in alone)
            spikes = np.zeros((self._populations, room, 2), np.int32)
            for k, each in enumerate(alone):
                spikes[k, : each[2].shape[1]] = each[2][0]
            state, samples, counts = (np.concatenate([each[i] for each in alone]) for i in (0, 1, 3))
        before, diverged = self.state.copy(), counts < 0
        state[diverged], samples[diverged] = before[diverged], np.nan
        self.state[:] = state
        left = {k: self.model.cell_name(-1 - int(counts[k])) for k in np.flatnonzero(diverged).tolist()}
        return Attempt(samples, events_of(spikes, np.maximum(counts, 0)), diverged, before, steps, left)

    def _taken(
        self, rows: slice, given: Floats, every: int, threads: int
    ) -> tuple[Floats, Floats, NDArray[np.int32], NDArray[np.int64]]:
        """State, samples, spikes and their counts of some networks after their steps; nothing here has moved."""
        given, applied = given[rows], self.applied[rows]
        networks, steps = given.shape[:2]
        variant, threads = native.run_with(threads)
        samples = np.empty((networks, steps // every, self._record.channels))
        counts = np.zeros(networks, np.int64)
        scratch = np.empty(self._functions.scratch_size(self._record, networks, threads) + native.LANES)
        capacity = self.model.cells * (1 + int(EXPECTED_RATE * self._dt * steps))
        while True:
            state, spikes = self.state[rows].copy(), np.empty((networks, capacity, 2), np.int32)
            self._functions.advance(
                self._record,
                variant,
                threads,
                networks,
                steps,
                every,
                ffi.from_buffer(_DOUBLES, state),
                ffi.from_buffer(_DOUBLES, applied),
                ffi.from_buffer(_DOUBLES, given),
                ffi.from_buffer(_DOUBLES, samples),
                ffi.from_buffer(_INTS, spikes),
                capacity,
                ffi.from_buffer(_LONGS, counts),
                ffi.from_buffer(_DOUBLES, native.aligned(scratch, len(scratch) - native.LANES)),
            )
            if counts.max() <= capacity:
                return state, samples, spikes, counts
            capacity = int(counts.max())

    def _ints(self, values: Any) -> Any:
        return self._keep(_INTS, np.array(values, np.int32))

    def _doubles(self, values: Floats) -> Any:
        return self._keep(_DOUBLES, values)

    def _keep(self, kind: Any, array: NDArray[Any]) -> Any:
        """Where an array begins; the array is kept as long as this kernel is."""
        self._kept.append(ffi.from_buffer(kind, array))
        return self._kept[-1]


def events_of(spikes: NDArray[np.int32], counts: NDArray[np.int64]) -> Events:
    """Spikes as the core lists them: int32 (populations, room, 2), of which so many are."""
    found = spikes[np.arange(spikes.shape[1]) < counts[:, None]].astype(np.int64)
    return Events(np.repeat(np.arange(len(counts)), counts), found[:, 0], found[:, 1])


def _kernel_of(made: tuple[Any, ...], arrays: Mapping[str, Floats]) -> CellKernel:
    """A kernel with memory of its own that goes on from a state: addresses cannot be copied."""
    kernel = CellKernel(*made)
    for name, array in arrays.items():
        getattr(kernel, name)[:] = array
    return kernel
