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
EXPECTED_RATE = 0.1
"""Spikes per neuron and ms for which memory is taken first; where there are more, a call is made again."""
_DOUBLES, _INTS, _LONGS, _WORDS = (ffi.typeof(f"{name}[]") for name in ("double", "int32_t", "int64_t", "uint64_t"))


class Advanced(NamedTuple):
    """What a call gives."""

    means: Floats
    """float64 (populations, steps, 2): mean v of both groups after each step, in mV."""
    moments: tuple[Floats, Floats]
    """Of both groups, float64 (populations, 2, neurons): v above reset of each neuron, and its square, summed over the
    steps of the call."""
    weights: Floats
    """float64 (populations,): the mean weight at the end."""
    spikes: Events


class PlasticKernel:
    """A batch of networks of an excitatory and an inhibitory group.

    Args:
        model: the constants.
        neurons: of both groups.
        reach: (contacts, all neurons), how much of a contact's current reaches a neuron.
        synapses: of each network, those of the excitatory group and those of the inhibitory one.
        keys: of the noise, uint64 (populations,).

    Attributes:
        state: float64 (populations, numbers of one network), writable; :meth:`rows` and :meth:`weights` are its parts.
        clocks: uint64 (populations,), how many steps have been taken, writable.
        reach: float64 (contacts, rows of both groups), writable; :meth:`reached` are its parts.
    """

    def __init__(
        self,
        model: PlasticModel,
        neurons: tuple[int, int],
        reach: Floats,
        synapses: Sequence[tuple[Synapses, Synapses]],
        keys: NDArray[np.uint64],
    ) -> None:
        self._made = model, neurons, reach, synapses, keys
        self._populations, self._neurons = len(synapses), neurons
        self._strides = tuple(-(-count // native.LANES) * native.LANES for count in neurons)
        self._delay, self._record = model.steps(model.delay), ffi.new("rldbs_plastic *")
        self.reach = native.zeros(len(reach), sum(self._strides))
        for part, begin, end in zip(self.reached(), (0, neurons[0]), (neurons[0], sum(neurons)), strict=True):
            part[:] = reach[:, begin:end]
        self._describe(model)
        size = lib.rldbs_plastic_size(self._record)
        if self._populations * size > native.MOST_DOUBLES:
            raise SettingError(f"{self._populations} populations of {sum(neurons)} neurons do not fit into 64 GiB")
        self.state, self.keys = native.zeros(self._populations, size), keys.copy()
        self.clocks = np.zeros(self._populations, np.uint64)
        self._connect(synapses)
        for group in (0, 1):
            self.rows(group)[:, 0] = model.reset
        for weights in self.weights():
            weights[:] = 1.0

    def _describe(self, model: PlasticModel) -> None:
        record, both = self._record, sum(self._neurons)
        for k, own in enumerate(model.groups):
            group, other = record.group[k], model.groups[1 - k]
            group.neurons, group.stride = self._neurons[k], self._strides[k]
            group.gain = other.strength / (model.shared * both)
            group.drive, group.noise, group.tau = own.drive, own.noise * float(np.sqrt(model.tau)), model.tau
            group.threshold, group.reset, group.floor = model.threshold, model.reset, model.floor
            group.refractory = model.steps(model.refractory)
            group.trace_time, group.trace_step = own.trace_time, model.trace_step
            record.capacity[k] = capacity(model.probability, self._neurons[k], self._neurons[1 - k])
        record.dt, record.delay, record.fixed = model.dt, self._delay, model.steps(model.fixed)
        record.assigns = model.overwrites
        record.potentiation, record.depression = model.rate, model.rate * model.depression
        strength = model.groups[0].strength
        record.least, record.most = (bound / strength for bound in model.bounds)
        record.contacts, record.reach = len(self.reach), ffi.from_buffer(_DOUBLES, self.reach)

    def _connect(self, synapses: Sequence[tuple[Synapses, Synapses]]) -> None:
        count, capacities = self._populations, tuple(self._record.capacity)
        self._outward = [np.zeros((count, neurons + 1), np.int64) for neurons in self._neurons]
        self._target = [np.zeros((count, capacity), np.int32) for capacity in capacities]
        self._inward = np.zeros((count, self._neurons[1] + 1), np.int64)
        self._source, self._synapse = (np.zeros((count, capacities[0]), np.int32) for _ in range(2))
        self._connected = np.array([_hash(*both) for both in synapses], np.uint64)
        for k, both in enumerate(synapses):
            for group, own in enumerate(both):
                self._outward[group][k] = own.begin
                self._target[group][k, : len(own.target)] = own.target
            begin, source, synapse = both[0].inward(self._neurons[1])
            self._inward[k] = begin
            self._source[k, : len(source)], self._synapse[k, : len(synapse)] = source, synapse

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _kernel_of, (self._made, {name: getattr(self, name).copy() for name in ("state", "clocks", "reach")})

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
        steps, all_rows = given.shape[1], sum(self._strides)
        means, spread, weights = np.empty((count, steps, 2)), np.zeros((count, 2 * all_rows)), np.empty(count)
        counts = np.zeros(count, np.int64)
        scratch = np.empty(lib.rldbs_plastic_scratch_size(self._record, count, threads) + native.LANES)
        room = sum(self._neurons) * (1 + int(EXPECTED_RATE * self._record.dt * steps))
        outward = [ffi.from_buffer(_LONGS, array) for array in self._outward]
        target = [ffi.from_buffer(_INTS, array) for array in self._target]
        while True:
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
                ffi.from_buffer(_DOUBLES, given),
                ffi.from_buffer(_DOUBLES, means),
                ffi.from_buffer(_DOUBLES, spread),
                ffi.from_buffer(_DOUBLES, weights),
                ffi.from_buffer(_INTS, spikes),
                room,
                ffi.from_buffer(_LONGS, counts),
                ffi.from_buffer(_DOUBLES, native.aligned(scratch, len(scratch) - native.LANES)),
            )
            if counts.max() <= room:
                break
            room = int(counts.max())
        self._check_finite(state)
        self.state[:], self.clocks[:] = state, clocks
        first, second = (
            part.reshape(count, 2, -1)[:, :, :neurons]
            for part, neurons in zip(np.split(spread, [2 * self._strides[0]], axis=1), self._neurons, strict=True)
        )
        return Advanced(means, (first, second), weights, events_of(spikes, counts))

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
