"""Sums over the signals of many environments, and observations made of them, in C and in one fixed order.

Arrays may be views: their strides are handed on. What is no float64 array is copied into one.
"""

import numpy as np
from numpy.typing import NDArray

from rldbs.core._native import ffi, lib
from rldbs.core.native import Floats, Place

_DOUBLE = np.dtype(np.float64)
_DOUBLES = ffi.typeof("double[]")
_FLOATS = ffi.typeof("float[]")
_ADDRESS = ffi.typeof("double *")
_BYTES = 8


def _at(values: Floats) -> object:
    """Where an array begins. To ask NumPy takes longer than everything else here, so only views ask it."""
    if values.flags.c_contiguous:
        return ffi.from_buffer(_DOUBLES, values)
    return ffi.cast(_ADDRESS, values.__array_interface__["data"][0])


def _doubles(values: Floats) -> Floats:
    return values if values.dtype is _DOUBLE else np.asarray(values, np.float64)


def deviations(values: Floats, last: int) -> Floats:
    """The mean square of the last values of each row about the mean of all of the row.

    Args:
        values: float64 (rows, count).
        last: how many of each row, from 1 to count.

    Returns:
        float64 (rows,).
    """
    values = _doubles(values)
    (rows, count), (row, step) = values.shape, values.strides
    means = np.empty(rows)
    to = ffi.from_buffer(_DOUBLES, means)
    lib.rldbs_deviations(rows, count, last, row // _BYTES, step // _BYTES, _at(values), to)
    return means


def mean_squares(values: Floats, about: float) -> Floats:
    """The mean square of each row of float64 (rows, count) about a number: float64 (rows,)."""
    values = _doubles(values)
    (rows, count), (row, step) = values.shape, values.strides
    means = np.empty(rows)
    to = ffi.from_buffer(_DOUBLES, means)
    lib.rldbs_mean_squares(rows, count, row // _BYTES, step // _BYTES, _at(values), about, to)
    return means


def rewards_from(costs: Floats, kicks: Floats, beta: float) -> Floats:
    """−costs − β·⟨|kick|⟩ for float64 (rows,) and the kicks of each row, (rows, count): ``costs`` itself, changed."""
    kicks = np.ascontiguousarray(kicks, np.float64)
    lib.rldbs_rewards(*kicks.shape, ffi.from_buffer(_DOUBLES, kicks), beta, ffi.from_buffer(_DOUBLES, costs))
    return costs


class Bounds:
    """Lowest and highest value of each channel of an observation, as C takes them."""

    def __init__(self, low: Floats, high: Floats) -> None:
        self.low = np.ascontiguousarray(low, np.float32)
        self.high = np.ascontiguousarray(high, np.float32)
        self._pointers = ffi.from_buffer(_FLOATS, self.low), ffi.from_buffer(_FLOATS, self.high)

    def observe(self, signals: Floats, count: int, stride: int, centered: bool) -> NDArray[np.float32]:
        """Observations of signals, float64 (channels, rows, at least (count − 1) · stride + 1).

        Of each, ``count`` samples are taken, from the first one on every ``stride``-th. Where ``centered``, their mean
        is taken off. At last they are cut off at the bounds.

        Returns:
            float32 (rows, channels · count), a fresh array: all samples of the first channel, then the second, …
        """
        signals = _doubles(signals)
        (channels, rows, _), (channel, row, step) = signals.shape, signals.strides
        observations = np.empty((rows, channels * count), np.float32)
        lib.rldbs_observe(
            rows,
            channels,
            count,
            row // _BYTES,
            channel // _BYTES,
            stride * step // _BYTES,
            centered,
            _at(signals),
            *self._pointers,
            ffi.from_buffer(_FLOATS, observations),
        )
        return observations


def below(bound: float, place: Place, shape: tuple[int, int, int]) -> bool:
    """Whether a mean field (populations, steps, variables) is below a bound in absolute terms; NaN is not."""
    within: int = lib.rldbs_within(*shape, *place.strides, place.begin, bound)
    return within == 1


def clip(values: Floats) -> int:
    """Bring a contiguous float64 array into [−1, 1], in place; the first number of it that was not finite, or −1."""
    first: int = lib.rldbs_clip(values.size, ffi.from_buffer(_DOUBLES, values))
    return first
