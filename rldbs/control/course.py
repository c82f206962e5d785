"""The course of a disease: how severe it is when an episode begins, and when it comes and goes within one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from rldbs.control.coupling import Coupling, Drawn, Fixed
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Arrays, generator_words, generators_from, put_within

Severity = Annotated[float, Ge(0), Le(1)]
Milliseconds = Annotated[float, Gt(0), Le(10_000_000)]


@dataclass(frozen=True)
class Steady(Fixed):
    """As severe as model.state says, always."""


@dataclass(frozen=True)
class DrawnSeverity(Drawn):
    """Drawn anew for each episode, uniformly from ``low`` to ``high``: 0 is health, 1 Parkinson's disease.

    An episode starts from a population that was prepared near the drawn severity: those are spread evenly over the
    range.
    """

    low: Severity = 0.0
    high: Severity = 1.0

    def __post_init__(self) -> None:
        _check_range(self.low, self.high)


@dataclass(frozen=True)
class Switching(Fixed):
    """To and fro between two severities, each of which stays for a time from ``shortest`` to ``longest``, in ms.

    Every such time is drawn uniformly. An episode begins in either of the two, somewhere within such a time; of
    measured populations every other one begins in the severe one. It switches at the first decision when the time has
    passed. (Cho et al., IEEE Trans. Neural Syst. Rehabil. Eng. (2024), every 600 ms or so.)
    """

    low: Severity = 0.0
    high: Severity = 1.0
    shortest: Milliseconds = 400.0
    longest: Milliseconds = 800.0

    def __post_init__(self) -> None:
        _check_range(self.low, self.high)
        if self.shortest > self.longest:
            raise SettingError(f"course.shortest={self.shortest:g}: must be at most course.longest={self.longest:g}")

    def label(self, base: float) -> str:
        return f"{self.low:g} and {self.high:g} in turn"

    def spread(self, base: float, populations: int) -> Floats:
        return np.where(np.arange(populations) % 2, self.low, self.high)

    def first(self, base: float, generator: np.random.Generator) -> float:
        return self.high if generator.random() < 0.5 else self.low


def _check_range(low: float, high: float) -> None:
    if low >= high:
        raise SettingError(f"course.low={low:g}: must be below course.high={high:g}")


COURSES: Mapping[str, type[Coupling]] = {"steady": Steady, "drawn": DrawnSeverity, "switching": Switching}
"""Classes of courses by the name that the configuration uses."""


class Spells:
    """How long the severity of each environment of a batch still stays what it is.

    Only the environment's own randomness decides. Nothing switches while environments rest.

    Args:
        course: what changes between episodes and within them; with any other than that which switches, nothing here.
        environments: how many.
        step: length of an environment step, in ms.
    """

    def __init__(self, course: Coupling, environments: int, step: float) -> None:
        self._course = course if isinstance(course, Switching) else None
        self._left: Floats = np.zeros(environments)  # in ms
        self._step, self._generators = step, [np.random.default_rng(0)] * environments

    def seed(self, environment: int, generator: np.random.Generator) -> None:
        """Let one environment's times come from a generator that ``generator`` spawns."""
        if self._course is not None:
            self._generators[environment] = generator.spawn(1)[0]

    def begin(self, rows: NDArray[np.int64]) -> None:
        """The environments ``rows`` begin an episode, within a time of which a part is left."""
        if self._course is not None:
            for row in rows.tolist():
                whole = _drawn(self._course, self._generators[row])
                self._left[row] = whole * (1.0 - self._generators[row].random())

    def follow(self, severity: Floats, idle: NDArray[np.bool_] | None = None) -> None:
        """Switch what is due after a step of all environments but those of ``idle``, bool (environments,).

        ``severity``, float64 (environments,), is written.
        """
        if self._course is None:
            return
        self._left -= self._step if idle is None else np.where(idle, 0.0, self._step)
        for row in np.flatnonzero(self._left <= 0.0).tolist():
            while self._left[row] <= 0.0:
                self._left[row] += _drawn(self._course, self._generators[row])
                severe = severity[row] == self._course.high
                severity[row] = self._course.low if severe else self._course.high

    def saved(self) -> Arrays:
        """All that the coming switches depend on."""
        if self._course is None:
            return {}
        return {"left": self._left.copy(), "spells": generator_words(self._generators)}

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such times.
        """
        if self._course is not None:
            put_within(self._left, arrays, "left", 0.0, self._course.longest)
            self._generators[:] = generators_from(arrays, "spells", len(self._generators))


def _drawn(course: Switching, generator: np.random.Generator) -> float:
    """A time for which a severity stays, in ms."""
    return float(generator.uniform(course.shortest, course.longest))
