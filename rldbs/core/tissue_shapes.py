"""Tissue as its settings describe it: where neurons are, how that couples them, and which are recorded together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Literal, Protocol

import numpy as np
from annotated_types import Ge, Gt, Le, Len
from numpy.typing import NDArray

from rldbs.core.arguments import Floats
from rldbs.core.coupling_modes import MOST, CouplingKernel, Modes, blocks, kernel_of, modes_of
from rldbs.core.errors import SettingError
from rldbs.core.listed_positions import Listed, read_listed
from rldbs.core.tissue import cube, distances, line

Millimetres = Annotated[float, Gt(0), Le(1000)]
Place = Annotated[list[Annotated[float, Ge(-1000), Le(1000)]], Len(3, 3)]
"""A point, in mm from the middle of the tissue."""
Strength = Annotated[float, Ge(-1000), Le(1000)]
Members = NDArray[np.intp]


class TissueShape(Protocol):
    """What a space asks of a tissue."""

    def positions(self, neurons: int) -> Floats:
        """Where so many neurons are, float64 (neurons, 3), in mm.

        Raises:
            SettingError: it does not hold so many.
        """

    def coupling(self, positions: Floats) -> Modes:
        """How they are coupled."""

    def clusters(self, neurons: int) -> Sequence[Members]:
        """Parts of the population that are recorded one by one: which neurons are in each."""


def _fixed(value: object) -> object:
    return tuple(map(_fixed, value)) if isinstance(value, list) else value


class Hashable:
    """A record whose lists are tuples, so that what is made of it can be kept by it."""

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]
            object.__setattr__(self, each.name, _fixed(getattr(self, each.name)))


@dataclass(frozen=True)
class Point:
    """All neurons at one place, each coupled to each alike."""

    def positions(self, neurons: int) -> Floats:
        return np.zeros((neurons, 3))

    def coupling(self, positions: Floats) -> Modes:
        return modes_of(None, len(positions))

    def clusters(self, neurons: int) -> Sequence[Members]:
        return []


@dataclass(frozen=True)
class _Spread:
    """Neurons at places of their own, whose coupling is a function of the distance between them.

    It is α(d/length), divided by the number of neurons or, where ``normalised``, by the sum of α over all that couple
    to a neuron: else those at the edge take less.
    """

    kernel: Literal["all", "cosine", "wavelet", "gaussian", "exponential"]
    length: Millimetres
    """Unit of the distance."""
    normalised: bool

    def coupling(self, positions: Floats) -> Modes:
        if self.kernel == "all":
            return modes_of(None, len(positions))
        if len(positions) > MOST:
            raise SettingError(
                f"model.neurons={len(positions)}: at most {MOST} with tissue.kernel={self.kernel}; or tissue.kernel=all"
            )
        name: CouplingKernel = self.kernel
        alpha = kernel_of(name, distances(positions, positions), self.length)
        return modes_of(alpha, len(positions), normalised=self.normalised)

    def clusters(self, neurons: int) -> Sequence[Members]:
        return []


@dataclass(frozen=True)
class Cube(_Spread):
    """A cubic grid."""

    spacing: Millimetres

    def positions(self, neurons: int) -> Floats:
        side = round(neurons ** (1 / 3))
        if side**3 != neurons:
            near = sorted({max(1, side - 1) ** 3, side**3, (side + 1) ** 3})
            raise SettingError(
                f"model.neurons={neurons}: a cube holds {', '.join(map(str, near[:-1]))} or {near[-1]} neurons"
            )
        return cube(side, self.spacing)


@dataclass(frozen=True)
class Line(_Spread):
    """Neurons in the middles of equal parts of a line along x."""

    extent: Millimetres
    """How long it is."""

    def positions(self, neurons: int) -> Floats:
        return line(neurons, self.extent)


@dataclass(frozen=True)
class Populations(Hashable):
    """Populations of as many neurons each, every one at a place of its own, each recorded as a cluster."""

    places: Annotated[list[Place], Len(1, 64)]
    within: Strength
    """The coupling of a population to itself, in units of model.coupling, divided by the number of all neurons."""
    between: Strength
    """That of each to each other one, likewise."""

    def positions(self, neurons: int) -> Floats:
        count = len(self.places)
        if neurons % count:
            raise SettingError(f"model.neurons={neurons}: must be a multiple of {count}, the number of tissue.places")
        return np.repeat(np.array(self.places, np.float64), neurons // count, axis=0)

    def coupling(self, positions: Floats) -> Modes:
        count = len(self.places)
        strengths = np.full((count, count), self.between)
        np.fill_diagonal(strengths, self.within)
        return blocks([len(positions) // count] * count, strengths)

    def clusters(self, neurons: int) -> Sequence[Members]:
        each = neurons // len(self.places)
        return [np.arange(k * each, (k + 1) * each) for k in range(len(self.places))]


@dataclass(frozen=True)
class Positions(Hashable, _Spread):
    """Neurons where a file says that they are, each cluster in it recorded."""

    file: str | None
    """Of whom the table is read; None once that is done."""
    table: Annotated[list[str], Len(2, MOST)] | None
    """A line for each neuron, as :mod:`.listed_positions` reads them."""

    def positions(self, neurons: int) -> Floats:
        where = self._listed().positions
        if len(where) != neurons:
            raise SettingError(f"model.neurons={neurons}: tissue.file has {len(where)}; leave model.neurons out")
        return where

    def clusters(self, neurons: int) -> Sequence[Members]:
        return self._listed().clusters

    def _listed(self) -> Listed:
        if self.table is None:
            raise SettingError("tissue.file: must name a file with the columns x, y, z, in mm, for tissue=positions")
        try:
            return read_listed(tuple(self.table))
        except SettingError as error:
            raise SettingError(f"tissue.table: {error}") from None


TISSUES: Mapping[str, type[TissueShape]] = {
    "point": Point,
    "cube": Cube,
    "line": Line,
    "populations": Populations,
    "positions": Positions,
}
"""Classes of tissue by the name that the configuration uses."""
