"""G, how much of each contact's stimulation reaches each neuron, as the core has it: of all populations, or of each."""

from typing import NamedTuple

from rldbs.core import native
from rldbs.core.arguments import Floats


class Conductance(NamedTuple):
    """G in memory of our own, padded to whole lanes."""

    memory: Floats
    """Float64 (1 or populations, contacts, stride)."""
    shown: Floats
    """Of that what a caller may write into: (contacts, neurons), or (populations, contacts, neurons)."""
    stride: int
    """Doubles from one population's G to that of the next; 0 where all have the same."""


def conductance_of(given: Floats, populations: int, stride: int, own: bool) -> Conductance:
    """G of some populations.

    Args:
        given: float64 (contacts, neurons), with which all of them begin.
        populations: how many.
        stride: doubles from one contact to the next.
        own: whether each has one of its own, which may become another one than that of its neighbours.
    """
    contacts, neurons = given.shape
    memory = native.zeros(populations if own else 1, contacts, stride)
    memory[..., :neurons] = given
    return Conductance(
        memory, memory[..., :neurons] if own else memory[0, :, :neurons], contacts * stride if own else 0
    )
