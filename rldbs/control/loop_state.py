"""A closed loop as named arrays: all that its coming steps depend on, and how it is put back to the bit."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rldbs.control.episode import Clock
from rldbs.core.bank import Bank
from rldbs.core.errors import RunError
from rldbs.core.saved_arrays import Arrays, generator_words, generators_from, part, prefixed, put, take


class Piece(Protocol):
    """A part of a loop that knows what of it is saved."""

    def saved(self) -> Arrays: ...

    def restore(self, arrays: Arrays) -> None: ...


def saved_state(
    state: Arrays, clock: Clock, generators: Sequence[np.random.Generator], bank: Bank, pieces: Mapping[str, Piece]
) -> Arrays:
    """What :func:`restore_state` needs.

    Args:
        state: the arrays of the loop itself; they are copied.
        clock: that of its episodes.
        generators: one for each environment.
        bank: where its episodes start; of that only a fingerprint is saved.
        pieces: its other parts, by name.
    """
    arrays = {name: array.copy() for name, array in state.items()} | dict(clock.saved())
    arrays["generators"] = generator_words(generators)
    arrays["start"] = np.frombuffer(bank.digest, np.uint8)
    for name, piece in pieces.items():
        arrays |= prefixed(name, piece.saved())
    return arrays


def restore_state(
    arrays: Arrays, state: Arrays, clock: Clock, bank: Bank, pieces: Mapping[str, Piece]
) -> list[np.random.Generator]:
    """Put back what :func:`saved_state` has saved.

    Args:
        arrays: that.
        state: the arrays of the loop itself, which are written into; so are the clock and the pieces.

    Returns:
        The generators of the environments.

    Raises:
        RunError: the arrays are not those of such a loop, or its episodes no longer start where they did.
    """
    for name, array in state.items():
        put(array, arrays, name)
    clock.restore(arrays)
    if take(arrays, "start", (len(bank.digest),), np.uint8).tobytes() != bank.digest:
        raise RunError("the populations from which episodes start are not those that they were")
    generators = generators_from(arrays, "generators", len(clock.now))
    for name, piece in pieces.items():
        piece.restore(part(name, arrays))
    return generators


def branched(arrays: Arrays, sources: NDArray[np.intp]) -> Arrays:
    """What :func:`saved_state` has saved, with environment sources[i] in the place of each environment i."""
    found = {}
    for name, array in arrays.items():
        if name == "start" or not array.ndim:  # of all environments together
            found[name] = array
        else:  # histories have the signal first
            found[name] = array[:, sources] if name.endswith(".values") else array[sources]
    return found
