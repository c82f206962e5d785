"""The C core as NumPy sees it. Everything is checked here, once; the C code trusts its arguments."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from rldbs.core.errors import SettingError

# OpenMP's threads wait for work by spinning unless told otherwise, and it reads that once, when it is loaded. On a
# machine whose cores are busy, spinning made a batch step of 64 populations 40 times slower; waiting asleep did not.
_POLICY = "OMP_WAIT_POLICY"
_unset = _POLICY not in os.environ
if _unset:
    os.environ[_POLICY] = "PASSIVE"
try:
    from rldbs.core._native import ffi, lib
finally:
    if _unset:
        del os.environ[_POLICY]

Floats = NDArray[np.float64]

LANES: int = lib.rldbs_lanes()
HAS_THREADS = bool(lib.rldbs_has_threads())
MOST_THREADS = 256


def _names(count: int, name: "object") -> tuple[str, ...]:
    return tuple(ffi.string(name(i)).decode() for i in range(count))  # type: ignore[operator]


KERNELS = _names(lib.rldbs_model_count(), lib.rldbs_model_name)
"""Names of the compiled neuron models."""
INSTRUCTION_SETS = _names(lib.rldbs_variant_count(), lib.rldbs_variant_name)
"""Names of the compiled variants of the kernel, in rising order."""
SUPPORTED = tuple(name for i, name in enumerate(INSTRUCTION_SETS) if lib.rldbs_variant_supported(i))
"""Those of them that this processor runs."""

_instruction_set = SUPPORTED[-1]
_forked_from_threads = False
_used_threads = False


def _forget_threads() -> None:
    global _forked_from_threads
    _forked_from_threads = _used_threads


# A forked child inherits a thread pool without threads, and would wait for it for ever.
os.register_at_fork(after_in_child=_forget_threads)


def instruction_set() -> str:
    """The variant of the kernel that is used: the best that this processor runs."""
    return _instruction_set


@contextmanager
def use_instruction_set(name: str) -> Iterator[None]:
    """Use another variant of the kernel for a while, to test or to time it. The bits of every result are the same.

    Raises:
        SettingError: the variant does not exist or this processor does not run it.
    """
    global _instruction_set
    if name not in SUPPORTED:
        raise SettingError(f"instruction set {name!r}: this processor runs {', '.join(SUPPORTED)}")
    before, _instruction_set = _instruction_set, name
    try:
        yield
    finally:
        _instruction_set = before


def stride_of(neurons: int) -> int:
    """Doubles from one variable to the next: ``neurons`` rounded up to whole groups of lanes."""
    return -(-neurons // LANES) * LANES


def aligned_zeros(*shape: int) -> Floats:
    """A float64 array of zeros that starts at a cache line, so that its speed does not depend on luck."""
    size = int(np.prod(shape))
    memory = np.zeros(size + 8)
    start = (-memory.ctypes.data % 64) // 8
    return memory[start : start + size].reshape(shape)


class Kernel:
    """One neuron model of the C core, bound to the arrays of one batch of populations.

    The arrays are kept alive here and their addresses are taken once, so a call costs little.

    Args:
        name: one of ``KERNELS``.
        parameters: float64 (parameters of the model,).
        dt: integration step.
        state: float64 (populations, variables, stride), C-contiguous; the padding beyond ``neurons`` is zero.
        current: float64 (populations, stride), C-contiguous.
        coupling: float64 (populations,).
        neurons: neurons in each population.
    """

    def __init__(
        self,
        name: str,
        parameters: Floats,
        dt: float,
        state: Floats,
        current: Floats,
        coupling: Floats,
        neurons: int,
    ) -> None:
        self._model = KERNELS.index(name)
        self.populations, self.variables, self._stride = state.shape
        self._neurons = neurons
        self._dt = dt
        expected = {
            "parameters": (parameters, (lib.rldbs_model_parameters(self._model),)),
            "state": (state, (self.populations, lib.rldbs_model_variables(self._model), stride_of(neurons))),
            "current": (current, (self.populations, self._stride)),
            "coupling": (coupling, (self.populations,)),
        }
        for what, (array, shape) in expected.items():
            if array.shape != shape or array.dtype != np.float64 or not array.flags.carray:
                raise SettingError(
                    f"{what}: must be writable C-contiguous float64 {shape}, is {array.dtype} {array.shape}"
                )
        self._fixed = [ffi.from_buffer("double[]", a) for a in (parameters, state, current, coupling)]
        self._scratch_threads = 0

    def advance(self, kicks: Floats, mean: Floats, threads: int) -> None:
        """Advance every population by ``kicks.shape[1]`` steps.

        Args:
            kicks: float64 (populations, steps), C-contiguous.
            mean: float64 (populations, steps, variables), C-contiguous; written.
            threads: 1 to ``MOST_THREADS``.
        """
        global _used_threads
        if not HAS_THREADS or _forked_from_threads:
            threads = 1
        _used_threads |= threads > 1
        if threads > self._scratch_threads:
            size = lib.rldbs_scratch_size(self._model, self._neurons, threads)
            self._scratch = ffi.from_buffer("double[]", aligned_zeros(size))
            self._scratch_threads = threads
        parameters, state, current, coupling = self._fixed
        lib.rldbs_advance(
            self._model,
            INSTRUCTION_SETS.index(_instruction_set),
            threads,
            self.populations,
            self._neurons,
            self._stride,
            kicks.shape[1],
            self._dt,
            parameters,
            state,
            current,
            coupling,
            ffi.from_buffer("double[]", kicks),
            ffi.from_buffer("double[]", mean),
            self._scratch,
        )
