"""Networks of cells that a user has described: groups, projections, currents, and cells from equations."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le, Len
from numpy.typing import NDArray

from rldbs.core.cell_equations import CellEquations
from rldbs.core.cell_populations import CellSettings
from rldbs.core.cells import BUILT_IN, Cell, own_cell
from rldbs.core.model_description import NeuronModel, Variable
from rldbs.core.network_model import Group, NetworkModel, Potential, Projection, Pulses
from rldbs.core.synapse_patterns import everyone, on_a_ring, some

LONGEST = 1.0
"""ms: no integration step is longer; whether a shorter one is needed, nobody can know of equations."""
Current = Annotated[float, Ge(-1e4), Le(1e4)]
Weight = Annotated[float, Ge(-1e6), Le(1e6)]
Offset = Annotated[int, Ge(-10_000), Le(10_000)]


@dataclass(frozen=True)
class CellText:
    """A kind of cell, as it is written."""

    inputs: Annotated[list[str], Len(0, 7)]
    """What projections sum, beside the current."""
    parameters: Mapping[str, float]
    where: Mapping[str, str]
    """What several equations share, in their order."""
    equations: Mapping[str, str]
    """The rate of each variable, v first."""
    start: Mapping[str, str]
    """Where variables begin; the others begin at 0, and v as the network says."""
    threshold: float
    """A spike is where v rises through this, in mV."""
    spike: Mapping[str, str]
    """What variables are after a spike."""


@dataclass(frozen=True)
class GroupText:
    """Cells of one kind."""

    cell: str
    cells: Annotated[int, Ge(1), Le(10_000)]
    label: Annotated[str, Len(1, 24)]
    current: Current
    """Constant current into each cell in health, in µA/cm²."""
    current_pd: Current | None
    """And in the disease; the same where it is null."""
    spread: Annotated[float, Ge(0), Le(1000)]
    """Standard deviation of what is added to it for each cell, once for all."""
    parameters: Mapping[str, float]
    """Constants that are others here than in the cell."""


@dataclass(frozen=True)
class ProjectionText:
    """Synapses from one group to another; one of ``ring``, ``random`` and ``all`` says who reaches whom."""

    source: str
    """The group and its variable that acts, such as ``stn.s``."""
    target: str
    """The group and its input that is acted on, such as ``gpe.ampa``."""
    weight: Weight
    """What the sum over the sources is multiplied by."""
    ring: Annotated[list[Offset], Len(1, 1000)] | None
    """Cell k takes from those at k plus each of these."""
    random: Annotated[int, Ge(1), Le(1000)] | None
    """Each cell takes from so many, drawn once for all."""
    seed: Annotated[int, Ge(0), Le(2**32)]
    """Draws them."""
    all: bool
    """Each cell takes from all."""


@dataclass(frozen=True)
class PulsesText:
    """Pulses at irregular times."""

    target: str
    current: Current
    """Of a pulse, in µA/cm²."""
    duration: Annotated[float, Gt(0), Le(1000)]
    """ms."""
    rate: Annotated[float, Ge(0.001), Le(1000)]
    """How many come in a second, on average."""
    shape: Annotated[float, Ge(0.1), Le(10_000)]
    """Of the gamma distribution of rates from one to the next: the larger, the more regular."""
    relayed_by: str | None
    """The group whose cells should fire once after each."""


@dataclass(frozen=True)
class PotentialText:
    """The field potential about a group."""

    group: str
    reversal: Mapping[str, Annotated[float, Ge(-500), Le(500)]]
    """mV at which the current of each input turns."""


@dataclass(frozen=True)
class OwnNetworkSettings(CellSettings):
    """The settings of a network of cells that a user has described."""

    title: str
    source: str
    """The paper, or whatever else it is from."""
    v_mean: Annotated[float, Ge(-500), Le(500)]
    v_std: Annotated[float, Ge(0), Le(500)]
    """mV: potentials begin normal with these."""
    stimulated: str
    """The group that currents of stimulation reach."""
    recorded: Mapping[str, str]
    """The variables of the mean field by name, such as ``stn.s``; the first one is x."""
    meanings: Mapping[str, str]
    """What each of them is, with its unit."""
    ranges: Mapping[str, Annotated[list[float], Len(2, 2)]]
    """Of each of them: no trajectory with sensible currents leaves it."""
    threshold: float
    """Where x, shown cell by cell, counts as a spike."""
    cells: Mapping[str, CellText] = field(default_factory=dict, metadata={"elsewhere": True})
    groups: Mapping[str, GroupText] = field(default_factory=dict, metadata={"elsewhere": True})
    projections: Mapping[str, ProjectionText] = field(default_factory=dict, metadata={"elsewhere": True})
    pulses: PulsesText | None = field(default=None, metadata={"elsewhere": True})
    potential: PotentialText | None = field(default=None, metadata={"elsewhere": True})

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "neurons", sum(group.cells for group in self.groups.values()))

    __hash__ = CellSettings.__hash__

    @cached_property
    def kinds(self) -> Mapping[str, Cell]:
        """The cells by name, the core's among them.

        Raises:
            SettingError: a text is no equation.
        """
        own = {name: own_cell(name, cell_equations(name, cell)) for name, cell in self.cells.items()}
        return {**BUILT_IN, **own}

    @cached_property
    def network(self) -> NetworkModel:
        """What a population is made of. All names in it are known to be there."""
        groups = {name: self._group(name, group) for name, group in self.groups.items()}
        pulses, potential = self.pulses, self.potential
        return NetworkModel(
            name=self.name,
            title=self.title,
            groups=tuple(groups.values()),
            projections=tuple(_projection(projection, groups) for projection in self.projections.values()),
            background=None
            if pulses is None
            else Pulses(pulses.target, pulses.current, pulses.duration, pulses.rate, pulses.shape),
            stimulated=self.stimulated,
            v_mean=self.v_mean,
            v_std=self.v_std,
            paper=self.source,
            recorded=dict(self.recorded),
            potential=None if potential is None else Potential(potential.group, potential.reversal),
            relaying=None if pulses is None else pulses.relayed_by,
            longest=LONGEST,
        )

    def _group(self, name: str, group: GroupText) -> Group:
        cell = self.kinds[group.cell]
        constants = () if cell.equations is None else cell.equations.constants
        values = {**self.cells[group.cell].parameters, **group.parameters} if constants else {}
        diseased = group.current if group.current_pd is None else group.current_pd
        parameters = tuple(float(values[each]) for each in constants)
        return Group(name, group.label, cell, group.cells, group.current, diseased, group.spread, parameters)

    @property
    def equations_digest(self) -> str:
        """The fingerprint of the equations, and of which group takes from which."""
        cells = {name: vars(cell) | {"parameters": list(cell.parameters)} for name, cell in self.cells.items()}
        groups = {name: (group.cell, group.cells) for name, group in self.groups.items()}
        wires = {name: vars(each) | {"weight": None} for name, each in self.projections.items()}
        return hashlib.sha256(repr((cells, groups, wires)).encode()).hexdigest()

    @cached_property
    def described(self) -> NeuronModel:
        """What the model is."""
        variables = [
            Variable(name, self.meanings[name], self.ranges[name][0], self.ranges[name][1]) for name in self.recorded
        ]
        if self.potential is not None:
            label = self.groups[self.potential.group].label
            variables.append(Variable("lfp", f"mean synaptic current of the cells of {label}", -1e3, 1e3, "µA/cm²"))
        variables.append(Variable("severity", "how severe the disease is, which no electrode sees", 0.0, 1.0))
        if self.pulses is not None and self.pulses.relayed_by:
            label = self.groups[self.pulses.relayed_by].label
            variables.append(Variable("pulses", "pulses whose window of 25 ms has ended", 0.0, 1.0))
            variables.append(Variable("errors", f"errors of {label}, mean over its cells", 0.0, 2.0))
        return NeuronModel(
            name=self.name,
            title=self.title,
            kernel=self.equations_digest,
            variables=tuple(variables),
            dt=self.dt,
            coupling=self.coupling,
            transient=self.transient,
            period=self.period,
            threshold=self.threshold,
            time_unit="ms",
            kick_unit="µA/cm²",
            rows=1,
            paper=self.source,
        )


def cell_equations(name: str, cell: CellText) -> CellEquations:
    """The equations of a kind of cell.

    Raises:
        SettingError: a text is no equation; the message begins with its key.
    """
    return CellEquations(
        f"model.cells.{name}",
        tuple(cell.inputs),
        tuple(cell.parameters),
        tuple(cell.where.items()),
        tuple(cell.equations.items()),
        tuple(cell.start.items()),
        cell.threshold,
        tuple(cell.spike.items()),
    )


def _projection(projection: ProjectionText, groups: Mapping[str, Group]) -> Projection:
    source, _, variable = projection.source.partition(".")
    target, _, onto = projection.target.partition(".")
    many, cells, own = groups[source].cells, groups[target].cells, source == target
    sources: NDArray[np.int32]
    if projection.ring is not None:
        sources = on_a_ring(many, cells, projection.ring)
    elif projection.random is not None:
        sources = some(many, cells, projection.random, own, projection.seed)
    else:
        sources = everyone(many, cells, own)
    return Projection(source, variable, target, onto, projection.weight, sources)
