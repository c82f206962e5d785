"""The signal that feedback answers to: the newest sample of a recorded variable, smoothed, from its rest point."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from rldbs.agents.classical.base import ClassicalSettings, Periods, contacts_apart
from rldbs.control.features import Features
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.recording import Recording
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import is_local_x
from rldbs.core.native import Floats
from rldbs.core.space import Contacts

Observations = NDArray[np.float32]


def no_such_channel(channel: int, recording: Recording) -> str | None:
    """What to tell where a recording lacks the variable to which an agent should listen; None where it has it."""
    if channel < recording.channels:
        return None
    return f"agent.channel={channel}: must be below {recording.channels}, the number of recorded variables"


def check_channel(channel: int, recording: Recording) -> None:
    """Whether a recording has the variable to which an agent listens.

    Raises:
        SettingError: it has not.
    """
    if told := no_such_channel(channel, recording):
        raise SettingError(told)


def check_samples(recording: Recording) -> None:
    """Whether observations are samples.

    Raises:
        SettingError: they are features of samples.
    """
    if isinstance(recording, Features):
        raise SettingError("recording=features: this controller listens to samples; use recording=window")


def samples_of(channel: int, recording: Recording) -> slice:
    """Where in an observation the samples of a recorded variable are.

    Raises:
        SettingError: there is no such variable, or there are no samples.
    """
    check_samples(recording)
    check_channel(channel, recording)
    length = recording.size // recording.channels
    return slice(channel * length, (channel + 1) * length)


@dataclass(frozen=True)
class SignalSettings(ClassicalSettings):
    """How every controller that listens makes a signal of samples."""

    offset: Annotated[float, Ge(-1000), Le(1000)] | None
    """The value at which the signal counts as 0. None is model.set_point for x, also at a site or of a cluster, and
    for all else the mean of the window. Where the recording is centred, it is 0 whatever this is."""
    baseline: Periods | None
    """The signal's running mean over about so many periods is taken off it; None leaves it."""
    smoothing: Annotated[int, Ge(1), Le(100_000)]
    """Samples through which a straight line is laid; its end is the signal, its slope the derivative. 1 is the newest
    sample itself."""

    def signal_of(self, channels: Sequence[int], loop: LoopSettings) -> "Signal":
        """The signals of some recorded variables.

        Raises:
            SettingError: the recording has too few samples.
        """
        recording = loop.recording
        check_samples(recording)
        length = recording.size // recording.channels
        if self.smoothing > length:
            raise SettingError(f"agent.smoothing={self.smoothing}: must be at most recording.length={length}")
        time = 0.0 if self.baseline is None else self.baseline * loop.model.period
        forgotten = -math.expm1(-loop.stimulus.interval / time) if time else 0.0
        return Signal(self._rest(channels, loop), channels, length, self.smoothing, recording.stride, forgotten)

    def _rest(self, channels: Sequence[int], loop: LoopSettings) -> float | None:
        recording = loop.recording
        if recording.centered:
            return 0.0
        if self.offset is not None:
            return self.offset
        all_x = all(is_local_x(recording.variables[channel]) for channel in channels)
        return loop.model.set_point if all_x and recording.sigmoid is None else None


@dataclass(frozen=True)
class FeedbackSettings(SignalSettings):
    """The settings of every controller that listens to one signal, or at each contact to one."""

    channel: Annotated[int, Ge(0), Le(15)] | Literal["each", "nearest"]
    """Which of the recorded variables is the signal: 0 is the first. With several contacts also ``each``, contact k
    answers to variable k, or ``nearest``, each answers to x at the nearest of the recorded sites."""

    def signal(self, loop: LoopSettings) -> "Signal":
        """What the controller listens to.

        Raises:
            SettingError: the recording has no such channel, or too few samples.
        """
        return self.signal_of(self._channels(loop), loop)

    def _channels(self, loop: LoopSettings) -> Sequence[int]:
        channels = loop.recording.channels
        if isinstance(self.channel, int):
            check_channel(self.channel, loop.recording)
            return [self.channel]
        given = f"agent.channel={self.channel}"
        contacts = contacts_apart(loop, given)
        if self.channel == "nearest":
            return _nearest(loop, given)
        if contacts != channels:
            raise SettingError(
                f"{given}: there are {contacts} contacts, so recording.variable must be as many; it is "
                f"{', '.join(loop.recording.variables)}"
            )
        return range(channels)


