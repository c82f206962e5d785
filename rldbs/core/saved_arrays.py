"""What a state is saved as: arrays with names, from which it can be put back to the bit."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rldbs.core.errors import RunError, shown, visible

Arrays = dict[str, NDArray[Any]]
Named = Mapping[str, NDArray[Any]]

HALF = 2**64
WORDS = 6
"""Of a PCG64 generator: its state and its increment, 128 bits each, and the half of a word that is left over."""


def prefixed(name: str, arrays: Named) -> Arrays:
    """The arrays under ``<name>.<key>``."""
    return {f"{name}.{key}": array for key, array in arrays.items()}


def part(name: str, arrays: Named) -> Arrays:
    """The arrays that :func:`prefixed` has put under ``name``."""
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}


def take(arrays: Named, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """A copy of the saved array ``name``.

    Raises:
        RunError: it is missing, has another shape or dtype, or holds what no state does.
    """
    array: object = arrays.get(name)
    if type(array) is not np.ndarray or array.shape != shape or array.dtype != np.dtype(dtype):
        given = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else shown(array)
        raise RunError(
            f"saved state {name}: must be {np.dtype(dtype)} {shape}, is {'missing' if array is None else given}"
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise RunError(f"saved state {name}: not finite")
    if array.dtype.kind == "b" and (array.view(np.uint8) > 1).any():  # NumPy's indexing trusts the bytes of a mask
        raise RunError(f"saved state {name}: must be true or false")
    return array.copy()


def check_named(arrays: object) -> None:
    """Whether these are arrays with names at all.

    Raises:
        RunError: they are not.
    """
    if not isinstance(arrays, Mapping):
        raise RunError(f"saved state: must be arrays with names, is {shown(arrays)}")


def only(arrays: Mapping[str, object], expected: AbstractSet[str], owner: str = "this agent") -> None:
    """See that no other arrays are there than ``owner`` has.

    Raises:
        RunError: there are, or what is given are no arrays with names.
    """
    check_named(arrays)
    for name in sorted(map(str, arrays.keys() - expected)):
        raise RunError(f"saved state {visible(name)}: {owner} has none")


def put(target: NDArray[Any], arrays: Named, name: str) -> None:
    """Overwrite ``target`` with the saved array ``name``.

    Raises:
        RunError: as for :func:`take`.
    """
    target[...] = take(arrays, name, target.shape, target.dtype)


def whole(arrays: Named, name: str, least: int, most: int) -> int:
    """The saved whole number ``name``.

    Raises:
        RunError: it is missing, or not from ``least`` to ``most``.
    """
    number = int(take(arrays, name, (), np.int64))
    if not least <= number <= most:
        raise RunError(f"saved state {name}: must be from {least} to {most}, is {number}")
    return number


def put_within(target: NDArray[Any], arrays: Named, name: str, least: float, most: float) -> None:
    """Overwrite ``target`` with the saved array ``name``, whose numbers are from ``least`` to ``most``.

    Raises:
        RunError: as for :func:`take`, or it has others.
    """
    array = take(arrays, name, target.shape, target.dtype)
    bad = array[(array < least) | (array > most)]
    if bad.size:
        raise RunError(f"saved state {name}: must be from {least} to {most}, has {bad[0]}")
    target[...] = array


def generator_words(generators: Sequence[np.random.Generator]) -> NDArray[np.uint64]:
    """The states of generators (PCG64, as ``default_rng`` makes them), uint64 (generators, 6)."""
    words = np.zeros((len(generators), WORDS), np.uint64)
    for row, generator in zip(words, generators, strict=True):
        saved: Any = generator.bit_generator.state
        state, increment = saved["state"]["state"], saved["state"]["inc"]
        row[:] = [*divmod(state, HALF), *divmod(increment, HALF), saved["has_uint32"], saved["uinteger"]]
    return words


def generators_from(arrays: Named, name: str, count: int) -> list[np.random.Generator]:
    """Generators that go on where those of :func:`generator_words` were.

    Raises:
        RunError: as for :func:`take`, or they are no states of generators.
    """
    generators = []
    for row in take(arrays, name, (count, WORDS), np.uint64).tolist():
        if not row[3] & 1 or row[4] > 1 or row[5] >= 2**32:  # every increment is odd
            raise RunError(f"saved state {name}: is not the state of a generator")
        bits = np.random.PCG64(0)
        bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": row[0] * HALF + row[1], "inc": row[2] * HALF + row[3]},
            "has_uint32": row[4],
            "uinteger": row[5],
        }
        generators.append(np.random.Generator(bits))
    return generators
