"""Plasticity: what each neuron has of its own, its current or its frequency, does not stay what it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.control.random_walk import UNIT, reflected
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import Floats


@dataclass(frozen=True)
class SteadyNeurons:
    """Neurons stay what they are."""

    changes = False

    def label(self) -> str:
        """It in a few words, for the heading of a picture; nothing where nothing changes."""
        return ""

    def unit(self, model: ModelSettings) -> float:
        """How different the neurons of a model are, in units of their ``current``: one standard deviation.

        Raises:
            SettingError: not at all.
        """
        return 0.0

    def next(self, now: Floats, first: Floats, unit: float, steps: Floats, normal: Floats) -> Floats:
        """What neurons have of their own after further integration steps.

        Args:
            now: float64 (populations, neurons), before them.
            first: float64 (populations, neurons), with which the episodes began.
            unit: as :meth:`unit` gives it.
            steps: float64 (populations, 1), how many there are.
            normal: float64 (populations, neurons), standard normal numbers.

        Returns:
            float64 (populations, neurons).
        """
        return now


@dataclass(frozen=True)
class WalkingNeurons(SteadyNeurons):
    """A random walk of every neuron's frequency or current, reflected at ``most`` to either side of where it began.

    Both are in units of how different the neurons of the model are, ``model.frequency_std`` or ``model.current_std``,
    or how different patients are, ``model.patients``;
    ``speed`` is the standard deviation of the change over 1000 integration steps. An episode begins anew.
    """

    speed: Annotated[float, Ge(0), Le(1000)] = 0.2
    most: Annotated[float, Gt(0), Le(1000)] = 2.0
    changes = True

    def label(self) -> str:
        return "plasticity"

    def unit(self, model: ModelSettings) -> float:
        key, unit = model.difference
        if unit == 0.0:
            raise SettingError(f"plasticity=walk: is in units of model.{key}, which is 0")
        return unit

    def next(self, now: Floats, first: Floats, unit: float, steps: Floats, normal: Floats) -> Floats:
        away, most = now - first + self.speed * unit * np.sqrt(steps / UNIT) * normal, self.most * unit
        walked: Floats = first + reflected(away, -most, most)
        return walked


PLASTICITIES: Mapping[str, type[SteadyNeurons]] = {"none": SteadyNeurons, "walk": WalkingNeurons}
"""Classes of plasticity by the name that the configuration uses."""
