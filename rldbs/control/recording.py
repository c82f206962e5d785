"""Recordings: what a controller sees of the mean field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from rldbs.core.errors import SettingError
from rldbs.core.models import NeuronModel
from rldbs.core.native import Floats


class Recording(Protocol):
    """What the closed loop asks of a recording."""

    @property
    def memory(self) -> int:
        """Integration steps of the mean field's past that an observation needs."""

    @property
    def size(self) -> int:
        """Numbers in one observation."""

    @property
    def channels(self) -> int:
        """Signals in one observation, one after the other."""

    def bounds(self, model: NeuronModel) -> tuple[float, float]:
        """Lowest and highest value of an observation.

        Raises:
            SettingError: the recording does not fit the model.
        """

    def observe(self, past: Floats, model: NeuronModel) -> NDArray[np.float32]:
        """The observations.

        Args:
            past: float64 (variables, environments, memory), oldest first.

        Returns:
            float32 (environments, size), a fresh array.
        """


@dataclass(frozen=True)
class Window:
    """The last ``length`` samples of the mean of one variable, ``stride`` integration steps apart, oldest first.

    With ``centered``, the mean of the samples is taken off: a controller then sees the rhythm, not where it is.
    """

    variable: str = "x"
    length: Annotated[int, Ge(1), Le(100_000)] = 80
    stride: Annotated[int, Ge(1), Le(10_000)] = 2
    centered: bool = False
    channels = 1

    @property
    def memory(self) -> int:
        return (self.length - 1) * self.stride + 1

    @property
    def size(self) -> int:
        return self.length

    def bounds(self, model: NeuronModel) -> tuple[float, float]:
        variable = model.variables[self._index(model)]
        span = variable.high - variable.low
        return (-span, span) if self.centered else (variable.low, variable.high)

    def observe(self, past: Floats, model: NeuronModel) -> NDArray[np.float32]:
        samples = past[self._index(model), :, :: self.stride]
        if self.centered:
            samples = samples - samples.mean(axis=1, keepdims=True)
        low, high = self.bounds(model)
        observations: NDArray[np.float32] = np.clip(samples, low, high, dtype=np.float32, casting="same_kind")
        return observations

    def _index(self, model: NeuronModel) -> int:
        if self.variable not in model.variable_names:
            raise SettingError(
                f"recording.variable: {model.name} has {', '.join(model.variable_names)}, not {self.variable!r}"
            )
        return model.variable_names.index(self.variable)


RECORDINGS: Mapping[str, type[Recording]] = {"window": Window}
"""Recording classes by the name that the configuration uses."""
