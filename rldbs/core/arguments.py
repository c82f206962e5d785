"""What a caller hands over, as plain numbers and arrays of our own. Past this border everything is trusted."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.core.errors import MOST_SEED, SettingError, shown

Floats = NDArray[np.float64]
_FLOAT64 = np.dtype(np.float64)


def whole(name: str, value: object, least: int, most: int) -> int:
    """``value`` if it is a whole number from ``least`` to ``most``.

    Raises:
        SettingError: it is not.
    """
    number = None
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        try:
            number = int(value)
        except Exception:  # a type of the caller's own may do as it likes
            number = None
    if number is None or not least <= number <= most:
        raise SettingError(f"{name}: must be a whole number from {shown(least)} to {shown(most)}, is {shown(value)}")
    return number


def number(name: str, value: object, above: float = -np.inf, least: float = -np.inf) -> float:
    """``value`` if it is a finite number above ``above`` and of at least ``least``.

    Raises:
        SettingError: it is not.
    """
    result = np.nan
    single = value[()] if type(value) is np.ndarray and value.ndim == 0 else value
    if isinstance(single, int | float | np.integer | np.floating) and not isinstance(single, bool):
        try:
            result = float(single)
        except Exception:  # too large an integer, or a type of the caller's own
            result = np.nan
    if not np.isfinite(result) or result <= above or result < least:
        bound = f" above {above:g}" if np.isfinite(above) else f" of at least {least:g}" if np.isfinite(least) else ""
        raise SettingError(f"{name}: must be a finite number{bound}, is {shown(value)}")
    return result + 0.0  # no minus zero, which NumPy takes for negative


def float_rows(name: str, value: object, rows: int, columns: str, most: int) -> Floats:
    """``value`` as a fresh C-contiguous float64 array (rows, any number of columns) of finite numbers.

    The copy is the point: nobody can resize, free or change it while the core reads it.

    Args:
        name, columns: what the array and its columns are called in a message.
        most: more numbers than this are refused before any memory is taken for them.

    Raises:
        SettingError: it is no such array.
    """
    try:
        given = _as_array(value, rows, most)
    except Exception as error:
        raise SettingError(
            f"{name}: must be an array or a list of lists of numbers; {shown(value)} cannot be read: {shown(error)}"
        ) from error
    if given.ndim != 2 or given.shape[0] != rows:
        raise SettingError(f"{name}: must be (populations, {columns}) = ({rows}, …), is {given.shape}")
    if given.dtype.kind not in "biuf":
        raise SettingError(f"{name}: must be real numbers, are {given.dtype}")
    if given.size > most:
        raise SettingError(
            f"{name}: {given.shape[1]} {columns} of {rows} populations are too many for one call, which takes "
            f"{most // rows}; make several calls, the result is the same"
        )
    return _finite(name, given)


def numbers(name: str, value: object, axes: int, most: int, shape: str = "") -> Floats:
    """``value`` as a fresh C-contiguous float64 array of finite numbers with so many axes; lists make two at most.

    Args:
        name: what the array is called in a message.
        shape: what a message says of the shape that is wanted, such as ``(points, 3), in mm``.

    Raises:
        SettingError: it is no such array, or has more than ``most`` numbers.
    """
    listed = type(value) in (list, tuple)
    if listed and axes > 2:
        raise SettingError(f"{name}: must be a NumPy array with {axes} axes, is a {type(value).__name__}")
    try:
        given = _listed(value, most) if listed else _as_array(value, 0, most)  # type: ignore[arg-type]
    except Exception as error:
        wanted = shape or "an array of numbers"
        raise SettingError(f"{name}: must be {wanted}; {shown(value)} cannot be read: {shown(error)}") from error
    if shape and given.ndim != axes and given.dtype.kind in "biuf":
        raise SettingError(f"{name}: must be {shape}, is {given.shape}")
    if given.ndim != axes or given.dtype.kind not in "biuf":
        raise SettingError(f"{name}: must be real numbers with {axes} axes, is {given.dtype} {given.shape}")
    if given.size > most:
        raise SettingError(f"{name}: must be at most {most} numbers, are {given.size}")
    return _finite(name, given)


def _finite(name: str, given: NDArray[Any]) -> Floats:
    """A fresh C-contiguous float64 copy, if all of it is finite."""
    if given.dtype is _FLOAT64:
        copy = given.copy()
    else:
        with np.errstate(over="ignore"):
            copy = given.astype(np.float64, order="C")
    if not np.isfinite(copy).all():
        raise SettingError(f"{name}: must be finite")
    return copy


def _as_array(value: Any, rows: int, most: int) -> NDArray[Any]:
    """``value`` as a plain array, without a copy where it is one.

    NumPy takes any object with a length for a list and would read one without an end until memory is full.
    """
    if type(value) is np.ndarray:
        return value
    if isinstance(value, np.ndarray):
        return _plain(value)
    if type(value) in (list, tuple):
        return _stacked(value, rows, most)
    if hasattr(type(value), "__array__"):
        return _plain(value.__array__())
    try:
        return np.asarray(memoryview(value))
    except TypeError:
        if type(value) in (int, float):
            return np.asarray(float(value))
        raise TypeError(f"{type(value).__name__} is no array") from None


def _plain(value: Any) -> NDArray[Any]:
    """An array of a caller's own type without what that type makes of it; refuses what only claims to be one."""
    view: Any = np.ndarray.view
    plain: NDArray[Any] = view(value, np.ndarray)
    return plain


