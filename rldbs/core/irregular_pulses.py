"""Pulses of current at irregular times, of which each population has its own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats
from rldbs.core.errors import RunError
from rldbs.core.network_model import Pulses
from rldbs.core.saved_arrays import Arrays, Named, generator_words, generators_from, take


class IrregularPulses:
    """The pulses of a batch of populations. The first one comes after as long as others come after each other.

    Args:
        pulses: what they are like.
        generators: one for each population.
        dt: integration step, in ms.
    """

    def __init__(self, pulses: Pulses, generators: Sequence[np.random.Generator], dt: float) -> None:
        self._pulses, self._dt, self._width = pulses, dt, round(pulses.duration / dt)
        self._generators = list(generators)
        self._last = np.full(len(self._generators), -self._width, np.int64)
        self._next = np.array([self._interval(generator) for generator in self._generators], np.int64)

    def _interval(self, generator: np.random.Generator) -> int:
        """Steps from one pulse to the next."""
        rate = generator.gamma(self._pulses.shape, self._pulses.rate / self._pulses.shape)
        return max(1, round(1000.0 / rate / self._dt))

    def currents(self, clocks: NDArray[np.int64], steps: int) -> tuple[Floats, list[list[int]]]:
        """The current in each of the coming steps.

        Args:
            clocks: the sample at which the first of these steps begins, in each population.
            steps: how many.

        Returns:
            float64 (populations, steps), and the samples at which pulses begin, of each population.
        """
        current = np.zeros((len(self._generators), steps))
        onsets: list[list[int]] = []
        for k, clock in enumerate(clocks.tolist()):
            last, coming = int(self._last[k]), int(self._next[k])
            current[k, : max(0, last + self._width - clock)] = self._pulses.amplitude
            onsets.append([])
            while coming < clock + steps:
                onsets[-1].append(coming)
                current[k, coming - clock : coming - clock + self._width] = self._pulses.amplitude
                last, coming = coming, coming + self._interval(self._generators[k])
            self._last[k], self._next[k] = last, coming
        return current, onsets

    def get_state(self) -> Arrays:
        """All that the coming pulses depend on."""
        words = generator_words(self._generators)
        return {"last": self._last.copy(), "next": self._next.copy(), "generators": words}

    def set_state(self, state: Named, clocks: NDArray[np.int64]) -> None:
        """Go on where :meth:`get_state` was called, at these clocks.

        Raises:
            RunError: the arrays are not those of as many populations, or have pulses that should have come before.
        """
        last, coming = (take(state, name, self._last.shape, np.int64) for name in ("last", "next"))
        generators = generators_from(state, "generators", len(last))
        if (last >= clocks).any() or (coming < clocks).any():
            raise RunError("saved state last, next: must be before the clocks, and not before them")
        self._generators, self._last, self._next = generators, last, coming
