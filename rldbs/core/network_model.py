"""What a network of cells is made of: groups of one kind of cell each, projections, and irregular pulses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    parameters: tuple[float, ...] = ()
    """The constants of the cell's equations, in their order."""


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
class Potential:
    """What an electrode hears: the synaptic currents of a group."""

    group: str
    reversal: Mapping[str, float]
    """mV at which the current of a synapse turns, by the input that it opens."""


@dataclass(frozen=True)
class NetworkModel:
    """What a network of cells is made of."""

    name: str
    title: str
    groups: tuple[Group, ...]
    projections: tuple[Projection, ...]
    background: Pulses | None
    """None where there is none."""
    stimulated: str
    """The group that a contact reaches where nothing else is said."""
    v_mean: float
    v_std: float
    """mV: potentials begin normal with these."""
    paper: str
    recorded: Mapping[str, str] = field(default_factory=dict)
    """What the first variables of the mean field are by name, such as ``gpi.s``; the first one is x."""
    potential: Potential | None = None
    """What the variable ``lfp`` is; None where there is none."""
    relaying: str | None = None
    """The group that should pass each pulse of the background on; None where none should."""
    longest: float | None = None
    """ms: no integration step is longer; None: as each integrator needs it."""

    @property
    def watched(self) -> tuple[str, str]:
        """The group and the variable of its cells whose mean is x."""
        group, _, variable = self.recorded["x"].partition(".")
        return group, variable

    @property
    def usual_channels(self) -> tuple[str, str]:
        """What x is the mean of, and the potential of these cells."""
        group, variable = self.watched
        return f"{group}.{variable}", f"{group}.v"

    def told(self, name: str) -> str:
        """What a variable that is recorded is, in words: ``mean s of GPi``."""
        group, _, variable = self.recorded[name].partition(".")
        return f"mean {variable} of {self.group(group).label}"

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
