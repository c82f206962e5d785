"""Rate models with delays of the C core as NumPy sees them: the memory of a batch of populations."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, float_rows, whole
from rldbs.core.c_core import ffi, lib
from rldbs.core.errors import SettingError
from rldbs.core.rate_settings import RateSettings
from rldbs.core.stn_gpe import DISEASED, HEALTHY, LARGEST, RESTING, TIME_CONSTANTS, Weights

_WRITABLE = ("state", "current", "coupling", "seeds", "clocks")
_VARIABLES = 2
_DOUBLES, _NUMBERS = ffi.typeof("double[]"), ffi.typeof("uint64_t[]")


class RateKernel:
    """Populations of two rates, integrated by Euler's method in C, each a lane of a vector.

    Args:
        settings: what they are, already checked.
        populations: how many.

    Attributes:
        state: float64 (populations, 1, 2 · memory), writable: the past of the rate of STN, then of GPe, each the
            oldest first.
        newest: float64 (populations, 1), that part of the state which is the rate of STN now, writable.
        current: float64 (populations, 1), what each population has of its own, writable.
        coupling: float64 (populations,), its severity, writable.
        seeds, clocks: uint64 (populations,), of the noise: which one, and how many integration steps were taken.

    Raises:
        SettingError: the batch is too large.
    """

    def __init__(self, settings: RateSettings, populations: int) -> None:
        self._made = settings, populations
        self._populations = whole("populations", populations, 1, native.MOST_NEURONS)
        memory, stride = settings.memory, -(-populations // native.LANES) * native.LANES
        if _VARIABLES * memory * stride > native.MOST_DOUBLES:
            raise SettingError(f"{populations} populations of {memory} past steps do not fit into 64 GiB of memory")
        rows = native.zeros(_VARIABLES * memory, stride)
        self.state = rows[:, : self._populations].T[:, None, :]
        self.newest = rows[memory - 1, : self._populations].reshape(-1, 1)
        own = native.zeros(populations)
        self.current, self.coupling = own[:, None], native.zeros(populations)
        self.seeds, self.clocks = (native.zeros(populations).view(np.uint64) for _ in range(2))
        self._stride = stride
        self._record = record = ffi.new("rldbs_rates *")
        record.dt, record.every, record.memory = settings.substep, settings.substeps, memory
        record.delay = list(settings.delays)
        record.tau, record.most, record.rest = list(TIME_CONSTANTS), list(LARGEST), list(RESTING)
        record.noise = [settings.noise * math.sqrt(2.0 * settings.substep / tau) for tau in TIME_CONSTANTS]
        record.healthy, record.diseased = _listed(HEALTHY), _listed(DISEASED)
        self._kept = [ffi.from_buffer(_DOUBLES, array) for array in (rows, own, self.coupling)]
        self._noise = [ffi.from_buffer(_NUMBERS, array) for array in (self.seeds, self.clocks)]
        size = partial(lib.rldbs_rates_scratch_size, record, populations)
        self.scratch_for: Callable[[int], object] = native.Scratch(size).of

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _kernel_of, (self._made, {name: array.copy() for name, array in self.arrays().items()})

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that the coming steps depend on."""
        return {name: getattr(self, name) for name in _WRITABLE}

    def advance(self, kicks: ArrayLike, threads: int = 1) -> Floats:
        """Advance every population; kicks are (populations, steps), in spk/s, each held over its step.

        Returns:
            float64 (populations, steps, 2): the rates of STN and GPe after each step, in spk/s.

        Raises:
            SettingError: an argument is out of range.
        """
        given = float_rows("kicks", kicks, self._populations, "steps", native.MOST_MEANS // _VARIABLES)
        threads = whole("threads", threads, 1, native.MOST_THREADS)
        mean = np.empty((*given.shape, _VARIABLES))
        strides = given.shape[1] * _VARIABLES, _VARIABLES, 1
        self.step(given, native.Place(ffi.from_buffer(_DOUBLES, mean), strides), threads)
        return mean

    def step(self, kicks: Floats, place: native.Place, threads: int) -> None:
        """The same for a caller who has looked at the kicks: nothing is copied, and little checked.

        Raises:
            TypeError: the kicks are of another kind, or not for these populations.
        """
        if kicks.dtype != np.float64 or kicks.ndim != 2 or len(kicks) != self._populations:
            raise TypeError(f"kicks: must be float64 of {self._populations} populations")
        variant, threads = native.run_with(threads)
        lib.rldbs_rates_advance(
            self._record,
            variant,
            threads,
            self._populations,
            self._stride,
            kicks.shape[1],
            *self._kept,
            ffi.from_buffer(_DOUBLES, kicks),
            *self._noise,
            place.begin,
            *place.strides,
            self.scratch_for(threads),
        )

    def lie(self, record: Any) -> object:
        """Write into an ``rldbs_loop`` where the populations lie; what must outlive that."""
        record.populations, record.neurons, record.stride, record.rows = self._populations, 1, 1, 1
        record.signals, record.contacts = _VARIABLES, 1
        record.rates, record.lanes = self._record, self._stride
        record.state, record.current, record.coupling = self._kept
        record.seeds, record.clocks = self._noise
        return self._kept, self._noise, self._record


def _listed(weights: Weights) -> list[float]:
    return [weights.stn_gpe, weights.gpe_stn, weights.gpe_gpe, weights.cortex, weights.striatum]


def _kernel_of(made: tuple[RateSettings, int], state: dict[str, NDArray[Any]]) -> RateKernel:
    """A kernel with memory of its own that goes on from a state: addresses cannot be copied."""
    kernel = RateKernel(*made)
    for name, array in state.items():
        getattr(kernel, name)[:] = array
    return kernel
