"""One environment step in one call of C: kicks, populations, rewards and observations, as far as C knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rldbs.core.c_core import ffi, lib
from rldbs.core.errors import SettingError
from rldbs.core.native import AnyKernel, Floats, run_with
from rldbs.core.window_sums import Bounds

_DOUBLES, _FLOATS, _LONGS = ffi.typeof("double[]"), ffi.typeof("float[]"), ffi.typeof("int64_t[]")
Sums = tuple[Floats, Floats, Floats]
DONE, LEFT, UNPAID = 0, 1, 2
"""How a step has gone: well; the mean field has left its bound, or a reward is not finite, and the rest is not done."""


@dataclass(frozen=True)
class Terms:
    """A reward −w·⟨(X − X0)²⟩ − β·⟨|kick|⟩ over the steps of the kicks."""

    about: Literal["mean", "target"]
    """What X0 is: the mean of the last ``window`` values, or a number."""
    beta: float
    window: int = 1
    target: float = 0.0
    weight: float = 1.0


@dataclass(frozen=True)
class Samples:
    """An observation: samples of some variables of the mean field."""

    variables: Sequence[int]
    memory: int
    """Steps from the first sample to now."""
    count: int
    every: int
    """Steps from one sample to the next."""
    centered: bool
    bounds: Bounds


class AnyStep(Protocol):
    """What a closed loop asks of its step, whoever takes it. :class:`Step` says what it all is."""

    @property
    def shapes(self) -> bool: ...

    def take(
        self, now: int, actions: Floats | None, kicks: Floats, threads: int
    ) -> tuple[int, Floats | None, NDArray[np.float32] | None]: ...

    def rest(self, now: int, count: int, kicks: Floats, sums: Sums | None, threads: int) -> int: ...


class Step:
    """An environment step of some populations whose mean field is kept in a history.

    What is None is not done: then the kicks are given, or rewards and observations are for others to make.

    Args:
        kernel: the populations.
        history: float64 (variables, populations, length), contiguous.
        memory: steps of it that are there at any time.
        steps: integration steps.
        bound: of the mean field, in absolute terms.
        waveform: float64 (steps,), the kicks of an action of 1.
        together: whether one action is for all contacts; else each has its own.
        reward: what rewards are.
        samples: what observations are.

    Raises:
        SettingError: a piece would look at more than there is.
    """

    def __init__(
        self,
        kernel: AnyKernel,
        history: Floats,
        memory: int,
        steps: int,
        bound: float,
        waveform: Floats | None,
        together: bool,
        reward: Terms | None,
        samples: Samples | None,
    ) -> None:
        _check(history.shape[0], memory, steps, waveform, reward, samples)
        self._kernel, self._populations = kernel, history.shape[1]
        self._shapes = waveform is not None
        self._pays, self._size = reward is not None, 0
        self._record = record = ffi.new("rldbs_loop *")
        self._kept: list[Any] = [kernel.lie(record)]
        record.steps, record.length, record.bound = steps, history.shape[2], bound
        record.history, record.together = self._keep(_DOUBLES, history), together
        if record.signals != history.shape[0]:
            raise SettingError(f"history: must hold {record.signals} signals, holds {history.shape[0]}")
        if waveform is not None:
            record.waveform = self._keep(_DOUBLES, np.array(waveform, np.float64))
        if reward is not None:
            record.reward = 1 if reward.about == "mean" else 2
            record.window, record.target = reward.window, reward.target
            record.weight, record.beta = reward.weight, reward.beta
        if samples is not None:
            self._size = len(samples.variables) * samples.count
            record.channels, record.memory = len(samples.variables), samples.memory
            record.count, record.every, record.centered = samples.count, samples.every, samples.centered
            record.variables = self._keep(_LONGS, np.array(samples.variables, np.int64))
            record.low = self._keep(_FLOATS, samples.bounds.low)
            record.high = self._keep(_FLOATS, samples.bounds.high)

    def take(
        self, now: int, actions: Floats | None, kicks: Floats, threads: int
    ) -> tuple[int, Floats | None, NDArray[np.float32] | None]:
        """Take the step.

        Args:
            now: steps in the history after this one.
            actions: float64 (populations, contacts), or (populations, 1) for all of them together, contiguous; brought
                into [−1, 1]. None where the kicks are given.
            kicks: float64 (populations, steps, contacts), contiguous; written, or given and finite.
            threads: threads to use; no result depends on it.

        Returns:
            How it has gone, or −1 − i where action i is not finite and nothing was done; rewards, float64
            (populations,); observations, float32 (populations, channels · count). Both are fresh arrays.
        """
        rewards = np.empty(self._populations) if self._pays else None
        observations = np.empty((self._populations, self._size), np.float32) if self._size else None
        status: int = lib.rldbs_step(
            self._record,
            *run_with(threads),
            now,
            ffi.NULL if actions is None else ffi.from_buffer(_DOUBLES, actions),
            ffi.from_buffer(_DOUBLES, kicks),
            ffi.NULL if rewards is None else ffi.from_buffer(_DOUBLES, rewards),
            ffi.NULL if observations is None else ffi.from_buffer(_FLOATS, observations),
            self._kernel.scratch_for(threads),
        )
        return status, rewards, observations

    def rest(self, now: int, count: int, kicks: Floats, sums: Sums | None, threads: int) -> int:
        """Take some steps without actions.

        Args:
            now: steps in the history before the first one.
            count: environment steps.
            kicks: float64 (populations, steps, contacts), contiguous: none.
            sums: origins, sums and sums of squares of :func:`.window_sums.add_spread`, to which x is added after each
                step; None for none.
            threads: as for :meth:`take`.

        Returns:
            How many steps have gone well: all, or those before the one in which the mean field has left its bound.

        Raises:
            ValueError: the sums are not those of these neurons.
        """
        shape = self._kernel.current.shape
        if sums is not None and any(array.shape != shape or array.dtype != np.float64 for array in sums):
            raise ValueError(f"sums: must be float64 {shape}")
        sums_of = [ffi.NULL] * 3 if sums is None else [ffi.from_buffer(_DOUBLES, array) for array in sums]
        done: int = lib.rldbs_rest(
            self._record,
            *run_with(threads),
            now,
            count,
            ffi.from_buffer(_DOUBLES, kicks),
            *sums_of,
            self._kernel.scratch_for(threads),
        )
        return done

    @property
    def shapes(self) -> bool:
        """Whether it makes kicks of actions."""
        return self._shapes

    def _keep(self, kind: Any, array: NDArray[Any]) -> Any:
        """Where a contiguous array begins; the array is kept as long as this step is."""
        self._kept.append(ffi.from_buffer(kind, array))
        return self._kept[-1]


def _check(
    variables: int, memory: int, steps: int, waveform: Floats | None, reward: Terms | None, samples: Samples | None
) -> None:
    """Whether all that the core will look at is there: it trusts what it is told.

    Raises:
        SettingError: it is not.
    """
    if waveform is not None and np.shape(waveform) != (steps,):
        raise SettingError(f"stimulus: its kicks for an action of 1 must be {(steps,)}, are {np.shape(waveform)}")
    if reward is not None and not 1 <= reward.window <= memory:
        raise SettingError(f"reward: its window must be from 1 to {memory} steps, is {reward.window}")
    if samples is None:
        return
    last = (samples.count - 1) * samples.every
    if not (samples.count >= 1 and samples.every >= 1 and last < samples.memory <= memory):
        raise SettingError(f"recording: {samples.count} samples do not fit into {samples.memory} of {memory} steps")
    channels = len(samples.variables)
    bounds = len(samples.bounds.low), len(samples.bounds.high)
    if bounds != (channels, channels) or not all(0 <= variable < variables for variable in samples.variables):
        raise SettingError(f"recording: variables {list(samples.variables)} need {channels} bounds, below {variables}")