def _listed(value: list[Any] | tuple[Any, ...], most: int) -> NDArray[Any]:
    """A list of rows, or of numbers, as an array with two axes or one."""
    if value and len(value) <= most and all(type(one) in (int, float) for one in value):
        return np.array(array("d", value))
    return _stacked(value, len(value), most)


def _stacked(value: list[Any] | tuple[Any, ...], rows: int, most: int) -> NDArray[Any]:
    if len(value) != rows:
        raise ValueError(f"{len(value)} rows, {rows} populations")
    plain = [np.array(array("d", row)) if type(row) in (list, tuple) else _as_array(row, 0, 0) for row in value]
    if len({row.shape for row in plain}) != 1 or plain[0].ndim != 1:
        raise ValueError("the rows are not equally long")
    if plain[0].size * rows > most:
        raise ValueError(f"more than {most} numbers; make several calls, the result is the same")
    return np.stack(plain)


def contact_rows(name: str, value: object, populations: int, contacts: int, columns: int, most: int) -> Floats:
    """What contacts give in some steps, as a fresh float64 array (populations, steps, contacts) of finite numbers.

    Args:
        name: what the array is called in a message.
        populations, contacts: how many there are.
        columns: numbers that are recorded of each population after each step; no more than ``most`` in all.

    Raises:
        SettingError: it has another shape, is not finite, or is too long for one call.
    """
    given = numbers(name, value, 3, most)
    if (given.shape[0], given.shape[2]) != (populations, contacts):
        shape = f"({populations}, …, {contacts}), is {given.shape}"
        raise SettingError(f"{name}: must be (populations, steps, contacts) = {shape}")
    if given.shape[0] * given.shape[1] * columns > most:
        raise SettingError(f"{name}: {given.shape[1]} steps are too many for one call; make several")
    return given


def first_seed(seed: object) -> int | None:
    """``seed`` as a plain number; None, which leaves the choice to us, stays.

    Raises:
        SettingError: it is no whole number of 0 or more.
    """
    return None if seed is None else whole("seed", seed, 0, MOST_SEED)


def seeds(seed: object, populations: int) -> list[int]:
    """One seed for each population, from one for the first or from one for each.

    Raises:
        SettingError: there are not as many, or one is no whole number of 0 or more.
    """
    if isinstance(seed, int | np.integer):
        first = whole("seed", seed, 0, MOST_SEED)
        return [first + k for k in range(populations)]
    return [whole("seed", one, 0, MOST_SEED) for one in _each(seed, populations)]


def new_seeds(seed: object, populations: int) -> Sequence[int | None]:
    """The same where some, or all, may be None.

    Raises:
        SettingError: as for :func:`seeds`.
    """
    if seed is None:
        return [None] * populations
    if isinstance(seed, int | np.integer):
        return seeds(seed, populations)
    return [first_seed(one) for one in _each(seed, populations)]


def _each(seed: object, populations: int) -> list[object]:
    """What was given for each population, however that lists it."""
    try:
        given = list(zip(range(populations + 1), seed, strict=False))  # type: ignore[call-overload]
    except Exception as error:
        raise SettingError(f"seed: needs one integer, or {populations}, is {shown(seed)}") from error
    if len(given) != populations:
        raise SettingError(
            f"seed: needs one integer, or {populations}; {'more' if len(given) > populations else len(given)} given"
        )
    return [one for _, one in given]
