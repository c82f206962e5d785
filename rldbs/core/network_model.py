"""What a network of cells is made of: groups of one kind of cell each, projections, and irregular pulses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rldbs.core.cells import Cell


@dataclass(frozen=True)
class Group:
    """Cells of one kind. Currents in µA/cm²."""

    name: str
    label: str
    """What the field writes."""
    cell: Cell
    cells: int
    healthy: float
    """The constant current into each cell in health, and what it is in Parkinson's disease."""
    parkinsonian: float
    spread: float = 0.0
    """Standard deviation of what is added to that of each cell, once for all."""


@dataclass(frozen=True)
class Projection:
    """Every cell of the target takes a conductance from as many cells of the source."""

    source: str
    variable: str
    """Of the source's cells, whose sum acts."""
    target: str
    input: str
    """Of the target's cells, to which it is added."""
    weight: float
    """What the sum is multiplied by, in mS/cm²."""
    sources: NDArray[np.int32]
    """(sources, cells of the target)"""


@dataclass(frozen=True)
class Pulses:
    """Pulses of current that come at irregular times: rates from one to the next are gamma distributed."""

    target: str
    amplitude: float
    """µA/cm²."""
    duration: float
    """ms."""
    rate: float
    """Hz, on average."""
    shape: float
    """Of the gamma distribution."""


@dataclass(frozen=True)
class NetworkModel:
    """What a network of cells is made of."""

    name: str
    title: str
    groups: tuple[Group, ...]
    projections: tuple[Projection, ...]
    background: Pulses
    stimulated: str
    """The group that a contact reaches where nothing else is said."""
    v_mean: float
    v_std: float
    """mV: potentials begin normal with these."""
    paper: str

    @property
    def cells(self) -> int:
        return sum(group.cells for group in self.groups)

    def group(self, name: str) -> Group:
        return self.groups[self.names.index(name)]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(group.name for group in self.groups)

    def cells_of(self, name: str) -> slice:
        """Where the cells of a group are among all."""
        before = self.groups[: self.names.index(name)]
        begin = sum(group.cells for group in before)
        return slice(begin, begin + self.group(name).cells)

    def cell_name(self, cell: int) -> str:
        """What one of all cells is called: ``stn[3]``."""
        name = next(name for name in reversed(self.names) if self.cells_of(name).start <= cell)
        return f"{name}[{cell - self.cells_of(name).start}]"


def ring(cells: int, *offsets: int) -> NDArray[np.int32]:
    """Sources on a ring: cell k takes from those at k + offset."""
    return np.array([(np.arange(cells) + offset) % cells for offset in offsets], np.int32)
