"""Drift of the electrode: how its contacts, all on one lead, move through the tissue while the loop runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.control.random_walk import UNIT, reflected
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import Floats
from rldbs.core.space import Contacts


@dataclass(frozen=True)
class StillElectrode:
    """The electrode stays where it is."""

    moves = False

    def label(self) -> str:
        """It in a few words, for the heading of a picture; nothing where nothing changes."""
        return ""

    def bounds(self, model: ModelSettings) -> tuple[Floats, Floats]:
        """How far it may move along each axis, down and up: float64 (3,) each, in mm.

        Raises:
            SettingError: it cannot move there, or nothing would come of it.
        """
        return np.zeros(3), np.zeros(3)

    def next(self, moved: Floats, bounds: tuple[Floats, Floats], steps: Floats, normal: Floats) -> Floats:
        """By how much it has moved after further integration steps.

        Args:
            moved: float64 (electrodes, 3), before them, in mm.
            bounds: as :meth:`bounds` gives them.
            steps: float64 (electrodes, 1), how many there are.
            normal: float64 (electrodes, 3), standard normal numbers.

        Returns:
            float64 (electrodes, 3).
        """
        return moved


@dataclass(frozen=True)
class WalkingElectrode(StillElectrode):
    """A random walk in mm, reflected so that the middle of the lead stays in the tissue.

    ``speed`` is the standard deviation of its change over 1000 integration steps along each axis along which the
    tissue extends, and ``most`` the farthest that it comes along one. Every episode begins where the electrode is set.
    """

    speed: Annotated[float, Ge(0), Le(1000)] = 0.03
    most: Annotated[float, Gt(0), Le(1000)] = 0.3
    moves = True

    def label(self) -> str:
        return "drifting electrode"

    def bounds(self, model: ModelSettings) -> tuple[Floats, Floats]:
        electrode = model.space.electrode
        if not isinstance(electrode, Contacts) or (electrode.profile == "uniform" and not electrode.directions):
            raise SettingError(
                "electrode_drift=walk: the electrode reaches all neurons alike, wherever it is\n"
                "Use one with contacts at places, as electrode=single, and another electrode.profile than uniform"
            )
        where = model.tissue.positions
        assert where is not None
        low, high = where.min(axis=0), where.max(axis=0)
        if not (low < high).any():
            raise SettingError(
                "electrode_drift=walk: all neurons are at one place, so that there is nowhere to go\n"
                "Use tissue=cube, tissue=line or tissue=populations"
            )
        middle = np.array(electrode.contacts, np.float64).mean(axis=0)
        extends = np.where(low < high, self.most, 0.0)  # an electrode may be set outside, but does not go farther out
        return np.maximum(-extends, np.minimum(low - middle, 0.0)), np.minimum(extends, np.maximum(high - middle, 0.0))

    def next(self, moved: Floats, bounds: tuple[Floats, Floats], steps: Floats, normal: Floats) -> Floats:
        walked, free = moved.copy(), bounds[0] < bounds[1]
        there = moved + self.speed * np.sqrt(steps / UNIT) * normal
        walked[:, free] = reflected(there[:, free], bounds[0][free], bounds[1][free])
        return walked


ELECTRODE_DRIFTS: Mapping[str, type[StillElectrode]] = {"none": StillElectrode, "walk": WalkingElectrode}
"""Classes of drift by the name that the configuration uses."""
