"""What an observation is made of and what an action means, for programs that know nothing of this package."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rldbs import __version__
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.recording import Window
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats


@dataclass(frozen=True)
class Layout:
    """Observations and actions of a closed loop. Times are in integration steps of the model.

    An observation holds the last ``length`` samples of every variable, ``stride`` steps apart, oldest first, one
    variable after the other. There is a decision at every ``interval`` steps.
    """

    loop: LoopSettings
    recording: Window

    @classmethod
    def of(cls, loop: LoopSettings) -> "Layout":
        """The layout of an environment.

        Raises:
            SettingError: what it records is no window of samples.
        """
        if type(loop.recording) is not Window:
            raise SettingError("recording: only windows of samples can be exported; use recording=window")
        return cls(loop, loop.recording)

    @property
    def channels(self) -> int:
        return self.recording.channels

    @property
    def length(self) -> int:
        return self.recording.length

    @property
    def size(self) -> int:
        """Numbers in an observation."""
        return self.recording.size

    @property
    def interval(self) -> int:
        return self.loop.stimulus.interval

    @property
    def apart(self) -> int:
        """Steps between two samples of which a device has to know: windows of all decisions are made of them."""
        return math.gcd(self.recording.stride, self.interval)

    @property
    def spacing(self) -> int:
        """Such samples from one of a window to the next."""
        return self.recording.stride // self.apart

    @property
    def kept(self) -> int:
        """Such samples from the oldest of a window to the newest."""
        return (self.length - 1) * self.spacing + 1

    @property
    def samples_per_decision(self) -> int:
        return self.interval // self.apart

    @property
    def actions(self) -> int:
        """Numbers in an action."""
        return self.loop.stimulus.action_size

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest value of each channel, float64 (channels,) each."""
        low, high = (side[:: self.length] for side in self.recording.bounds(self.loop.model.model))
        return np.asarray(low), np.asarray(high)

    @property
    def kick_unit(self) -> str:
        """Of kicks: what follows the word ``in``."""
        return self.loop.model.model.kick_unit or "units of x"

    @property
    def units(self) -> str:
        """Those of samples, kicks and dt, as the model has them."""
        model = self.loop.model.model
        recorded = (model.variables[index] for index in self.recording.indices(model))
        samples = [f"{each.name}, {each.meaning}{f' in {each.unit}' if each.unit else ''}" for each in recorded]
        time = f"in {model.time_unit}" if model.time_unit else "and all else without a dimension"
        return f"samples of {'; of '.join(samples)}; kicks in {self.kick_unit}; dt {time}"

    def words(self) -> Mapping[str, Any]:
        """All that a program has to know to make observations and to use actions, for JSON."""
        loop, recording, stimulus = self.loop, self.recording, self.loop.stimulus
        low, high = self.bounds
        return {
            "rldbs_version": __version__,
            "model": loop.model.name,
            "model_title": loop.model.model.title,
            "dt": loop.model.dt,
            "period": loop.model.period,
            "variables": list(recording.variables),
            "length": recording.length,
            "stride": recording.stride,
            "interval": stimulus.interval,
            "centered": recording.centered,
            "sigmoid": recording.sigmoid,
            "low": low.tolist(),
            "high": high.tolist(),
            "delay": recording.delay,
            "amplitude": stimulus.amplitude,
            "contacts": stimulus.contacts,
            "together": stimulus.together,
            "limit": stimulus.limit,
            "actions": stimulus.action_size,
            "levels": stimulus.levels,
            "every": stimulus.every,
            "units": f"{self.units}; length in samples; period, stride, interval and delay in integration steps of dt",
            "observation": (
                "the last length samples of each variable, stride apart, oldest first, one variable after the other; "
                "1 / (1 + exp(-x / sigmoid)) of each where there is a sigmoid; then their mean is taken off each "
                "variable where centered; then cut off at low and high"
            ),
            "action": (
                "from -1 to 1, a part of amplitude; for each contact, or once for all together, the same count of "
                "numbers, of which the first is the size of its pulse; where there is a limit, what all contacts give "
                "in a step is scaled alike, so that their absolute kicks sum to no more"
            ),
        }
