"""Which neuron reaches which: random synapses between two groups, as the core reads them."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rldbs.core.errors import SettingError


def capacity(probability: float, sources: int, targets: int) -> int:
    """Synapses for which there is memory, whatever the seed: eight standard deviations more than on average."""
    pairs = sources * targets
    return min(pairs, ceil(pairs * probability + 8.0 * sqrt(pairs * probability * (1.0 - probability))))


@dataclass(frozen=True, eq=False)
class Synapses:
    """Synapses of one group onto another one, in the order of their sources, then of their targets.

    Attributes:
        begin: int64 (sources + 1,), where those of each source begin, and where the last ones end.
        target: int32 (synapses,).
    """

    begin: NDArray[np.int64]
    target: NDArray[np.int32]

    @classmethod
    def of(cls, connected: NDArray[np.bool_]) -> "Synapses":
        """Those of a matrix, bool (sources, targets)."""
        begin = np.zeros(len(connected) + 1, np.int64)
        np.cumsum(connected.sum(axis=1), out=begin[1:])
        return cls(begin, np.nonzero(connected)[1].astype(np.int32))

    @classmethod
    def drawn(cls, random: np.random.Generator, probability: float, sources: int, targets: int) -> "Synapses":
        """Each pair is connected with a probability.

        Raises:
            SettingError: they are many more than on average, for which no seed is known.
        """
        synapses = cls.of(random.random((sources, targets)) < probability)
        if len(synapses.target) > capacity(probability, sources, targets):
            raise SettingError("seed: draws more synapses than there is memory for; take another one")
        return synapses

    def inward(self, targets: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        """The same in the order of their targets, then of their sources.

        Returns:
            int64 (targets + 1,), where those onto each begin, and where the last ones end; int32 (synapses,), their
            sources; int32 (synapses,), which of all they are.
        """
        order = np.argsort(self.target, kind="stable").astype(np.int32)
        begin = np.zeros(targets + 1, np.int64)
        np.cumsum(np.bincount(self.target, minlength=targets), out=begin[1:])
        source = np.repeat(np.arange(len(self.begin) - 1, dtype=np.int32), np.diff(self.begin))
        return begin, source[order], order


class Wiring(NamedTuple):
    """What the seed of a network of two groups draws."""

    synapses: tuple[Synapses, Synapses]
    """Of the first group onto the second one, and of that onto the first."""
    key: int
    """Of its noise, 64 bits."""


@lru_cache(maxsize=64)
def wiring(seed: int, probability: float, first: int, second: int) -> Wiring:
    """That of a network with so many neurons in its groups; asked again, it is known.

    Raises:
        SettingError: as for :meth:`Synapses.drawn`.
    """
    random = np.random.default_rng(seed)
    onto_second = Synapses.drawn(random, probability, first, second)
    onto_first = Synapses.drawn(random, probability, second, first)
    return Wiring((onto_second, onto_first), int(random.integers(2**64, dtype=np.uint64)))
