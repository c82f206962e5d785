"""Random numbers that environments use at every step, drawn ahead."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Arrays, generator_words, generators_from, take

AHEAD = 1024
"""Numbers that are drawn at once for each environment: a call for each step would cost more than the step."""


class Stream:
    """Random numbers for a batch of environments, from a generator of each environment's own.

    What an environment gets depends on its generator only, not on the batch, nor on how many are drawn ahead.

    Args:
        kind: ``standard_normal``, or ``random`` for uniform ones in [0, 1).
        environments: how many.
        width: numbers for each step.
    """

    def __init__(self, kind: Literal["standard_normal", "random"], environments: int, width: int = 1) -> None:
        self._kind: Literal["standard_normal", "random"] = kind
        self._generators = [np.random.default_rng(0)] * environments
        self._drawn: Floats = np.zeros((environments, AHEAD, width))
        self._at = 0
        self._late: NDArray[np.int64] | None = None

    def seed(self, environment: int, generator: np.random.Generator) -> None:
        """Let one environment's numbers come from ``generator`` from now on."""
        self._generators[environment] = generator
        if self._late is not None:
            self._late[environment] = 0
        self._fill(environment, self._at)

    def next(self, steps: int) -> Floats:
        """The numbers of the next ``steps`` steps, float64 (environments, steps, width)."""
        if self._at + steps > self._drawn.shape[1]:
            self._draw(steps)
        begin, self._at = self._at, self._at + steps
        if self._late is None:
            return self._drawn[:, begin : self._at]
        places = (begin - self._late)[:, None] + np.arange(steps)
        numbers: Floats = self._drawn[np.arange(len(places))[:, None], places]
        return numbers

    def put_back(self, rows: NDArray[np.bool_], steps: int) -> None:
        """Let the environments of ``rows``, bool (environments,), get those of their last ``steps`` steps again."""
        if self._late is None:
            self._late = np.zeros(len(rows), np.int64)
        self._late[rows] += steps

    def saved(self) -> Arrays:
        """All that the next numbers depend on."""
        if self._late is not None:  # all have to be ahead by as many
            self._draw(0)
        return {"generators": generator_words(self._generators), "ahead": self._drawn[:, self._at :].copy()}

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such a stream.
        """
        environments, _, width = self._drawn.shape
        ahead = next(iter(arrays["ahead"].shape[1:2]), 0) if "ahead" in arrays else 0
        self._drawn, self._at = take(arrays, "ahead", (environments, ahead, width), np.float64), 0
        self._late = None
        self._generators = generators_from(arrays, "generators", environments)

    def _draw(self, steps: int) -> None:
        """See that every environment has numbers for ``steps`` steps, and as many as any other."""
        environments, drawn, width = self._drawn.shape
        late = np.zeros(environments, np.int64) if self._late is None else self._late
        left = drawn - self._at + late
        grown = np.zeros((environments, max(AHEAD, int(left.max()) + steps), width))
        for environment, kept in enumerate(left.tolist()):
            grown[environment, :kept] = self._drawn[environment, drawn - kept :]
        self._drawn, self._at, self._late = grown, 0, None
        for environment, kept in enumerate(left.tolist()):
            self._fill(environment, kept)

    def _fill(self, environment: int, begin: int) -> None:
        generator, row = self._generators[environment], self._drawn[environment, begin:]
        row[:] = (
            generator.standard_normal(row.shape) if self._kind == "standard_normal" else generator.random(row.shape)
        )
