"""Sums over the signals of many environments, and observations made of them, in C and in one fixed order.

Arrays may be views: their strides are handed on. What is no float64 array is copied into one.
"""

import numpy as np
from numpy.typing import NDArray

from rldbs.core.c_core import ffi, lib
from rldbs.core.native import Floats

_DOUBLE = np.dtype(np.float64)
_DOUBLES = ffi.typeof("double[]")
_FLOATS = ffi.typeof("float[]")
_ADDRESS = ffi.typeof("double *")
_BYTES = 8


def _laid(values: Floats) -> tuple[Floats, object]:
    """Numbers with strides that C can follow, copied where it must be; and where they begin.

    To ask NumPy for an address takes longer than everything else here, so only views ask it.
    """
    if values.dtype == _DOUBLE:
        flags = values.flags
        if flags.c_contiguous:
            return values, ffi.from_buffer(_DOUBLES, values)
        if flags.aligned:
            return values, ffi.cast(_ADDRESS, values.__array_interface__["data"][0])
    copy = np.array(values, np.float64, order="C")
    return copy, ffi.from_buffer(_DOUBLES, copy)


def _rows(values: Floats) -> Floats:
    return values if values.dtype == _DOUBLE and values.flags.c_contiguous else np.ascontiguousarray(values, np.float64)


def deviation_rewards(past: Floats, window: int, kicks: Floats, beta: float) -> Floats:
    """−⟨(X − X̄)²⟩ − β·⟨|kick|⟩ over the steps of the kicks, where X̄ is the mean of the last ``window`` values.

    Args:
        past: float64 (rows, at least window and steps).
        window: values for the mean.
        kicks: float64 (rows, steps), or (rows, steps, contacts), of which all contacts together count.
        beta: weight of the kicks.

    Returns:
        float64 (rows,).
    """
    (past, begin), kicks = _laid(past), _rows(kicks)
    (rows, memory), (row, step) = past.shape, past.strides
    steps, contacts = _steps(kicks, rows, memory)
    if not 0 < window <= memory:
        raise ValueError(f"window: must be from 1 to {memory}, is {window}")
    rewards = np.empty(rows)
    where = rows, memory, row // _BYTES, step // _BYTES, begin
    to = ffi.from_buffer(_DOUBLES, rewards)
    lib.rldbs_deviation_rewards(*where, window, steps, contacts, ffi.from_buffer(_DOUBLES, kicks), beta, to)
    return rewards


def setpoint_rewards(past: Floats, target: float, weight: float, kicks: Floats, beta: float) -> Floats:
    """−w·⟨(X − X0)²⟩ − β·⟨|kick|⟩ over the steps of the kicks, where X0 is the target.

    Args:
        past: float64 (rows, at least steps).
        target: X0.
        weight: w.
        kicks: float64 (rows, steps), or (rows, steps, contacts), as for :func:`deviation_rewards`.
        beta: weight of the kicks.

    Returns:
        float64 (rows,).
    """
    (past, begin), kicks = _laid(past), _rows(kicks)
    (rows, memory), (row, step) = past.shape, past.strides
    steps, contacts = _steps(kicks, rows, memory)
    rewards = np.empty(rows)
    where = rows, memory, row // _BYTES, step // _BYTES, begin
    to = ffi.from_buffer(_DOUBLES, rewards)
    lib.rldbs_setpoint_rewards(*where, target, weight, steps, contacts, ffi.from_buffer(_DOUBLES, kicks), beta, to)
    return rewards


def rewards_from(costs: Floats, kicks: Floats, beta: float) -> Floats:
    """−costs − β·⟨|kick|⟩ for float64 (rows,) and kicks as for :func:`deviation_rewards`: float64 (rows,)."""
    kicks, rewards = _rows(kicks), np.array(costs, np.float64)
    steps, contacts = _steps(kicks, len(rewards), kicks.shape[1])
    if rewards.ndim != 1:
        raise ValueError(f"costs: must be ({len(kicks)},), are {rewards.shape}")
    where = ffi.from_buffer(_DOUBLES, kicks), beta, ffi.from_buffer(_DOUBLES, rewards)
    lib.rldbs_rewards(len(rewards), steps, contacts, *where)
    return rewards