class Signal:
    """Reads signals from observations, once at every decision: of every listener one.

    A listener is an environment; with several channels it is a contact, of the first environment each, then of the
    second, …. Sums run over the samples of one listener in a fixed order, so that no bit depends on the batch.

    Args:
        rest: their value at rest; None for the mean of the window.
        channels: where in an observation their samples are.
        length: samples of each channel, oldest first.
        smoothing: newest samples through which a straight line is laid, by least squares.
        stride: integration steps between two samples.
        forgotten: part of the running mean that a decision replaces; 0 for no running mean.

    Attributes:
        weights: the signal is the sum of so many times the newest samples, float64 (smoothing,).
        slopes: its derivative, per integration step, of so many times them, float64 (smoothing,).
    """

    def __init__(
        self, rest: float | None, channels: Sequence[int], length: int, smoothing: int, stride: int, forgotten: float
    ) -> None:
        self.stride = stride
        self.rest, self.channels, self.length, self.forgotten = rest, list(channels), length, forgotten
        self._newest = slice(length - smoothing, length)
        times = np.arange(1.0 - smoothing, 1.0)
        spread = times - times.mean()
        steepness = spread / (float((spread * spread).sum()) or 1.0)
        self.weights: Floats = 1.0 / smoothing - times.mean() * steepness
        self.slopes: Floats = steepness / stride
        self._mean: Floats | float = 0.0

    def value(self, observations: Observations) -> Floats:
        """The signals now, float64 (listeners,)."""
        windows = self._windows(observations)
        value: Floats = (windows[:, self._newest] * self.weights).sum(axis=1)
        value -= self._rest_of(windows)
        if self.forgotten:
            self._mean = self._mean + self.forgotten * (value - self._mean)
            value -= self._mean
        return value

    def slope(self, observations: Observations) -> Floats:
        """Their derivatives in time, per integration step, float64 (listeners,)."""
        slope: Floats = (self._windows(observations)[:, self._newest] * self.slopes).sum(axis=1)
        return slope

    def samples(self, observations: Observations) -> Floats:
        """All samples of the windows from the rest point, oldest first, float64 (length, listeners)."""
        windows = self._windows(observations)
        samples = windows.astype(np.float64)
        return np.ascontiguousarray((samples - np.reshape(self._rest_of(windows), (-1, 1))).T)

    def _windows(self, observations: Observations) -> Observations:
        """The samples of every listener, float32 (listeners, length)."""
        if len(self.channels) == 1:
            begin = self.channels[0] * self.length
            return observations[:, begin : begin + self.length]
        windows = observations.reshape(len(observations), -1, self.length)[:, self.channels]
        return windows.reshape(-1, self.length)

    def _rest_of(self, windows: Observations) -> Floats | float:
        if self.rest is not None:
            return self.rest
        mean: Floats = windows.mean(axis=1, dtype=np.float64)
        return mean


def _nearest(loop: LoopSettings, given: str) -> list[int]:
    """The channel of the recorded site that is nearest to each contact."""
    electrode = loop.model.space.electrode
    if not isinstance(electrode, Contacts):
        raise SettingError(f"{given}: the contact of electrode=uniform has no place; use another electrode or a number")
    names = {f"x{k + 1}": np.array(site) for k, site in enumerate(electrode.sites)}
    places = {k: names[name] for k, name in enumerate(loop.recording.variables) if name in names}
    if not places:
        raise SettingError(f"{given}: no site is recorded; give electrode.sites, and recording.variable=[x1,…]")
    return [
        min(places, key=lambda channel: float(np.square(places[channel] - contact).sum()))
        for contact in np.array(electrode.contacts)
    ]
