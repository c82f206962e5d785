"""Neurons of the C core in tissue, as NumPy sees them: the memory of a batch of populations, and what couples them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, contact_rows, whole
from rldbs.core.c_core import ffi
from rldbs.core.conductance import conductance_of
from rldbs.core.errors import SettingError, shown
from rldbs.core.neuron_functions import KernelName, tissue_functions
from rldbs.core.tissue import Tissue

_DOUBLES = ffi.typeof("double[]")
_SHARED = "model", "populations", "neurons", "stride", "dt", "parameters", "state", "current", "coupling"
"""Fields that say where populations lie, of which kind they are, and how they step."""
_FLOAT64 = np.dtype(np.float64)
MOST_MODES = 2**14
"""What modes give to each other, every one to every one, takes 2 GiB then."""


class SpatialKernel:
    """Populations of one neuron model in tissue, integrated by classical RK4 in C.

    Neuron i is driven by its current and by ε Σ_r V_ri Σ_j W_rj x_j; before a step Σ_c G_ci kick_c is added to its x.

    Args:
        name: one of ``native.KERNELS``, or equations of the user's.
        parameters: constants of the model's equations, in its order.
        dt: integration step.
        populations: how many populations; all have the same tissue.
        tissue: how neurons are coupled, kicked and recorded. Its first site records all alike.
        own_contacts: each population has a G of its own.

    Attributes:
        state: float64 (populations, variables, neurons), writable.
        current: float64 (populations, neurons), writable.
        coupling: float64 (populations,) ε, writable.
        conductance: G, float64 (contacts, neurons), or (populations, contacts, neurons) where each has its own, at
            first that of the tissue, writable.
        recording: P, float64 (sites, neurons), likewise; its first row, which stands for the mean of all, is not read.

    Raises:
        SettingError: an argument is out of range, or the batch is too large.
    """

    def __init__(
        self,
        name: KernelName,
        parameters: Sequence[float],
        dt: float,
        populations: int,
        tissue: Tissue,
        own_contacts: bool = False,
    ) -> None:
        self._tissue = tissue = checked(tissue)
        self._made = name, list(parameters), dt, populations, tissue, own_contacts
        self._memory = memory = native.Kernel(name, parameters, dt, populations, tissue.neurons)
        self._functions = tissue_functions(name, native.instruction_set())
        self.state, self.current, self.coupling = memory.state, memory.current, memory.coupling
        self._populations, variables, neurons = self.state.shape
        self._columns = variables + tissue.sites - 1
        self._stride = stride = -(-neurons // native.LANES) * native.LANES
        self._record, lies = ffi.new("rldbs_spatial *"), ffi.new("rldbs_loop *")
        record = self._record
        self._kept: list[Any] = [memory.place(lies)]
        lies.model = self._functions.model
        for field in _SHARED:
            setattr(record, field, getattr(lies, field))
        record.modes, record.contacts, record.sites = tissue.modes, tissue.contacts, tissue.sites - 1
        reach = conductance_of(tissue.conductance, populations, stride, own_contacts)
        recording = _padded(tissue.recording, stride)
        self.conductance, self.recording = reach.shown, recording[:, :neurons]
        record.conductance, record.recording = self._keep(reach.memory), self._keep(recording[1:])
        record.conductance_stride = reach.stride
        record.weights_in = self._keep(_padded(tissue.weights_in, stride))
        if tissue.weights_out is not None:
            record.weights_out = self._keep(_in_groups(tissue.weights_out))
            record.mixing = self._keep(self._mixing())
        self.scratch_for: Callable[[int], object] = native.Scratch(partial(self._functions.scratch_size, record)).of

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        names = "state", "current", "coupling", "conductance", "recording"
        return _kernel_of, (self._made, {name: getattr(self, name).copy() for name in names})

    @property
    def tissue(self) -> Tissue:
        """What it was made with."""
        return self._tissue

    def advance(self, kicks: ArrayLike, threads: int = 1) -> Floats:
        """Advance every population by ``steps`` integration steps.

        Args:
            kicks: (populations, steps, contacts), real and finite.
            threads: 1 to ``MOST_THREADS``. The result does not depend on it.

        Returns:
            float64 (populations, steps, variables + sites − 1), after each step: the mean over neurons of each
            variable, then the weighted sum of x of every site but the first.

        Raises:
            SettingError: an argument is out of range.
        """
        shape = self._populations, self._tissue.contacts, self._columns
        given = contact_rows("kicks", kicks, *shape, native.MOST_MEANS)
        threads = whole("threads", threads, 1, native.MOST_THREADS)
        mean = np.empty((*given.shape[:2], self._columns))
        place = native.Place(ffi.from_buffer(_DOUBLES, mean), (given.shape[1] * self._columns, self._columns, 1))
        self.step(given, place, threads)
        return mean

    def step(self, kicks: Floats, place: native.Place, threads: int) -> None:
        """The same for a caller who has looked at the numbers: nothing is copied, and little checked.

        Args:
            kicks: float64 (populations, steps, contacts), contiguous and finite.
            place: where what is recorded is written, its columns as variables.
            threads: 1 to ``MOST_THREADS``.

        Raises:
            TypeError: the kicks are of another kind, or not for these populations.
        """
        shape = self._populations, self._tissue.contacts
        if kicks.dtype != _FLOAT64 or kicks.ndim != 3 or (kicks.shape[0], kicks.shape[2]) != shape:
            raise TypeError(f"kicks: must be float64 (populations, steps, contacts) = ({shape[0]}, …, {shape[1]})")
        variant, threads = native.run_with(threads)
        self._functions.advance(
            self._record,
            variant,
            threads,
            kicks.shape[1],
            ffi.from_buffer(_DOUBLES, kicks),
            place.begin,
            *place.strides,
            self.scratch_for(threads),
        )

    def lie(self, record: Any) -> object:
        """Write into an ``rldbs_loop`` where the populations lie; what must outlive that."""
        kept = self._memory.place(record)
        record.model, record.own = self._functions.model, self._functions.own
        record.spatial, record.signals, record.contacts = self._record, self._columns, self._tissue.contacts
        return kept, self._kept, self._record

    def _mixing(self) -> Floats:
        """What each mode gives to each through the neurons, W·V', in groups of lanes."""
        modes = self._tissue.modes
        mixing = native.zeros(-(-modes // native.LANES), modes, native.LANES)
        variant, _ = native.run_with(1)
        scratch = np.empty(self._functions.scratch_size(self._record, 1))
        addresses = (ffi.from_buffer(_DOUBLES, array) for array in (mixing, scratch))
        assert self._functions.mixing is not None
        self._functions.mixing(self._record, variant, *addresses)
        return mixing

    def _keep(self, array: NDArray[Any]) -> Any:
        """Where an array begins; the array is kept as long as this kernel is."""
        self._kept.append(ffi.from_buffer(_DOUBLES, array))
        return self._kept[-1]


def checked(tissue: object) -> Tissue:
    """The tissue, if neurons can be in it.

    Raises:
        SettingError: it is none, its first site does not record all neurons alike, or it has too many modes.
    """
    if type(tissue) is not Tissue:
        raise SettingError(f"tissue: must be a Tissue, is {shown(tissue)}")
    alike = 1.0 / tissue.neurons
    if not np.allclose(tissue.recording[0], alike, rtol=1e-9, atol=0.0):
        raise SettingError(f"tissue: the first site must record all neurons alike, 1/neurons = {alike:g} of each")
    if tissue.weights_out is not None and tissue.modes > MOST_MODES:
        raise SettingError(f"tissue: {tissue.modes} modes are too many, at most {MOST_MODES}")
    return tissue


def _padded(rows: Floats, stride: int) -> Floats:
    """The rows in memory of our own, with zeros after each."""
    padded = native.zeros(len(rows), stride)
    padded[:, : rows.shape[1]] = rows
    return padded


def _in_groups(rows: Floats) -> Floats:
    """The rows as (groups of lanes, rows, lanes): so all that the neurons of a group take lies together."""
    groups = -(-rows.shape[1] // native.LANES)
    grouped = native.zeros(groups, len(rows), native.LANES)
    for lane in range(native.LANES):
        part = rows[:, lane :: native.LANES]
        grouped[: part.shape[1], :, lane] = part.T
    return grouped


def _kernel_of(made: tuple[Any, ...], state: dict[str, Floats]) -> SpatialKernel:
    """A kernel with memory of its own that goes on from a state: addresses cannot be copied."""
    kernel = SpatialKernel(*made)
    for name, array in state.items():
        getattr(kernel, name)[:] = array
    return kernel
