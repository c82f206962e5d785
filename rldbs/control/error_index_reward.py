"""A reward about how faithfully the thalamus passes sensorimotor pulses on."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.core.native import Floats


@dataclass(frozen=True)
class ErrorIndex:
    """−EI − price·I_RMS, where EI is the error index over the last ``window``, for networks of cells.

    EI is what the thalamus has done wrong in that time for each pulse whose 25 ms have ended in it: a window with no
    spike or several, and every spike outside of windows; with no such pulse, for one. I_RMS is the root mean square of
    the current in the environment step, in µA/cm², all contacts together.
    (So, Kent, Grill, J. Comput. Neurosci. 32, 499, 2012.)
    """

    dt: Annotated[float, Gt(0), Le(10)] = 0.1
    """Of a step, in ms; so is the window."""
    window: Annotated[float, Gt(0), Le(60_000)] = 100.0
    price: Annotated[float, Ge(0)] = 0.001
    """For each µA/cm²."""
    variables = "errors", "pulses"

    @property
    def memory(self) -> int:
        return max(1, round(self.window / self.dt))

    def reward(self, past: Floats, kicks: Floats, x: Floats) -> Floats:
        errors, pulses = past[:, :, -self.memory :].sum(axis=2)
        square = np.square(kicks).reshape(*kicks.shape[:2], -1).sum(axis=2)
        index: Floats = errors / np.maximum(pulses, 1.0) + self.price * np.sqrt(square.mean(axis=1))
        return -index
