"""Stimuli as physicians set them: pulses in µs and trains in Hz, for models whose time is in ms."""

from dataclasses import dataclass, field, replace
from typing import Annotated, cast

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.control.stimulus import (
    Amplitude,
    Limit,
    Resolution,
    Saturation,
    Steps,
    Stimulus,
    Waveform,
    delivered,
    stretches,
)
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import Floats

Microseconds = Annotated[float, Gt(0), Le(10_000_000)]
Gap = Annotated[float, Ge(0), Le(10_000_000)]
Hertz = Annotated[float, Ge(0), Le(10_000)]
_ELSEWHERE = {"elsewhere": True}
ROUNDING = 1e-6


@dataclass(frozen=True)
class Shape:
    """A pulse: cathodic first, then the same charge with the other sign. In kicks, each held over its time."""

    width: int
    gap: int
    recovery: int

    @property
    def length(self) -> int:
        """Kicks from its beginning to its end."""
        return self.width + self.gap + self.recovery

    @property
    def kicks(self) -> Floats:
        """Those of a pulse of 1, float64 (length,)."""
        return stretches(self.length, (self.width, 1.0), (self.gap, 0.0), (self.recovery, -self.width / self.recovery))


def shape_of_pulse(width: float, gap: float, recovery: float, hold: float) -> Shape:
    """A pulse whose times are in µs, of kicks that are held for ``hold`` ms each.

    Raises:
        SettingError: a time is no whole number of them, or the recovery is shorter than the pulse.
    """
    counts = {}
    for name, time in {"width": width, "gap": gap, "recovery": recovery}.items():
        counts[name] = round(time / 1000.0 / hold)
        if abs(counts[name] * hold * 1000.0 - time) > ROUNDING * hold * 1000.0 or (name != "gap" and not counts[name]):
            nearest = max(counts[name], 0 if name == "gap" else 1) * hold * 1000.0
            raise SettingError(
                f"stimulus.{name}={time:g}: must be a whole number of integration steps, which take "
                f"{1000.0 * hold:g} µs\nThe nearest is stimulus.{name}={nearest:g}"
            )
    if counts["recovery"] < counts["width"]:
        raise SettingError(
            f"stimulus.recovery={recovery:g}: must be at least stimulus.width={width:g}, so that stimulus.amplitude "
            "stays the largest current"
        )
    return Shape(**counts)


@dataclass(frozen=True)
class Biphasic(Waveform):
    """Amplitude·action for ``width`` µs, after a ``gap`` the opposite charge over ``recovery`` µs: one in each step.

    A positive current depolarises, as a cathode near cells does: an action above 0 is cathodic first. The sum is zero.
    """

    interval: Steps = 10
    width: Microseconds = 60.0
    gap: Gap = 0.0
    recovery: Microseconds = 60.0
    hold: float = field(default=0.0, metadata=_ELSEWHERE)
    """How long a kick is held, in ms; 0 until a model has said it."""
    per_step: int = field(default=1, metadata=_ELSEWHERE)

    def __post_init__(self) -> None:
        if self.hold and self._shape.length > self.interval * self.per_step:
            raise SettingError(
                f"stimulus.interval={self.interval}: must be at least stimulus.width={self.width:g} + "
                f"stimulus.gap={self.gap:g} + stimulus.recovery={self.recovery:g} µs, so that the pulse ends before "
                f"the next; is {1000.0 * self.hold * self.interval * self.per_step:g} µs"
            )

    @property
    def _shape(self) -> Shape:
        return shape_of_pulse(self.width, self.gap, self.recovery, self.hold)

    @property
    def waveform(self) -> Floats:
        return stretches(self.interval * self.per_step, *((1, each) for each in self._shape.kicks.tolist()))


