"""Coupling: how strongly the neurons of an environment are coupled, and how that changes."""

from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from rldbs.control.random_walk import UNIT, reflected
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats
from rldbs.core.plugins import Options

Strength = Annotated[float, Ge(-100), Le(100)]


class Coupling(Protocol):
    """What the closed loop asks of a coupling. ``base`` is the model's own, ``model.coupling``."""

    def __hash__(self) -> int: ...

    @property
    def drifts(self) -> bool:
        """Whether it changes within an episode."""

    def label(self, base: float) -> str:
        """It in a few words, for the heading of a picture."""

    def spread(self, base: float, populations: int) -> Floats:
        """The couplings at which populations are prepared, float64 (populations,).

        Raises:
            SettingError: the coupling does not fit ``base``.
        """

    def first(self, base: float, generator: np.random.Generator) -> float:
        """The coupling with which an episode begins."""

    def next(self, now: Floats, first: Floats, begin: NDArray[np.int64], steps: int, normal: Floats) -> Floats:
        """The coupling for the coming environment step.

        Args:
            now: float64 (environments,), of the step before.
            first: float64 (environments,), with which the episodes began.
            begin: int64 (environments,), integration steps into the episode.
            steps: integration steps of an environment step.
            normal: float64 (environments,), standard normal numbers.

        Returns:
            float64 (environments,).
        """


@dataclass(frozen=True)
class Fixed:
    """The model's own coupling, always."""

    drifts = False

    def label(self, base: float) -> str:
        return f"{base:g}"

    def spread(self, base: float, populations: int) -> Floats:
        return np.full(populations, base)

    def first(self, base: float, generator: np.random.Generator) -> float:
        return base

    def next(self, now: Floats, first: Floats, begin: NDArray[np.int64], steps: int, normal: Floats) -> Floats:
        return now


@dataclass(frozen=True)
class Drawn(Fixed):
    """Drawn anew for each episode, uniformly from ``low`` to ``high``.

    An episode starts from a population that was prepared near the drawn coupling: those are spread evenly over the
    range.
    """

    low: Strength = 0.03
    high: Strength = 0.5

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise SettingError(f"coupling.low={self.low:g}: must be at most coupling.high={self.high:g}")

    def label(self, base: float) -> str:
        return f"{self.low:g} to {self.high:g}"

    def spread(self, base: float, populations: int) -> Floats:
        return self.low + (np.arange(populations) + 0.5) / populations * (self.high - self.low)

    def first(self, base: float, generator: np.random.Generator) -> float:
        return float(generator.uniform(self.low, self.high))


@dataclass(frozen=True)
class Step(Fixed):
    """The model's own until ``at`` integration steps into the episode, then suddenly another one."""

    to: Strength = 0.0
    at: Annotated[int, Ge(0), Le(10**9)] = 5000
    drifts = True

    def label(self, base: float) -> str:
        return f"{base:g}, then {self.to:g}"

    def next(self, now: Floats, first: Floats, begin: NDArray[np.int64], steps: int, normal: Floats) -> Floats:
        return np.where(begin >= self.at, self.to, first)


@dataclass(frozen=True)
class Ramp(Fixed):
    """Steadily from the model's own to another one, in ``length`` integration steps, ``at`` steps into the episode."""

    to: Strength = 0.0
    at: Annotated[int, Ge(0), Le(10**9)] = 0
    length: Annotated[int, Ge(1), Le(10**9)] = 10_000
    drifts = True

    def label(self, base: float) -> str:
        return f"{base:g}, rising to {self.to:g}" if self.to > base else f"{base:g}, falling to {self.to:g}"

    def next(self, now: Floats, first: Floats, begin: NDArray[np.int64], steps: int, normal: Floats) -> Floats:
        return first + (self.to - first) * np.clip((begin - self.at) / self.length, 0.0, 1.0)


@dataclass(frozen=True)
class Walk(Fixed):
    """A random walk from the model's own, reflected at ``low`` and ``high``.

    ``speed`` is the standard deviation of its change over 1000 integration steps.
    """

    low: Strength = 0.0
    high: Strength = 0.5
    speed: Annotated[float, Gt(0), Le(100)] = 0.01
    drifts = True

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise SettingError(f"coupling.low={self.low:g}: must be below coupling.high={self.high:g}")

    def label(self, base: float) -> str:
        return f"walking from {base:g}"

    def spread(self, base: float, populations: int) -> Floats:
        if not self.low <= base <= self.high:
            raise SettingError(
                f"model.coupling={base:g}: must be from coupling.low={self.low:g} to coupling.high={self.high:g}, "
                "between which it walks"
            )
        return super().spread(base, populations)

    def next(self, now: Floats, first: Floats, begin: NDArray[np.int64], steps: int, normal: Floats) -> Floats:
        there = now + self.speed * np.sqrt(steps / UNIT) * normal
        walked: Floats = np.where(begin == 0, first, reflected(there, self.low, self.high))
        return walked


COUPLINGS: Options[Coupling] = Options(
    "coupling", {"fixed": Fixed, "drawn": Drawn, "step": Step, "ramp": Ramp, "walk": Walk}, Coupling
)
"""Coupling classes by the name that the configuration uses."""


def check_severities(coupling: Coupling) -> None:
    """Whether a coupling that says how severe a disease is stays between 0 and 1.

    Raises:
        SettingError: it does not.
    """
    for key in ("to", "low", "high"):
        value = getattr(coupling, key, 0.0)
        if not 0.0 <= value <= 1.0:
            raise SettingError(f"coupling.{key}={value:g}: must be from 0 to 1: here it is how severe the disease is")
