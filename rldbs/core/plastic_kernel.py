"""Networks with plastic synapses of the C core as NumPy sees them: the memory of a batch, and their description."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, contact_rows, whole
from rldbs.core.c_core import ffi, lib
from rldbs.core.cell_kernel import Events, events_of
from rldbs.core.ei_plastic import PlasticModel
from rldbs.core.errors import DivergedError, SettingError
from rldbs.core.synapses import Synapses, capacity

ROWS = ("v", "left", "trace", "s", "x")
"""Variables of a neuron: potential in mV, steps that are left at reset, trace, what synapses give, what feeds that."""
TOLD = 2
"""Numbers that are told after each step with a window."""
_DOUBLES, _INTS, _LONGS, _WORDS = (ffi.typeof(f"{name}[]") for name in ("double", "int32_t", "int64_t", "uint64_t"))


class Advanced(NamedTuple):
    """What a call gives."""

    means: Floats
    """float64 (populations, steps, 2): mean v of both groups after each step, in mV."""
    moments: tuple[Floats, Floats]
    """Of both groups, float64 (populations, 2, neurons): v above reset of each neuron, and its square, summed over the
    steps of the call; with a window over those since it began."""
    weights: Floats
    """float64 (populations,): the mean weight at the end."""
    told: Floats
    """float64 (populations, steps, 2): χ² of the excitatory neurons over the last whole window, and the mean weight at
    its end, after each step; of no steps without a window."""
    spikes: Events


class PlasticKernel:
    """A batch of networks of an excitatory and an inhibitory group.

    Args:
        model: the constants.
        neurons: of both groups.
        reach: (contacts, all neurons), how much of a contact's current reaches a neuron.
        synapses: of each network, those of the excitatory group and those of the inhibitory one.
        keys: of the noise, uint64 (populations,).
        window: steps over which sums are taken, wherever calls begin and end; 0: over each call.
        kept: numbers at the end of the state that are the caller's own.

    Attributes:
        state: float64 (populations, numbers of one network), writable; :meth:`rows` and :meth:`weights` are its parts.
        clocks: uint64 (populations,), how many steps have been taken, writable.
        applied: float64 (populations, rows of both groups), constant currents of the neurons' own, in mV, writable.
        reach: float64 (contacts, rows of both groups), writable; :meth:`reached` are its parts.
    """

    def __init__(
        self,
        model: PlasticModel,
        neurons: tuple[int, int],
        reach: Floats,
        synapses: Sequence[tuple[Synapses, Synapses]],
        keys: NDArray[np.uint64],
        window: int = 0,
        kept: int = 0,
    ) -> None:
        self._made = model, neurons, reach, [*synapses], keys, window, kept
        self._populations, self._neurons = len(synapses), neurons
        self._strides = _strides(neurons)
        self._delay, self._record = model.steps(model.delay), _record(model, neurons, window, kept)
        self.reach = native.zeros(len(reach), sum(self._strides))
        for part, begin, end in zip(self.reached(), (0, neurons[0]), (neurons[0], sum(neurons)), strict=True):
            part[:] = reach[:, begin:end]
        self._record.contacts, self._record.reach = len(reach), ffi.from_buffer(_DOUBLES, self.reach)
        size = lib.rldbs_plastic_size(self._record)
        if self._populations * size > native.MOST_DOUBLES:
            raise SettingError(f"{self._populations} populations of {sum(neurons)} neurons do not fit into 64 GiB")
        self.state, self.keys = native.zeros(self._populations, size), keys.copy()
        self.clocks = np.zeros(self._populations, np.uint64)
        self.applied = native.zeros(self._populations, sum(self._strides))
        self._make_room()
        for population, both in enumerate(synapses):
            self.connect(population, both)
        for group in (0, 1):
            self.rows(group)[:, 0] = model.reset
        for weights in self.weights():
            weights[:] = 1.0

    def _make_room(self) -> None:
        """For the synapses of all networks."""
        count, capacities = self._populations, tuple(self._record.capacity)
        self._outward = [np.zeros((count, neurons + 1), np.int64) for neurons in self._neurons]
        self._target = [np.zeros((count, capacity), np.int32) for capacity in capacities]
        self._inward = np.zeros((count, self._neurons[1] + 1), np.int64)
        self._source, self._synapse = (np.zeros((count, capacities[0]), np.int32) for _ in range(2))
        self._connected = np.zeros(count, np.uint64)

    def connect(self, population: int, both: tuple[Synapses, Synapses]) -> None:
        """Give a network these synapses, of the excitatory group and of the inhibitory one; their weights stay."""
        self._made[3][population] = both
        for group, own in enumerate(both):
            self._outward[group][population] = own.begin
            self._target[group][population, : len(own.target)] = own.target
        begin, source, synapse = both[0].inward(self._neurons[1])
        self._inward[population], self._connected[population] = begin, _hash(*both)
        self._source[population, : len(source)], self._synapse[population, : len(synapse)] = source, synapse

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _kernel_of, (
            self._made,
            {name: getattr(self, name).copy() for name in ("state", "clocks", "keys", "applied", "reach")},
        )

    def rows(self, group: int) -> Floats:
        """The state of a group: (populations, 5, neurons), writable; the variables are ``ROWS``."""
        begin = group * (len(ROWS) + self._delay) * self._strides[0]
        rows = self.state[:, begin : begin + len(ROWS) * self._strides[group]]
        return rows.reshape(self._populations, len(ROWS), -1)[:, :, : self._neurons[group]]

    def mean_weights(self) -> Floats:
        """The mean weight of each network, float64 (populations,), summed in one order whatever the processor."""
        return self.advance(np.empty((self._populations, 0, len(self.reach)))).weights

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """All that the coming steps depend on; ``connected`` tells the synapses of a network from others."""
        parts = {"state": self.state, "clocks": self.clocks, "keys": self.keys, "reach": self.reach}
        return {**parts, "connected": self._connected}

    @property
    def kept(self) -> Floats:
        """What the caller keeps in the state, float64 (populations, kept), writable."""
        return self.state[:, self.state.shape[1] - self._record.kept :]

    @property
    def told(self) -> Floats:
        """χ² over the last whole window and the mean weight at its end, float64 (populations, 2), writable."""
        end = self.state.shape[1] - self._record.kept
        return self.state[:, end - TOLD : end]

    def _window_sums(self) -> Floats:
        begin = (len(ROWS) + self._delay) * sum(self._strides) + self._record.capacity[0]
        return self.state[:, begin : begin + 2 * sum(self._strides)]

    def weights(self) -> list[Floats]:
        """The weights of each network's excitatory synapses in their order, writable."""
        begin = (len(ROWS) + self._delay) * sum(self._strides)
        ends = begin + self._outward[0][:, -1]
        return [state[begin:end] for state, end in zip(self.state, ends.tolist(), strict=True)]

    def synapses(self, population: int, group: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Those of a group: where those of each neuron begin, (neurons + 1,), and whom each reaches, (synapses,)."""
        begin = self._outward[group][population]
        return begin, self._target[group][population, : begin[-1]]

    def reached(self) -> tuple[Floats, Floats]:
        """How much of each contact's current reaches each neuron of both groups: (contacts, neurons), writable."""
        first = self._strides[0]
        return self.reach[:, : self._neurons[0]], self.reach[:, first : first + self._neurons[1]]

    def advance(self, currents: ArrayLike, threads: int = 1) -> Advanced:
        """Advance every network by ``steps`` integration steps.

        Args:
            currents: of every contact, in mV, held over each step: (populations, steps, contacts).
            threads: 1 to ``MOST_THREADS``. The result does not depend on it.

        Raises:
            SettingError: an argument is out of range, or the state is not finite.
            DivergedError: the state has left all numbers; no network has moved.
        """
        count = self._populations
        given = contact_rows("currents", currents, count, len(self.reach), 2, native.MOST_MEANS)
        variant, threads = native.run_with(whole("threads", threads, 1, native.MOST_THREADS))
        steps, window = given.shape[1], self._record.window
        means, weights, counts = np.empty((count, steps, 2)), np.empty(count), np.zeros(count, np.int64)
        told = np.empty((count, steps if window else 0, TOLD))
        spread = self._window_sums() if window else np.zeros((count, 2 * sum(self._strides)))
        scratch = np.empty(lib.rldbs_plastic_scratch_size(self._record, count, threads) + native.LANES)
        between = max(1, int(min(group.refractory for group in self._record.group)))
        room = sum(self._neurons) * (1 + steps // between)  # more often nobody can fire
        outward = [ffi.from_buffer(_LONGS, array) for array in self._outward]
        target = [ffi.from_buffer(_INTS, array) for array in self._target]
        state, clocks = self.state.copy(), self.clocks.copy()
        spikes = np.empty((count, room, 2), np.int32)
        lib.rldbs_plastic_advance(
            self._record,
            variant,
            threads,
            count,
            steps,
            ffi.new("int64_t *[2]", outward),
            ffi.new("int32_t *[2]", target),
            ffi.from_buffer(_LONGS, self._inward),
            ffi.from_buffer(_INTS, self._source),
            ffi.from_buffer(_INTS, self._synapse),
            ffi.from_buffer(_WORDS, self.keys),
            ffi.from_buffer(_WORDS, clocks),
            ffi.from_buffer(_DOUBLES, state),
            ffi.from_buffer(_DOUBLES, self.applied),
            ffi.from_buffer(_DOUBLES, given),
            ffi.from_buffer(_DOUBLES, means),
            ffi.NULL if window else ffi.from_buffer(_DOUBLES, spread),
            ffi.from_buffer(_DOUBLES, weights),
            ffi.from_buffer(_DOUBLES, told) if window else ffi.NULL,
            ffi.from_buffer(_INTS, spikes),
            room,
            ffi.from_buffer(_LONGS, counts),
            ffi.from_buffer(_DOUBLES, native.aligned(scratch, len(scratch) - native.LANES)),
        )
        self._check_finite(state)
        self.state[:], self.clocks[:] = state, clocks
        first, second = (
            part.reshape(count, 2, -1)[:, :, :neurons]
            for part, neurons in zip(np.split(spread, [2 * self._strides[0]], axis=1), self._neurons, strict=True)
        )
        return Advanced(means, (first, second), weights, told, events_of(spikes, counts))

    def _check_finite(self, state: Floats) -> None:
        """Whether the state after a call is made of numbers.

        Raises:
            SettingError: that before was not.
            DivergedError: it is not.
        """
        finite = np.isfinite(state).all(axis=1)
        if finite.all():
            return
        population = int(np.argmin(finite))
        if not np.isfinite(self.state[population]).all():
            raise SettingError(f"cells, weights: those of population {population} must be finite")
        raise DivergedError(
            f"population {population}: what its neurons have is no number any more: take less current, or smaller "
            "weights"
        )


def state_size(model: PlasticModel, neurons: tuple[int, int], window: int, kept: int) -> int:
    """Numbers in the state of one network."""
    return int(lib.rldbs_plastic_size(_record(model, neurons, window, kept)))


def _strides(neurons: tuple[int, int]) -> tuple[int, int]:
    """Neurons of both groups, rounded up to whole lanes."""
    first, second = (-(-count // native.LANES) * native.LANES for count in neurons)
    return first, second


def _record(model: PlasticModel, neurons: tuple[int, int], window: int, kept: int) -> Any:
    """The constants as the core reads them, all but those of contacts."""
    record, strength = ffi.new("rldbs_plastic *"), model.groups[0].strength
    for k, own in enumerate(model.groups):
        group, other = record.group[k], model.groups[1 - k]
        group.neurons, group.stride = neurons[k], _strides(neurons)[k]
        group.gain = other.strength / (model.shared * sum(neurons))
        group.drive, group.noise, group.tau = own.drive, own.noise * float(np.sqrt(model.tau)), model.tau
        group.threshold, group.reset, group.floor = model.threshold, model.reset, model.floor
        group.refractory = model.steps(model.refractory)
        group.trace_time, group.trace_step = own.trace_time, model.trace_step
        record.capacity[k] = capacity(model.probability, neurons[k], neurons[1 - k])
    record.dt, record.delay, record.fixed = model.dt, model.steps(model.delay), model.steps(model.fixed)
    record.assigns, record.window, record.kept = model.overwrites, window, kept
    record.potentiation, record.depression = model.rate, model.rate * model.depression
    record.least, record.most = (bound / strength for bound in model.bounds)
    return record


def _hash(excitatory: Synapses, inhibitory: Synapses) -> int:
    number = 0
    for synapses in (excitatory, inhibitory):
        number = crc32(synapses.target.tobytes(), crc32(synapses.begin.tobytes(), number))
    return number


def _kernel_of(made: tuple[Any, ...], arrays: Mapping[str, NDArray[Any]]) -> PlasticKernel:
    """A kernel with memory of its own that goes on from a state: addresses cannot be copied."""
    kernel = PlasticKernel(*made)
    for name, array in arrays.items():
        getattr(kernel, name)[:] = array
    return kernel
