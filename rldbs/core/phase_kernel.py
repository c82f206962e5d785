"""Phase oscillators of the C core as NumPy sees them: the memory of a batch of populations, and their tissue."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, contact_rows, number, whole
from rldbs.core.c_core import ffi, lib
from rldbs.core.conductance import conductance_of
from rldbs.core.errors import DivergedError, SettingError, shown
from rldbs.core.folded_coupling import axes_of, folded
from rldbs.core.tissue import Response, Tissue

_WRITABLE = ("state", "frequency", "coupling", "seeds", "clocks", "conductance", "recording")
_ROWS: int = lib.RLDBS_PHASE_ROWS
_DOUBLES, _NUMBERS, _WHOLES = (ffi.typeof(f"{kind}[]") for kind in ("double", "uint64_t", "int64_t"))


class PhaseKernel:
    """Populations of phase oscillators, integrated by classical RK4 in C.

        θ' = ω + K Σ_r V_r,i Σ_j W_r,j sin(θ_j − θ_i) + Z(θ_i) Σ_c G_c,i u_c + noise

    Units are whatever ω and dt have.

    Args:
        tissue: how oscillators are coupled, hit and heard.
        response: the phase response curve Z.
        dt: integration step.
        populations: how many populations; all have the same tissue.
        noise: standard deviation of what is added to each phase after a step.
        rate_unit: in which the rate is recorded, in radians per unit of time.
        own_contacts: each population has a G of its own.

    Attributes:
        state: float64 (populations, 3, neurons): cos θ and sin θ after the last step, and the phases themselves.
        phase: float64 (populations, neurons), that part of the state, writable; after a step within a half turn of 0.
        frequency: float64 (populations, neurons) ω, writable; also as ``current``, as which each neuron has it.
        coupling: float64 (populations,) K, writable.
        seeds: uint64 (populations,), of the noise, writable.
        clocks: uint64 (populations,), the steps that were taken, which the noise depends on, writable.
        conductance: G, float64 (contacts, neurons), or (populations, contacts, neurons) where each has its own, at
            first that of the tissue, writable.
        recording: P, float64 (sites, neurons), likewise.

    Raises:
        SettingError: an argument is out of range, or the batch is too large.
    """

    def __init__(
        self,
        tissue: Tissue,
        response: Response,
        dt: float,
        populations: int,
        noise: float = 0.0,
        rate_unit: float = 1.0,
        own_contacts: bool = False,
    ) -> None:
        if not isinstance(tissue, Tissue) or not isinstance(response, Response):
            raise SettingError(f"tissue, response: must be a Tissue and a Response, are {shown((tissue, response))}")
        self.tissue, self.response = tissue, response
        self._made = tissue, response, dt, populations, noise, rate_unit, own_contacts
        self._populations = populations = whole("populations", populations, 1, native.MOST_NEURONS)
        self._stride = stride = -(-tissue.neurons // native.LANES) * native.LANES
        if self._populations * _ROWS * stride > native.MOST_DOUBLES:
            raise SettingError(
                f"{populations} populations of {tissue.neurons} neurons do not fit into 64 GiB of memory"
            )
        state, frequency = native.zeros(populations, _ROWS, stride), native.zeros(populations, stride)
        self.state, self.frequency = state[..., : tissue.neurons], frequency[:, : tissue.neurons]
        self.phase, self.current = self.state[:, _ROWS - 1], self.frequency
        self.coupling = native.zeros(populations)
        self.seeds, self.clocks = (native.zeros(populations).view(np.uint64) for _ in range(2))
        self._columns = 2 * tissue.sites + 1
        self._record = record = ffi.new("rldbs_tissue *")
        self._kept: list[Any] = []
        record.neurons, record.stride = tissue.neurons, stride
        record.modes, record.contacts, record.sites = tissue.modes, tissue.contacts, tissue.sites
        if tissue.weights_out is None:
            weights, axes = folded(tissue.weights_in, axes_of(tissue.weights_in))
            record.folds, record.axes = len(axes), self._keep(axes, _WHOLES)
            record.weights_in = self._keep(weights)
        else:
            record.weights_in = self._keep(_padded(tissue.weights_in))
            record.weights_out = self._keep(_padded(tissue.weights_out))
        reach = conductance_of(tissue.conductance, populations, stride, own_contacts)
        recording = _padded(tissue.recording)
        self.conductance, self.recording = reach.shown, recording[:, : tissue.neurons]
        record.conductance, record.recording = self._keep(reach.memory), self._keep(recording)
        record.conductance_stride = reach.stride
        record.response, record.harmonics = response.kind, len(response.cosines) - 1
        record.cosines = self._keep(np.array(response.cosines, np.float64))
        record.sines = self._keep(np.array(response.sines, np.float64))
        record.dt, record.noise = number("dt", dt, above=0.0), number("noise", noise, least=0.0)
        record.rate_unit = number("rate_unit", rate_unit, above=0.0)
        self._fixed = [self._keep(array) for array in (state, frequency, self.coupling)]
        self._noise = [self._keep(array, _NUMBERS) for array in (self.seeds, self.clocks)]
        size = partial(lib.rldbs_phase_scratch_size, record, populations)
        self.scratch_for: Callable[[int], object] = native.Scratch(size).of

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _kernel_of, (self._made, {name: array.copy() for name, array in self.arrays().items()})

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that the coming steps depend on, and that may change."""
        return {name: getattr(self, name) for name in _WRITABLE}

    def advance(self, stimulation: ArrayLike, threads: int = 1) -> Floats:
        """Advance every population by ``steps`` integration steps.

        Args:
            stimulation: u, (populations, steps, contacts), real and finite; held over each step.
            threads: 1 to ``MOST_THREADS``. The result does not depend on it.

        Returns:
            float64 (populations, steps, 2 · sites + 1): the weighted sums of cos θ and of sin θ at the first site
            after each step, the rate at which the phases have advanced, weighted likewise, and then the sums of every
            further site.

        Raises:
            SettingError: an argument is out of range.
            DivergedError: phases have left all bounds, since what drives them is too strong for the step.
        """
        shape = self._populations, self.tissue.contacts, self._columns
        kicks = contact_rows("stimulation", stimulation, *shape, native.MOST_MEANS)
        threads = whole("threads", threads, 1, native.MOST_THREADS)
        mean = np.empty((*kicks.shape[:2], self._columns))
        strides = kicks.shape[1] * self._columns, self._columns, 1
        self.step(kicks, native.Place(ffi.from_buffer(_DOUBLES, mean), strides), threads)
        if not np.isfinite(mean).all():
            raise DivergedError("phases have left all bounds: take a smaller dt, or less coupling or stimulation")
        return mean

    def step(self, kicks: Floats, place: native.Place, threads: int) -> None:
        """The same for a caller who has looked at the numbers: nothing is copied, and little checked.

        Args:
            kicks: float64 (populations, steps, contacts), contiguous and finite; one contact needs no axis.
            place: where the mean field is written.
            threads: as for :meth:`advance`.

        Raises:
            TypeError: the kicks are of another kind, or not for these populations.
        """
        steps = kicks.size // (self._populations * self.tissue.contacts)
        if kicks.dtype != np.float64 or kicks.shape[:2] != (self._populations, steps):
            raise TypeError(f"kicks: must be float64 of {self._populations} populations")
        variant, threads = native.run_with(threads)
        lib.rldbs_phase_advance(
            self._record,
            variant,
            threads,
            self._populations,
            steps,
            *self._fixed,
            ffi.from_buffer(_DOUBLES, kicks),
            *self._noise,
            place.begin,
            *place.strides,
            self.scratch_for(threads),
        )

    def lie(self, record: Any) -> object:
        """Write into an ``rldbs_loop`` where the populations lie; what must outlive that."""
        tissue = self._record
        record.populations, record.neurons, record.stride = self._populations, self.tissue.neurons, self._stride
        record.rows, record.signals, record.contacts = _ROWS, self._columns, self.tissue.contacts
        record.tissue, record.dt = tissue, tissue.dt
        record.state, record.current, record.coupling = self._fixed
        record.seeds, record.clocks = self._noise
        return self._kept, tissue

    def _keep(self, array: NDArray[Any], kind: Any = _DOUBLES) -> Any:
        """Where an array begins; the array is kept as long as this kernel is."""
        self._kept.append(ffi.from_buffer(kind, array))
        return self._kept[-1]


def _kernel_of(made: tuple[Any, ...], state: dict[str, NDArray[Any]]) -> PhaseKernel:
    """A kernel with memory of its own that goes on from a state: addresses cannot be copied."""
    kernel = PhaseKernel(*made)
    for name, array in state.items():
        getattr(kernel, name)[:] = array
    return kernel


def _padded(rows: Floats) -> Floats:
    """The rows in memory of our own, in whole lanes, as the core has them."""
    padded = native.zeros(len(rows), -(-rows.shape[1] // native.LANES) * native.LANES)
    padded[:, : rows.shape[1]] = rows
    return padded
