"""Stimuli: how one action becomes the kicks of one environment step."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Protocol

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.core.errors import SettingError
from rldbs.core.native import Floats

Steps = Annotated[int, Ge(1), Le(10_000)]
Amplitude = Annotated[float, Gt(0), Le(10_000)]
Saturation = Annotated[float, Gt(0), Le(1)]
Resolution = Annotated[float, Ge(0), Le(1)]
Limit = Annotated[float, Gt(0), Le(1_000_000)] | None


class Stimulus(Protocol):
    """What the closed loop asks of a stimulus."""

    @property
    def interval(self) -> int:
        """Integration steps of one environment step."""

    @property
    def every(self) -> int:
        """The stimulus acts at every so many environment steps only, beginning with the first of an episode."""

    @property
    def amplitude(self) -> float:
        """The largest kick, in the units of the model: actions in [−1, 1] are scaled by it."""

    @property
    def levels(self) -> int | None:
        """Equally spaced amplitudes from which an action chooses; None where it may be any."""

    @property
    def action_size(self) -> int:
        """Numbers in one action."""

    @property
    def contacts(self) -> int:
        """Contacts that stimulate."""

    @property
    def per_step(self) -> int:
        """Kicks in each integration step; a stimulus that says nothing gives one."""

    @property
    def together(self) -> bool:
        """Whether one action is for all contacts; else each has its own."""

    @property
    def limit(self) -> float | None:
        """The largest kick of all contacts together, their absolute kicks summed; None for none. A step that would give
        more is scaled down as a whole."""

    def kicks(self, actions: Floats) -> Floats:
        """The kicks of one environment step.

        Args:
            actions: float64 (environments, action_size), within [−1, 1].

        Returns:
            float64 (environments, interval · per_step), and with several contacts (environments, …, contacts), a fresh
            array: added to x of every neuron before each integration step, as far as a contact reaches it.
        """


def level_values(levels: int) -> Floats:
    """The actions among which an agent chooses, float64 (levels,), equally spaced from −1 to 1."""
    return -1.0 + 2.0 * np.arange(levels) / (levels - 1)


def delivered(sizes: Floats, saturation: float, resolution: float) -> Floats:
    """What a device makes of pulse sizes within [−1, 1]: multiples of ``resolution`` (0: any), up to ``saturation``."""
    if resolution:
        most = np.floor(saturation / resolution + 1e-9)
        return np.clip(np.rint(sizes / resolution), -most, most) * resolution
    return np.clip(sizes, -saturation, saturation)


@dataclass(frozen=True)
class Waveform(ABC):
    """A stimulus of one shape, whose size is the action."""

    amplitude: Amplitude = 1.0
    interval: Steps = 1
    every: Steps = 1
    levels: Annotated[int, Ge(2), Le(10_001)] | None = None
    saturation: Saturation = 1.0
    resolution: Resolution = 0.0
    together: bool = False
    limit: Limit = None
    action_size = contacts = 1
    per_step = 1

    @property
    @abstractmethod
    def waveform(self) -> Floats:
        """The kicks of an action of 1, in units of the amplitude, float64 (interval,)."""

    @property
    def proportional(self) -> Floats | None:
        """The kicks of an action of 1, float64 (interval,), where those of all others are so many times them."""
        free = self.levels is None and self.saturation == 1 and self.resolution == 0 and self.every == 1
        return self._largest if free else None

    def kicks(self, actions: Floats) -> Floats:
        if self.levels is not None:
            actions = level_values(self.levels)[np.rint((actions + 1.0) / 2.0 * (self.levels - 1)).astype(np.intp)]
        if self.saturation < 1 or self.resolution:
            actions = delivered(actions, self.saturation, self.resolution)
        kicks: Floats = actions * self._largest
        return kicks

    @cached_property
    def _largest(self) -> Floats:
        """The kicks of an action of 1."""
        return self.amplitude * self.waveform

    def _fits(self, **parts: int) -> None:
        if sum(parts.values()) > self.interval:
            words = " + ".join(f"stimulus.{name}={steps}" for name, steps in parts.items())
            raise SettingError(
                f"stimulus.interval={self.interval}: must be at least {words}, so that the pulse ends before the next"
            )


@dataclass(frozen=True)
class Delta(Waveform):
    """One kick of amplitude·action at the first integration step of every environment step."""

    @property
    def waveform(self) -> Floats:
        return stretches(self.interval, (1, 1.0))


@dataclass(frozen=True)
class Rectangular(Waveform):
    """A kick of amplitude·action for ``width`` integration steps, then none until the interval ends."""

    interval: Steps = 5
    width: Steps = 1

    def __post_init__(self) -> None:
        self._fits(width=self.width)

    @property
    def waveform(self) -> Floats:
        return stretches(self.interval, (self.width, 1.0))


@dataclass(frozen=True)
class ChargeBalanced(Waveform):
    """Amplitude·action for ``width`` steps, a ``gap``, then the opposite charge spread over ``recovery`` steps.

    The kicks of a pulse sum to zero, as tissue and electrodes need it.
    """

    interval: Steps = 5
    width: Steps = 1
    gap: Annotated[int, Ge(0), Le(10_000)] = 0
    recovery: Steps = 2

    def __post_init__(self) -> None:
        self._fits(width=self.width, gap=self.gap, recovery=self.recovery)
        _check_recovery(self.recovery, "width", self.width)

    @property
    def waveform(self) -> Floats:
        return stretches(
            self.interval, (self.width, 1.0), (self.gap, 0.0), (self.recovery, -self.width / self.recovery)
        )


@dataclass(frozen=True)
class Pulse:
    """A charge-balanced pulse whose amplitude, width and gap the agent chooses: an action is three numbers.

    The first is the amplitude; the second chooses the width, from 1 to ``widest`` steps; the third the gap, from 0
    to ``longest_gap`` steps, both rounded. The opposite charge is spread over ``recovery`` steps.
    """

    amplitude: Amplitude = 1.0
    interval: Steps = 10
    every: Steps = 1
    widest: Steps = 3
    longest_gap: Annotated[int, Ge(0), Le(10_000)] = 3
    recovery: Steps = 4
    saturation: Saturation = 1.0
    resolution: Resolution = 0.0
    together: bool = False
    limit: Limit = None
    action_size = 3
    contacts = per_step = 1
    levels = None

    def __post_init__(self) -> None:
        if self.widest + self.longest_gap + self.recovery > self.interval:
            raise SettingError(
                f"stimulus.interval={self.interval}: must be at least stimulus.widest={self.widest} + "
                f"stimulus.longest_gap={self.longest_gap} + stimulus.recovery={self.recovery}, so that the pulse ends "
                "before the next"
            )
        _check_recovery(self.recovery, "widest", self.widest)

    def kicks(self, actions: Floats) -> Floats:
        sizes = actions[:, 0]
        if self.saturation < 1 or self.resolution:
            sizes = delivered(sizes, self.saturation, self.resolution)
        sizes = self.amplitude * sizes
        widths = 1 + np.rint((actions[:, 1] + 1.0) / 2.0 * (self.widest - 1))
        gaps = np.rint((actions[:, 2] + 1.0) / 2.0 * self.longest_gap)
        step = np.arange(self.interval)
        turn = (widths + gaps)[:, None]
        pulse = np.where(step < widths[:, None], sizes[:, None], 0.0)
        recovering = (step >= turn) & (step < turn + self.recovery)
        kicks: Floats = np.where(recovering, (-sizes * widths / self.recovery)[:, None], pulse)
        return kicks


def stretches(interval: int, *parts: tuple[int, float]) -> Floats:
    """Values that last for so many steps each, one after the other, then 0 up to ``interval`` steps."""
    shape, begin = np.zeros(interval), 0
    for steps, value in parts:
        shape[begin : begin + steps] = value
        begin += steps
    return shape


def _check_recovery(recovery: int, name: str, width: int) -> None:
    if recovery < width:
        raise SettingError(
            f"stimulus.recovery={recovery}: must be at least stimulus.{name}={width}, so that stimulus.amplitude stays "
            "the largest kick"
        )
