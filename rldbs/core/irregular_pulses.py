"""Pulses of current at irregular times, of which each population has its own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats
from rldbs.core.errors import RunError
from rldbs.core.network_model import Pulses
from rldbs.core.saved_arrays import WORDS, Arrays, Named, generator_words, generators_from, take

NEVER = 2**62
"""A sample that is not reached."""


class IrregularPulses:
    """The pulses of a batch of populations. The first one comes after as long as others come after each other.

    Args:
        pulses: what they are like; None: there are none, ever.
        generators: one for each population.
        dt: integration step, in ms.
    """

    def __init__(self, pulses: Pulses | None, generators: Sequence[np.random.Generator], dt: float) -> None:
        self._pulses, self._dt, self._width = pulses, dt, round(pulses.duration / dt) if pulses else 1
        self._words = np.zeros((len(generators), WORDS), np.uint64)
        self._last, self._next = np.zeros((2, len(generators)), np.int64)
        self.begin(np.arange(len(generators)), generators)

    def begin(self, rows: NDArray[np.int64], generators: Sequence[np.random.Generator]) -> None:
        """The populations ``rows`` begin anew at sample 0, and go on to draw from these generators."""
        for row, words in zip(rows.tolist(), generator_words(generators), strict=True):
            self._words[row], self._last[row] = words, -self._width
            self._next[row] = self._interval(row)

    @property
    def last(self) -> NDArray[np.int64]:
        """When the newest pulse of each population began; negative where there was none."""
        return self._last

    @property
    def coming(self) -> NDArray[np.int64]:
        """When the next pulse of each population will begin."""
        return self._next

    def _interval(self, row: int) -> int:
        """Steps from one pulse of a population to its next, as its generator draws them."""
        if self._pulses is None:
            return NEVER
        generator = generators_from({"words": self._words[row : row + 1]}, "words", 1)[0]
        rate = generator.gamma(self._pulses.shape, self._pulses.rate / self._pulses.shape)
        self._words[row] = generator_words([generator])[0]
        wait = 1000.0 / rate / self._dt if rate else np.inf
        return max(1, round(wait)) if wait < NEVER // 2 else NEVER // 2

    def currents(self, clocks: NDArray[np.int64], steps: int) -> tuple[Floats, list[list[int]]]:
        """The current in each of the coming steps.

        Args:
            clocks: the sample at which the first of these steps begins, in each population.
            steps: how many.

        Returns:
            float64 (populations, steps), and the samples at which pulses begin, of each population.
        """
        current = np.zeros((len(self._last), steps))
        if self._pulses is None:
            return current, [[] for _ in self._last]
        onsets: list[list[int]] = []
        for k, clock in enumerate(clocks.tolist()):
            last, coming = min(int(self._last[k]), clock - 1), max(int(self._next[k]), clock)
            current[k, : max(0, last + self._width - clock)] = self._pulses.amplitude
            onsets.append([])
            while coming < clock + steps:
                onsets[-1].append(coming)
                current[k, coming - clock : coming - clock + self._width] = self._pulses.amplitude
                last, coming = coming, coming + self._interval(k)
            self._last[k], self._next[k] = last, coming
        return current, onsets

    def arrays(self) -> Arrays:
        """All that the coming pulses depend on, by name: the arrays themselves."""
        return {"last": self._last, "next": self._next, "generators": self._words}

    def get_state(self) -> Arrays:
        """All that the coming pulses depend on."""
        return {name: array.copy() for name, array in self.arrays().items()}

    def set_state(self, state: Named, clocks: NDArray[np.int64]) -> None:
        """Go on where :meth:`get_state` was called, at these clocks.

        Raises:
            RunError: the arrays are not those of as many populations, or have pulses that should have come before.
        """
        last, coming = (take(state, name, self._last.shape, np.int64) for name in ("last", "next"))
        generators = generators_from(state, "generators", len(last))
        if (last >= clocks).any() or (coming < clocks).any():
            raise RunError("saved state last, next: must be before the clocks, and not before them")
        self._words[:], self._last[:], self._next[:] = generator_words(generators), last, coming
