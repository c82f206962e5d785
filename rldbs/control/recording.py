"""Recordings: what a controller sees of the mean field."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Protocol

import numpy as np
from annotated_types import Ge, Gt, Le, Len, Lt
from numpy.typing import NDArray

from rldbs.core.errors import SettingError
from rldbs.core.models import NeuronModel
from rldbs.core.native import Floats
from rldbs.core.native_step import Samples
from rldbs.core.window_sums import Bounds


class Recording(Protocol):
    """What the closed loop asks of a recording.

    The loop keeps the signals of the recorded variables as the sensor gives them: with its noise and its dropouts.
    """

    @property
    def memory(self) -> int:
        """Integration steps of the signals' past that an observation needs."""

    @property
    def variables(self) -> Sequence[str]:
        """Names of the recorded variables."""

    @property
    def channels(self) -> int:
        """Recorded signals; an observation holds all of the first, then all of the second, …"""

    @property
    def stride(self) -> int:
        """Integration steps between two samples of a signal."""

    @property
    def centered(self) -> bool:
        """Whether the mean of its samples is taken off each signal."""

    @property
    def sigmoid(self) -> float | None:
        """Scale of the sigmoid through which the samples go; None for the samples themselves."""

    @property
    def size(self) -> int:
        """Numbers in one observation."""

    @property
    def artefact(self) -> float:
        """How much of a kick is recorded itself, where it is given in full: times the kick, in units of x."""

    @property
    def artefact_decay(self) -> float:
        """Integration steps in which an artefact falls to 1/e; 0 for one that ends with its kick."""

    @property
    def blanking(self) -> int:
        """Integration steps for which the last sample is held, from every step with a kick on."""

    @property
    def noise(self) -> float:
        """Standard deviation of the measurement noise, in units of the variable."""

    @property
    def relative_noise(self) -> float:
        """The same in units of the standard deviation of the free mean field."""

    @property
    def dropout(self) -> float:
        """Part of the samples that is lost; a lost sample repeats the one before it."""

    @property
    def dropout_length(self) -> float:
        """Mean length of a gap, in integration steps."""

    def indices(self, model: NeuronModel) -> list[int]:
        """Which variables of the model are recorded.

        Raises:
            SettingError: the recording does not fit the model.
        """

    def bounds(self, model: NeuronModel) -> tuple[Floats, Floats]:
        """Lowest and highest value of each number in an observation, float64 (size,) each."""

    def observe(self, signals: Floats, model: NeuronModel) -> NDArray[np.float32]:
        """The observations.

        Args:
            signals: float64 (channels, environments, memory), oldest first.

        Returns:
            float32 (environments, size), a fresh array.
        """


@dataclass(frozen=True)
class Window:
    """The last ``length`` samples of the mean of one or several variables, ``stride`` integration steps apart.

    Oldest first, one variable after the other. The order of what happens to a signal: ``artefact``, ``noise``,
    ``blanking``, ``dropout``, ``delay``, ``sigmoid``, and, with ``centered``, the mean of the samples is taken off: a
    controller then sees the rhythm, not where it is. At last it is cut off at its bounds.
    """

    variable: str | Annotated[list[str], Len(1, 16)] = "x"
    length: Annotated[int, Ge(1), Le(100_000)] = 80
    stride: Annotated[int, Ge(1), Le(10_000)] = 2
    centered: bool = False
    delay: Annotated[int, Ge(0), Le(100_000)] = 0
    """Integration steps between a sample and the moment at which the controller has it."""
    artefact: Annotated[float, Ge(-1000), Le(1000)] = 0.0
    """How much of a kick is recorded in its own step, beside x, where it is given in full."""
    artefact_decay: Annotated[float, Ge(0), Le(10_000)] = 0.0
    """Integration steps in which that falls to 1/e; 0: it ends with the kick."""
    blanking: Annotated[int, Ge(0), Le(10_000)] = 0
    """Integration steps, from every one with a kick on, in which the recording holds its last sample."""
    noise: Annotated[float, Ge(0), Le(1000)] = 0.0
    relative_noise: Annotated[float, Ge(0), Le(1000)] = 0.0
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.0
    dropout_length: Annotated[float, Ge(1), Le(100_000)] = 1.0
    sigmoid: Annotated[float, Gt(0), Le(1000)] | None = None
    """Scale s of 1 / (1 + exp(−x / s)), through which the samples go; None for the samples themselves."""

    def __post_init__(self) -> None:
        if self.noise and self.relative_noise:
            raise SettingError(
                f"recording.noise={self.noise:g} and recording.relative_noise={self.relative_noise:g}: one must be 0"
            )
        if len(set(self.variables)) < len(self.variables):
            raise SettingError(f"recording.variable={self.variable}: each variable once")
        if self.dropout and self.dropout_length * (1.0 - self.dropout) < self.dropout:
            raise SettingError(
                f"recording.dropout_length={self.dropout_length:g}: gaps that take {self.dropout:g} of the time are "
                f"longer on average; at least {self.dropout / (1.0 - self.dropout):.3g}"
            )

    @property
    def variables(self) -> Sequence[str]:
        return [self.variable] if isinstance(self.variable, str) else self.variable

    @property
    def channels(self) -> int:
        return len(self.variables)

    @property
    def memory(self) -> int:
        return (self.length - 1) * self.stride + 1 + self.delay

    @property
    def size(self) -> int:
        return self.channels * self.length

    def indices(self, model: NeuronModel) -> list[int]:
        for name in self.variables:
            if name not in model.variable_names:
                raise SettingError(
                    f"recording.variable: {model.name} has {', '.join(model.variable_names)}, not {name!r}"
                )
        return [model.variable_names.index(name) for name in self.variables]

    def bounds(self, model: NeuronModel) -> tuple[Floats, Floats]:
        low, high = self._ranges(model)
        return np.repeat(low, self.length), np.repeat(high, self.length)

    def samples(self, model: NeuronModel) -> Samples | None:
        """Observations of a mean field as the core makes them; None where it does not."""
        if self.sigmoid is not None:
            return None
        count = -(-(self.memory - self.delay) // self.stride)
        bounds = Bounds(*self._ranges(model))
        return Samples(self.indices(model), self.memory, count, self.stride, self.centered, bounds)

    def observe(self, signals: Floats, model: NeuronModel) -> NDArray[np.float32]:
        bounds = self._bounds.get(model.name)
        if bounds is None:
            bounds = self._bounds[model.name] = Bounds(*self._ranges(model))
        count, stride = -(-(signals.shape[2] - self.delay) // self.stride), self.stride
        if self.sigmoid is not None:
            signals = 0.5 + 0.5 * np.tanh(0.5 * signals / self.sigmoid)  # the same, without an overflow
        return bounds.observe(signals, count, stride, self.centered)

    @cached_property
    def _bounds(self) -> dict[str, Bounds]:
        """Those of :meth:`_ranges`, by the name of the model, as far as they have been asked for."""
        return {}

    def _ranges(self, model: NeuronModel) -> tuple[Floats, Floats]:
        """Lowest and highest value of each channel, float64 (channels,)."""
        variables = [model.variables[index] for index in self.indices(model)]
        low, high = np.array([v.low for v in variables]), np.array([v.high for v in variables])
        if self.sigmoid is not None:
            low, high = np.zeros(self.channels), np.ones(self.channels)
        return (low - high, high - low) if self.centered else (low, high)
