"""Encapsulation: scar tissue around the electrode, through which less of its stimulation comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from rldbs.core.errors import SettingError
from rldbs.core.model_kinds import kind_of
from rldbs.core.model_settings import ModelSettings, NeuronSettings
from rldbs.core.native import Floats, curve

LEAST = -700.0
"""An exponent below which nothing is left."""


@dataclass(frozen=True)
class NoEncapsulation:
    """The electrode stays as it is."""

    grows = False

    def label(self) -> str:
        """It in a few words, for the heading of a picture; nothing where nothing changes."""
        return ""

    def check(self, model: ModelSettings) -> None:
        """Whether it can be around the electrode of a model.

        Raises:
            SettingError: it cannot.
        """

    @property
    def least(self) -> float:
        """No less than this part of the stimulation comes through."""
        return 1.0

    def gain(self, steps: Floats) -> Floats:
        """What part of the stimulation comes through after so many integration steps of an episode."""
        return np.ones(steps.shape)


@dataclass(frozen=True)
class GrowingEncapsulation(NoEncapsulation):
    """A scar grows until only 1 − ``loss`` of the stimulation comes through: 1 − ``loss``·(1 − exp(−t/``time``)).

    ``time`` is in integration steps. The impedance has risen as the gain has fallen, and thermal noise goes with its
    square root: where the recording has noise, that is divided by the root of the gain. An episode begins without a
    scar.
    """

    loss: Annotated[float, Ge(0), Lt(1)] = 0.5
    time: Annotated[float, Gt(0), Le(1_000_000_000)] = 5000.0
    grows = True

    def label(self) -> str:
        return f"encapsulation down to {1 - self.loss:g}"

    def check(self, model: ModelSettings) -> None:
        if not kind_of(model).through_tissue:
            raise SettingError(
                f"encapsulation=growth: is not for model={model.name}, whose currents reach cells as they are, through "
                "no tissue; leave it out"
            )
        if isinstance(model, NeuronSettings) and model.space.is_plain:
            raise SettingError(
                f"encapsulation=growth: model={model.name} with tissue=point and electrode=uniform has no electrode "
                "that could be encapsulated\nUse one with contacts at places, as electrode=single"
            )

    @property
    def least(self) -> float:
        return 1.0 - self.loss

    def gain(self, steps: Floats) -> Floats:
        gone = curve("exponential", np.maximum(-steps / self.time, LEAST))
        return np.maximum(1.0 - self.loss * (1.0 - gone), self.least)


ENCAPSULATIONS: Mapping[str, type[NoEncapsulation]] = {"none": NoEncapsulation, "growth": GrowingEncapsulation}
"""Classes of encapsulation by the name that the configuration uses."""
