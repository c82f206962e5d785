"""What every kernel is to an ensemble and to a closed loop, whatever kind of neurons it advances."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from numpy.typing import ArrayLike

from rldbs.core.arguments import Floats


class Place(NamedTuple):
    """Where the core writes a mean field."""

    begin: object
    """Address of the first number."""
    strides: tuple[int, int, int]
    """Numbers from one population, one step, one variable to the next."""


class AnyKernel(Protocol):
    """What ensembles and closed loops ask of the memory of a batch of populations, and of the core at work on it."""

    @property
    def state(self) -> Floats:
        """float64 (populations, rows, neurons), writable; row 0 is x of every neuron."""

    @property
    def current(self) -> Floats:
        """float64 (populations, neurons), writable: what each neuron has of its own and keeps."""

    @property
    def coupling(self) -> Floats:
        """float64 (populations,), writable."""

    def advance(self, kicks: ArrayLike, threads: int) -> Floats:
        """Advance every population; the mean field, float64 (populations, steps, signals)."""

    def step(self, kicks: Floats, place: Place, threads: int) -> None:
        """The same for a caller who has looked at the kicks, the mean field written to a place."""

    def lie(self, record: Any) -> object:
        """Write into an ``rldbs_loop`` where the populations lie; what must outlive that."""

    @property
    def scratch_for(self) -> Callable[[int], object]:
        """Where the scratch memory for so many threads begins."""