def _steps(kicks: Floats, rows: int, memory: int) -> tuple[int, int]:
    """How many steps the kicks take, and of how many contacts, if they belong to so many rows with such a memory."""
    given, steps, *contacts = kicks.shape
    if given != rows or not 0 < steps <= memory or (contacts and (len(contacts) > 1 or contacts[0] < 1)):
        raise ValueError(f"kicks: must be ({rows}, 1 to {memory}), are {kicks.shape}")
    return steps, contacts[0] if contacts else 1


def largest(kicks: Floats, steps: int) -> Floats:
    """One kick of each step, (rows, steps) or (rows, steps, contacts): of several in a step, that of the largest size.

    Args:
        kicks: float64 (rows, a multiple of steps), or (rows, …, contacts).
        steps: how many there are.
    """
    if kicks.shape[1] == steps:
        return kicks
    each = kicks.reshape(len(kicks), steps, -1, *kicks.shape[2:])
    return np.asarray(np.take_along_axis(each, np.abs(each).argmax(axis=2, keepdims=True), axis=2)[:, :, 0])


class Bounds:
    """Lowest and highest value of each channel of an observation, as C takes them."""

    def __init__(self, low: NDArray[np.floating], high: NDArray[np.floating]) -> None:
        self.low = np.ascontiguousarray(low, np.float32)
        self.high = np.ascontiguousarray(high, np.float32)
        self._pointers = ffi.from_buffer(_FLOATS, self.low), ffi.from_buffer(_FLOATS, self.high)

    def __reduce__(self) -> tuple[type["Bounds"], tuple[NDArray[np.float32], NDArray[np.float32]]]:
        return Bounds, (self.low, self.high)  # addresses cannot be copied

    def observe(self, signals: Floats, count: int, stride: int, centered: bool) -> NDArray[np.float32]:
        """Observations of signals, float64 (channels, rows, at least (count − 1) · stride + 1).

        Of each, ``count`` samples are taken, from the first one on every ``stride``-th. Where ``centered``, their mean
        is taken off. At last they are cut off at the bounds.

        Returns:
            float32 (rows, channels · count), a fresh array: all samples of the first channel, then the second, …
        """
        signals, begin = _laid(signals)
        (channels, rows, length), (channel, row, step) = signals.shape, signals.strides
        if channels != len(self.low) or not 0 < (count - 1) * stride + 1 <= length:
            raise ValueError(f"signals: {signals.shape} do not hold {count} samples of {len(self.low)} channels")
        observations = np.empty((rows, channels * count), np.float32)
        lib.rldbs_observe(
            rows,
            channels,
            count,
            row // _BYTES,
            channel // _BYTES,
            stride * step // _BYTES,
            centered,
            begin,
            *self._pointers,
            ffi.from_buffer(_FLOATS, observations),
        )
        return observations


def over_contacts(kicks: Floats) -> Floats:
    """Kicks, or what is made of them one by one, as all contacts together give them: (rows, steps).

    Args:
        kicks: (rows, steps), of one contact, or (rows, steps, contacts).
    """
    return kicks if kicks.ndim == 2 else np.asarray(kicks.sum(axis=2))


def add_spread(x: Floats, origin: Floats, total: Floats, square: Floats) -> None:
    """Add what values are away from their origins to ``total``, and the square of that to ``square``.

    Args:
        x: float64 (rows, count); of a view, each row must be contiguous.
        origin: float64 (rows, count), contiguous; so are both sums, which are written.
    """
    rows, count = x.shape
    sums = (origin, total, square)
    if any(array.shape != x.shape or array.dtype != _DOUBLE for array in sums) or x.strides[1] != _BYTES:
        raise ValueError(f"x: {x.shape} does not fit float64 sums of {total.shape}, or its rows are not contiguous")
    x, begin = _laid(x)
    arrays = (ffi.from_buffer(_DOUBLES, array) for array in sums)
    lib.rldbs_spread(rows, count, x.strides[0] // _BYTES, begin, *arrays)


def clip(values: Floats) -> int:
    """Bring a contiguous float64 array into [−1, 1], in place; the first number of it that was not finite, or −1."""
    first: int = lib.rldbs_clip(values.size, ffi.from_buffer(_DOUBLES, values))
    return first
