"""The C core as NumPy sees it. Arguments are checked here; the C code trusts them."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from rldbs.core.any_kernel import AnyKernel as AnyKernel
from rldbs.core.any_kernel import Place as Place
from rldbs.core.arguments import Floats as Floats
from rldbs.core.arguments import float_rows, number, whole
from rldbs.core.c_core import ffi, lib
from rldbs.core.equations import Equations
from rldbs.core.errors import SettingError, shown
from rldbs.core.neuron_functions import KERNELS as KERNELS
from rldbs.core.neuron_functions import KernelName, NeuronFunctions, neuron_functions, sizes

PHYSICS: int = lib.rldbs_physics()
"""The version of the physics: it rises whenever the same configuration and seed give other bits."""
LANES: int = lib.rldbs_lanes()
HAS_THREADS = bool(lib.rldbs_has_threads())
LINE = 64
"""Bytes of a cache line."""
MOST_THREADS = 256
MOST_NEURONS = 10**8
MOST_DOUBLES = 2**33
"""A batch larger than 64 GiB is a slip of the hand, not a plan."""
MOST_MEANS = 2**28
"""So many doubles, 2 GiB, the mean field of one call may have; a longer run is several calls."""


def _names(count: int, name: "object") -> tuple[str, ...]:
    return tuple(ffi.string(name(i)).decode() for i in range(count))  # type: ignore[operator]


INSTRUCTION_SETS = _names(lib.rldbs_variant_count(), lib.rldbs_variant_name)
"""Names of the compiled variants of the kernel, in rising order."""
SUPPORTED = tuple(name for i, name in enumerate(INSTRUCTION_SETS) if lib.rldbs_variant_supported(i))
"""Those of them that this processor runs."""


def fuses(name: str) -> bool:
    """Whether a variant of the kernel has an instruction for fused multiply-add; else it is put together of others."""
    return bool(lib.rldbs_variant_fuses(INSTRUCTION_SETS.index(name)))


_variant = len(SUPPORTED) - 1
_forked_from_threads = False
_used_threads = False


def _forget_threads() -> None:
    global _forked_from_threads
    _forked_from_threads = _used_threads


# A forked child inherits a thread pool without threads, and would wait for it for ever.
os.register_at_fork(after_in_child=_forget_threads)


def instruction_set() -> str:
    """The variant of the kernel that is used: the best that this processor runs."""
    return INSTRUCTION_SETS[_variant]


@contextmanager
def use_instruction_set(name: str) -> Iterator[None]:
    """Use another variant of the kernel for a while, to test or to time it. The bits of every result are the same.

    Equations of a user's keep the one with which they were used first.

    Raises:
        SettingError: the variant does not exist or this processor does not run it.
    """
    global _variant
    if type(name) is not str or name not in SUPPORTED:
        raise SettingError(f"instruction set {shown(name)}: this processor runs {', '.join(SUPPORTED)}")
    before, _variant = _variant, INSTRUCTION_SETS.index(name)
    try:
        yield
    finally:
        _variant = before


def run_with(threads: int) -> tuple[int, int]:
    """The variant of the core, and the number of threads, that a call is made with now."""
    global _used_threads
    if threads > 1 and (not HAS_THREADS or _forked_from_threads):
        threads = 1
    _used_threads |= threads > 1
    return _variant, threads


def aligned(memory: Floats, *shape: int) -> Floats:
    """``memory`` from its first cache line on, so that its speed does not depend on luck."""
    start = (-memory.ctypes.data % LINE) // memory.itemsize
    return memory[start : start + math.prod(shape)].reshape(shape)


def zeros(*shape: int) -> Floats:
    """Zeros that a caller may look at. NumPy does not own them, because it lets its own arrays be resized."""
    return aligned(np.frombuffer(ffi.buffer(ffi.new("double[]", math.prod(shape) + LINE // 8))), *shape)


_DOUBLES = ffi.typeof("double[]")
_FLOAT64 = np.dtype(np.float64)


def curve(name: Literal["cosine", "exponential"], x: Floats) -> Floats:
    """cos x, up to some thousand turns, or exp x, for x from −700 to 700: the same bits on every processor.

    An array of the same shape as x, which is float64.
    """
    given, found = np.ascontiguousarray(x, np.float64), np.empty(np.shape(x))
    which = lib.RLDBS_COSINE if name == "cosine" else lib.RLDBS_EXPONENTIAL
    lib.rldbs_curve(which, _variant, given.size, ffi.from_buffer(_DOUBLES, given), ffi.from_buffer(_DOUBLES, found))
    return found


def address(array: Floats) -> object:
    """Where a contiguous float64 array begins; add numbers to it to go on. The array must outlive it."""
    return ffi.cast("double *", ffi.from_buffer(_DOUBLES, array))


class Scratch:
    """Scratch memory of a kernel; kept, because most calls are like the one before.

    A caller in another Python thread may ask meanwhile: each uses what itself has made.

    Args:
        size: doubles that so many threads need.
    """

    def __init__(self, size: Callable[[int], int]) -> None:
        self._size = size
        self._kept: tuple[int, object] = (0, None)

    def of(self, threads: int) -> object:
        """Where it begins."""
        kept_for, scratch = self._kept
        if kept_for != threads:
            size = self._size(threads)
            scratch = ffi.from_buffer(_DOUBLES, aligned(np.empty(size + LINE // 8), size))
            self._kept = threads, scratch
        return scratch


class Kernel:
    """One neuron model of the C core with the memory of one batch of populations.

    The populations' memory is taken here, and its addresses are taken once, so a call costs little and no array of a
    caller's can be the wrong one.

    Args:
        name: one of ``KERNELS``, or equations of the user's.
        parameters: constants of the model's equations, in its order.
        dt: integration step.
        populations: how many populations.
        neurons: neurons in each.

    Attributes:
        state: float64 (populations, variables, neurons), writable.
        current: float64 (populations, neurons), writable.
        coupling: float64 (populations,), writable.

    Raises:
        SettingError: an argument is out of range, or the batch is too large.
    """

    def __init__(
        self, name: KernelName, parameters: Sequence[float], dt: float, populations: int, neurons: int
    ) -> None:
        self._name, (self._variables, constants_count) = name, sizes(name)
        self._populations = whole("populations", populations, 1, MOST_NEURONS)
        self._neurons = whole("neurons", neurons, 1, MOST_NEURONS)
        self._dt = number("dt", dt, above=0.0)
        self._stride = -(-self._neurons // LANES) * LANES
        if self._populations * self._variables * self._stride > MOST_DOUBLES:
            raise SettingError(f"{populations} populations of {neurons} neurons do not fit into 64 GiB of memory")

        self._parameters = constants = float_rows("parameters", [parameters], 1, "constants", 32)
        if constants.size != constants_count:
            who = "the model" if isinstance(name, Equations) else name
            raise SettingError(f"parameters: {who} takes {constants_count}, {constants.size} given")
        state = zeros(self._populations, self._variables, self._stride)
        current = zeros(self._populations, self._stride)
        self.state, self.current = state[..., : self._neurons], current[:, : self._neurons]
        self.coupling = zeros(self._populations)
        self._fixed = [ffi.from_buffer(_DOUBLES, a) for a in (constants, state, current, self.coupling)]
        self.scratch_for: Callable[[int], object] = Scratch(self._scratch_size).of

    @cached_property
    def _functions(self) -> NeuronFunctions:
        """What advances them; neurons in tissue, whose memory this is too, are advanced by others."""
        return neuron_functions(self._name, instruction_set())

    def _scratch_size(self, threads: int) -> int:
        functions = self._functions
        return functions.scratch_size(functions.model, self._populations, self._neurons, threads)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        made = self._name, self._parameters[0].tolist(), self._dt, self._populations, self._neurons
        return _kernel_of, (*made, self.state.copy(), self.current.copy(), self.coupling.copy())

    def advance(self, kicks: ArrayLike, threads: int) -> Floats:
        """Advance every population by ``steps`` integration steps.

        Args:
            kicks: (populations, steps), real and finite.
            threads: 1 to ``MOST_THREADS``.

        Returns:
            float64 (populations, steps, variables): the mean over neurons after each step.

        Raises:
            SettingError: an argument is out of range.
        """
        kicks = float_rows("kicks", kicks, self._populations, "steps", MOST_MEANS // self._variables)
        threads = whole("threads", threads, 1, MOST_THREADS)
        mean = np.empty((*kicks.shape, self._variables))
        strides = kicks.shape[1] * self._variables, self._variables, 1
        self.step(kicks, Place(ffi.from_buffer(_DOUBLES, mean), strides), threads)
        return mean

    def step(self, kicks: Floats, place: "Place", threads: int) -> None:
        """The same for a caller who has looked at the numbers: nothing is copied, and little checked.

        Args:
            kicks: float64 (populations, steps), contiguous and finite.
            place: where the mean field is written.
            threads: 1 to ``MOST_THREADS``.

        Raises:
            TypeError: the kicks are of another kind, or not for these populations.
        """
        if kicks.dtype != _FLOAT64 or len(kicks) != self._populations:
            raise TypeError(f"kicks: must be float64 of {self._populations} populations")
        variant, threads = run_with(threads)
        self._functions.advance(
            variant,
            threads,
            self._populations,
            self._neurons,
            self._stride,
            kicks.shape[1],
            self._dt,
            *self._fixed,
            ffi.from_buffer(_DOUBLES, kicks),
            place.begin,
            *place.strides,
            self.scratch_for(threads),
        )

    def lie(self, record: Any) -> object:
        """Write into an ``rldbs_loop`` where the populations lie, and what advances them; what must outlive that."""
        record.model, record.own = self._functions.model, self._functions.own
        return self.place(record)

    def place(self, record: Any) -> object:
        """Write into an ``rldbs_loop`` where the populations lie alone."""
        record.dt = self._dt
        record.populations, record.neurons, record.stride = self._populations, self._neurons, self._stride
        record.rows = record.signals = self._variables
        record.contacts = 1
        record.parameters, record.state, record.current, record.coupling = self._fixed
        return self._fixed


def _kernel_of(
    name: KernelName,
    parameters: Sequence[float],
    dt: float,
    populations: int,
    neurons: int,
    state: Floats,
    current: Floats,
    coupling: Floats,
) -> Kernel:
    """A kernel with memory of its own that goes on from a state: addresses cannot be copied."""
    kernel = Kernel(name, parameters, dt, populations, neurons)
    kernel.state[:], kernel.current[:], kernel.coupling[:] = state, current, coupling
    return kernel
