"""Where episodes start: from free populations, or from others that were prepared."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from annotated_types import Ge, Le

from rldbs.control.bank_store import stored_bank
from rldbs.control.coupling import Coupling
from rldbs.core.bank import Bank
from rldbs.core.model_settings import ModelSettings


class Start(Protocol):
    """What the closed loop asks of a start."""

    @property
    def seed(self) -> int:
        """Draws the populations."""

    def bank(self, model: ModelSettings, coupling: Coupling, memory: int, threads: int) -> Bank:
        """The populations from which episodes start, with the last ``memory`` integration steps of their past."""

    def free_bank(self, model: ModelSettings, coupling: Coupling, memory: int, threads: int) -> Bank:
        """Such populations before any stimulation."""


@dataclass(frozen=True)
class FreeStart:
    """Episodes start from populations that have run freely through their transient.

    The populations are prepared once, and each gives several starting points, about a period of the rhythm apart
    in all. They depend on ``seed`` only, not on the seeds of the environments.
    """

    populations: Annotated[int, Ge(1), Le(100_000)] = 32
    snapshots: Annotated[int, Ge(1), Le(10_000)] = 8
    seed: Annotated[int, Ge(0)] = 0

    def bank(self, model: ModelSettings, coupling: Coupling, memory: int, threads: int) -> Bank:
        spread = tuple(float(strength) for strength in coupling.spread(model.coupling, self.populations))
        return stored_bank(model, self.populations, self.snapshots, self.seed, memory, threads, spread)

    free_bank = bank


@dataclass(frozen=True, eq=False)
class Prepared:
    """Populations that are there already, as another loop has left them.

    Args:
        entries: the populations, with the past that the loop needs.
        seed: drew them.
    """

    entries: Bank
    seed: int = 0

    def bank(self, model: ModelSettings, coupling: Coupling, memory: int, threads: int) -> Bank:
        return self.entries

    free_bank = bank
