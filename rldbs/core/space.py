"""Space: where the neurons of a population are, where contacts stimulate them, and where sites record them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Annotated, Literal, Protocol

import numpy as np
from annotated_types import Ge, Gt, Le, Len

from rldbs.core.arguments import Floats
from rldbs.core.coupling_modes import MOST, CouplingKernel, Modes, blocks, kernel_of, modes_of
from rldbs.core.errors import SettingError
from rldbs.core.tissue import Profile, Tissue, cube, distances, line, profile, tissue

Millimetres = Annotated[float, Gt(0), Le(1000)]
Place = Annotated[list[Annotated[float, Ge(-1000), Le(1000)]], Len(3, 3)]
"""A point, in mm from the middle of the tissue."""
Strength = Annotated[float, Ge(-1000), Le(1000)]
HERE: Floats = np.zeros((1, 3))
"""By how much one electrode has moved that has not."""
HERE.flags.writeable = False


class TissueShape(Protocol):
    """What a space asks of a tissue."""

    def positions(self, neurons: int) -> Floats:
        """Where so many neurons are, float64 (neurons, 3), in mm.

        Raises:
            SettingError: it does not hold so many.
        """

    def coupling(self, positions: Floats) -> Modes:
        """How they are coupled."""

    def clusters(self, neurons: int) -> list[slice]:
        """Parts of the population that are recorded one by one."""


def _fixed(value: object) -> object:
    return tuple(map(_fixed, value)) if isinstance(value, list) else value


class _Hashable:
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

    def clusters(self, neurons: int) -> list[slice]:
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

    def clusters(self, neurons: int) -> list[slice]:
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
class Populations(_Hashable):
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

    def clusters(self, neurons: int) -> list[slice]:
        each = neurons // len(self.places)
        return [slice(k * each, (k + 1) * each) for k in range(len(self.places))]


@dataclass(frozen=True)
class Recorded(_Hashable):
    """Sites that record a part of the population beside the mean of all: each a mean that is weighted by distance."""

    sites: Annotated[list[Place], Len(0, 64)]
    site_profile: Profile
    site_spread: Millimetres


@dataclass(frozen=True)
class Uniform(Recorded):
    """One contact that reaches all neurons alike."""

    def conductance(self, positions: Floats, moved: Floats = HERE) -> Floats:
        """G of electrodes that have moved by (electrodes, 3), in mm: float64 (electrodes, contacts, neurons)."""
        return np.ones((len(moved), 1, len(positions)))


@dataclass(frozen=True)
class Contacts(Recorded):
    """Contacts at places, each of which reaches neurons by their distance, and by their direction where it has one."""

    contacts: Annotated[list[Place], Len(1, 64)]
    profile: Profile
    spread: Millimetres
    gain: Annotated[float, Gt(0), Le(1000)]
    directions: Annotated[list[Place], Len(0, 64)]
    """Of every contact, or of none: what it faces gets all of the stimulation, and what is behind it nothing."""

    def conductance(self, positions: Floats, moved: Floats = HERE) -> Floats:
        """As that of a uniform one."""
        contacts = (np.array(self.contacts) + moved[:, None]).reshape(-1, 3)
        shape = len(moved), len(self.contacts), len(positions)
        reach = self.gain * profile(positions, contacts, self.profile, self.spread)
        if not self.directions:
            return np.asarray(reach).reshape(shape)
        if len(self.directions) != len(self.contacts):
            raise SettingError(
                f"electrode.directions: must be as many as electrode.contacts, {len(self.contacts)}, or none; are "
                f"{len(self.directions)}"
            )
        directions = np.tile(np.array(self.directions), (len(moved), 1))
        return np.asarray(reach * _facing(positions, contacts, directions)).reshape(shape)


TISSUES: Mapping[str, type[TissueShape]] = {"point": Point, "cube": Cube, "line": Line, "populations": Populations}
"""Classes of tissue by the name that the configuration uses."""
ELECTRODES: Mapping[str, type[Uniform] | type[Contacts]] = {
    "uniform": Uniform,
    "single": Contacts,
    "four": Contacts,
    "directional": Contacts,
}
"""Classes of electrodes, likewise."""


@dataclass(frozen=True)
class Space:
    """Tissue with an electrode in it."""

    tissue: TissueShape
    electrode: Uniform | Contacts

    @property
    def is_plain(self) -> bool:
        """Whether all neurons are alike in it: coupled, hit and heard."""
        return isinstance(self.tissue, Point) and isinstance(self.electrode, Uniform) and not self.electrode.sites

    @property
    def contacts(self) -> int:
        return len(self.electrode.contacts) if isinstance(self.electrode, Contacts) else 1

    def recorded(self, neurons: int) -> list[tuple[Literal["site", "cluster"], int]]:
        """What is recorded beside the mean of all, with its number, as rows of P: sites, then clusters."""
        sites, clusters = len(self.electrode.sites), len(self.tissue.clusters(neurons))
        return [*(("site", k + 1) for k in range(sites)), *(("cluster", k + 1) for k in range(clusters))]

    def of(self, neurons: int) -> Tissue:
        """The tissue of so many neurons, the same object when it is asked for again.

        Raises:
            SettingError: it does not hold so many, or something in it does not go together.
        """
        return _built(self, neurons)


EVERYWHERE = Space(Point(), Uniform((), "uniform", 1.0))  # type: ignore[arg-type]
"""What a population without space is: each neuron at every place."""


@lru_cache(maxsize=16)
def _built(space: Space, neurons: int) -> Tissue:
    where = space.tissue.positions(neurons)
    middle = 0.5 * (where.min(axis=0) + where.max(axis=0))
    relative = where - middle
    electrode = space.electrode
    rows = []
    if electrode.sites:
        near = profile(relative, electrode.sites, electrode.site_profile, electrode.site_spread)
        silent = [k + 1 for k, row in enumerate(near) if not row.any()]
        if silent:
            raise SettingError(f"electrode.sites: site {silent[0]} is too far away to hear a neuron")
        rows += [row / np.add.reduce(row) for row in near]
    for cluster in space.tissue.clusters(neurons):
        member = np.zeros(neurons)
        member[cluster] = 1.0 / (cluster.stop - cluster.start)
        rows.append(member)
    (reach,) = electrode.conductance(relative)
    if not reach.any():
        raise SettingError("electrode.contacts: no contact reaches any neuron")
    return tissue(relative, space.tissue.coupling(where), reach, np.array(rows) if rows else None)


def _facing(positions: Floats, contacts: Floats, directions: Floats) -> Floats:
    """(1 + cos φ)/2 of the angle φ between where each contact faces and where each neuron is, (contacts, neurons)."""
    away = positions[None] - contacts[:, None]
    lengths = np.sqrt(np.square(away).sum(axis=2)) * np.sqrt(np.square(directions).sum(axis=1))[:, None]
    if not np.square(directions).sum(axis=1).all():
        raise SettingError("electrode.directions: [0, 0, 0] faces nothing")
    along = (away * directions[:, None]).sum(axis=2)
    cosine = np.divide(along, lengths, out=np.zeros_like(along), where=lengths > 0)
    return np.asarray(0.5 * (1.0 + cosine))
