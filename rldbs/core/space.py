"""Space: where the neurons of a population are, where contacts stimulate them, and where sites record them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le, Len

from rldbs.core.arguments import Floats
from rldbs.core.errors import SettingError
from rldbs.core.tissue import Profile, Tissue, profile, tissue
from rldbs.core.tissue_shapes import Hashable, Millimetres, Place, Point, TissueShape

HERE: Floats = np.zeros((1, 3))
"""By how much one electrode has moved that has not."""
HERE.flags.writeable = False
NEGLIGIBLE = 1e-6
"""Part of a contact's gain: a neuron that gets no more is not reached."""


@dataclass(frozen=True)
class Recorded(Hashable):
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


ELECTRODES: Mapping[str, type[Uniform] | type[Contacts]] = {
    "uniform": Uniform,
    "single": Contacts,
    "four": Contacts,
    "directional": Contacts,
}
"""Classes of electrodes by the name that the configuration uses."""


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
        member[cluster] = 1.0 / len(cluster)
        rows.append(member)
    (reach,) = electrode.conductance(relative)
    if isinstance(electrode, Contacts) and not (reach > NEGLIGIBLE * electrode.gain).any():
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