@dataclass(frozen=True)
class Train:
    """A train of biphasic pulses whose amplitude and frequency the agent chooses: an action is two numbers.

    The first is the amplitude, 0 for none; the second chooses the frequency, from ``lowest`` to ``highest`` Hz. The
    interval holds the nearest whole number of pulses, equally far apart, the first at once: of equal actions comes a
    train without a break. Pulses are those of ``biphasic``.
    """

    amplitude: Amplitude = 1.0
    interval: Steps = 1000
    every: Steps = 1
    lowest: Hertz = 0.0
    highest: Annotated[float, Gt(0), Le(10_000)] = 200.0
    width: Microseconds = 60.0
    gap: Gap = 0.0
    recovery: Microseconds = 60.0
    saturation: Saturation = 1.0
    resolution: Resolution = 0.0
    together: bool = False
    limit: Limit = None
    hold: float = field(default=0.0, metadata=_ELSEWHERE)
    per_step: int = field(default=1, metadata=_ELSEWHERE)
    action_size = 2
    contacts = 1
    levels = None

    def __post_init__(self) -> None:
        if self.lowest >= self.highest:
            raise SettingError(f"stimulus.lowest={self.lowest:g}: must be below stimulus.highest={self.highest:g}")
        if self.hold and self._most * self._shape.length > self.interval * self.per_step:
            raise SettingError(
                f"stimulus.highest={self.highest:g}: pulses of {1000.0 * self.hold * self._shape.length:g} µs run into "
                "each other"
            )

    @property
    def _shape(self) -> Shape:
        return shape_of_pulse(self.width, self.gap, self.recovery, self.hold)

    @property
    def _length(self) -> float:
        """Of an interval, in ms."""
        return self.hold * self.per_step * self.interval

    @property
    def _most(self) -> int:
        return round(self.highest * self._length / 1000.0)

    @property
    def least(self) -> int:
        """Pulses of an interval at the lowest frequency."""
        return round(self.lowest * self._length / 1000.0)

    def second(self, frequency: float, key: str = "agent.frequency") -> float:
        """The second number of an action that chooses a frequency, in Hz, which is the value of ``key``.

        Raises:
            SettingError: it is not among those that can be chosen.
        """
        if not self.lowest <= frequency <= self.highest:
            raise SettingError(
                f"{key}={frequency:g}: must be from stimulus.lowest={self.lowest:g} to "
                f"stimulus.highest={self.highest:g} Hz"
            )
        return 2.0 * (frequency - self.lowest) / (self.highest - self.lowest) - 1.0

    def kicks(self, actions: Floats) -> Floats:
        sizes = self.amplitude * delivered(actions[:, 0], self.saturation, self.resolution)
        frequencies = self.lowest + (actions[:, 1] + 1.0) / 2.0 * (self.highest - self.lowest)
        counts = np.rint(frequencies * self._length / 1000.0).astype(np.int64)
        pulse, kicks = self._shape.kicks, np.zeros((len(actions), self.interval * self.per_step))
        for row, size, count in zip(kicks, sizes.tolist(), counts.tolist(), strict=True):
            onsets = np.rint(np.arange(count) * (len(row) / max(1, count))).astype(np.int64)
            row[onsets[:, None] + np.arange(len(pulse))] = size * pulse
        return kicks


@dataclass(frozen=True)
class Held:
    """A stimulus whose kicks are held over each step of a model that takes several kicks in a step."""

    stimulus: Stimulus
    per_step: int

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") or name == "stimulus":
            raise AttributeError(name)
        return getattr(self.stimulus, name)

    def kicks(self, actions: Floats) -> Floats:
        return np.repeat(self.stimulus.kicks(actions), self.per_step, axis=1)


def fitted(stimulus: Stimulus, model: ModelSettings) -> Stimulus:
    """A stimulus as a model takes it.

    Raises:
        SettingError: its times are in µs, and those of the model have no unit; or they do not fit its steps.
    """
    several = model.kicks_per_step
    if not isinstance(stimulus, Biphasic | Train):
        return stimulus if several == 1 else cast(Stimulus, Held(stimulus, several))
    if model.model.time_unit != "ms":
        name = type(stimulus).__name__.lower()
        raise SettingError(
            f"stimulus={name}: its pulses are in µs, but the time of model={model.name} has no unit; use "
            "stimulus=charge_balanced, which counts in steps"
        )
    return replace(stimulus, hold=model.dt / several, per_step=several)
