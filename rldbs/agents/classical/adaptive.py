"""Adaptive DBS as the clinic has it: a current that follows the amplitude of a rhythm, in ms and Hz."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from rldbs.agents.classical.base import ClassicalSettings, Kick, Kicker
from rldbs.agents.classical.feedback_signal import Observations, samples_of
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.bank import prepare_bank
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats

ORDER = 2
"""Of the filter at each edge of the band: two biquads, 12 dB an octave."""
RECORDED, SETTLED = 20_000.0, 1000.0
"""ms of free populations of which percentiles are, and of these the first ones, which are left out."""
POPULATIONS = 4
FREE_SEED = 0xADB5
"""Draws them."""
Hertz = Annotated[float, Gt(0), Le(10_000)]
Milliseconds = Annotated[float, Gt(0), Le(60_000)]
Level = Annotated[float, Ge(0), Le(100_000)] | None
"""An amplitude of the rhythm, in units of the signal; None for the percentile of free populations."""
Percentile = Annotated[float, Ge(0), Le(100)]


@dataclass(frozen=True)
class AdaptiveSettings(ClassicalSettings):
    """The settings of every controller whose current follows the amplitude A of a rhythm.

    A is what an implant makes of its signal: behind a causal Butterworth band-pass of second order, two biquads one
    after the other, rectified and averaged; a sine of amplitude a within the band comes to a.
    """

    rests = True

    channel: Annotated[int, Ge(0), Le(15)]
    """Which of the recorded variables is the signal: 0 is the first."""
    low: Hertz
    """Lowest frequency of the band."""
    high: Hertz
    """And the highest."""
    window: Milliseconds
    """Time constant with which the rectified signal is averaged."""
    size: Kick
    """The whole current."""
    ramp: Annotated[float, Ge(0), Le(60_000)]
    """ms in which it may come from 0 to whole, and back; 0 for at once."""

    def envelope(self, loop: LoopSettings) -> "Envelope":
        """What follows the amplitude.

        Raises:
            SettingError: the model has no such time, or the recording no such signal.
        """
        recording, stimulus = loop.recording, loop.stimulus
        if loop.model.model.time_unit != "ms":
            raise SettingError(
                f"agent.window={self.window:g}: is in ms, but the time of model={loop.model.name} has no unit; use "
                "agent=on_off, agent=dual_threshold or agent=pi, which count in periods of the rhythm"
            )
        window = samples_of(self.channel, recording)
        length = window.stop - window.start
        if stimulus.interval % recording.stride or stimulus.interval > length * recording.stride:
            raise SettingError(
                f"recording.stride={recording.stride}: must divide stimulus.interval={stimulus.interval}, and "
                "recording.length must hold that, so that no sample is missed"
            )
        dt = recording.stride * loop.model.dt
        if not self.low < self.high < 500.0 / dt:
            raise SettingError(
                f"agent.low={self.low:g}, agent.high={self.high:g}: must rise, and end below {500.0 / dt:g} Hz, half "
                f"the frequency of samples that are {dt:g} ms apart"
            )
        return Envelope(self, dt, window, stimulus.interval // recording.stride)

    def level(self, key: str, value: float | None, percentile: float, loop: LoopSettings) -> float:
        """An amplitude, or the percentile of that of free populations, without the noise of a sensor."""
        if value is not None:
            return value
        recording, model = loop.recording, loop.model
        if recording.sigmoid is not None:
            raise SettingError(f"agent.{key}=null: there are no percentiles of a signal behind recording.sigmoid")
        variable = model.model.variable_names.index(recording.variables[self.channel])
        past = prepare_bank(model, POPULATIONS, 1, FREE_SEED, round(RECORDED / model.dt), 1).past[:, :, variable]
        samples = past[:, :: recording.stride]
        found = self.envelope(loop).of(samples.astype(np.float64))
        settled = round(SETTLED / (recording.stride * model.dt))
        return float(np.percentile(found[:, settled:], percentile))


class Envelope:
    """Follows the amplitude of a rhythm from decision to decision; one of each environment.

    Args:
        settings: band and time constant.
        dt: from one sample to the next, in ms.
        window: where in an observation the samples of the signal are.
        newest: samples that come with each decision.

    Attributes:
        replaced: part of the average that a sample replaces.
    """

    def __init__(self, settings: AdaptiveSettings, dt: float, window: slice, newest: int) -> None:
        from scipy.signal import butter

        band = [settings.low, settings.high]
        self._sections = np.asarray(butter(ORDER, band, "bandpass", fs=1000.0 / dt, output="sos"))
        self._window, self._newest = window, slice(window.stop - newest, window.stop)
        self.replaced = -math.expm1(-dt / settings.window)
        self._rest: Floats | None = None
        self._state: Floats
        self._amplitude: Floats

    def follow(self, observations: Observations) -> Floats:
        """The amplitude now, float64 (environments,)."""
        new = self._window if self._rest is None else self._newest
        found: Floats = self.of(observations[:, new].astype(np.float64))[:, -1]
        return found

    def of(self, samples: Floats) -> Floats:
        """The amplitude at samples that follow each other, and what came before: float64 (environments, samples)."""
        from scipy.signal import sosfilt

        if self._rest is None:
            self._rest = samples[:, :1].copy()  # filter and mean are at rest before the first sample
            self._state = np.zeros((len(self._sections), len(samples), 2))
            self._amplitude = np.zeros(len(samples))
        filtered, self._state = sosfilt(self._sections, samples - self._rest, axis=1, zi=self._state)
        rectified = 0.5 * math.pi * np.abs(filtered)
        found = np.empty_like(rectified)
        for k in range(rectified.shape[1]):
            self._amplitude = self._amplitude + self.replaced * (rectified[:, k] - self._amplitude)
            found[:, k] = self._amplitude
        return found


class Adaptive(Kicker):
    """kick = size·level, where the level goes to what is wanted no faster than the ramp allows.

    Attributes:
        envelope: what follows the amplitude.
        size: the whole kick.
        step: by how much the level may change at a decision.
    """

    def __init__(self, settings: AdaptiveSettings, loop: LoopSettings) -> None:
        super().__init__(loop)
        self.envelope, self.size = settings.envelope(loop), settings.size
        decision = loop.stimulus.interval * loop.model.dt
        self.step = decision / settings.ramp if settings.ramp else 1.0
        self._level: Floats = np.zeros(1)

    @abstractmethod
    def wanted(self, amplitude: Floats, level: Floats) -> Floats:
        """The level that is wanted, from 0 to 1, at an amplitude and the level that is given."""

    def kick(self, observations: Observations) -> Floats:
        away = self.wanted(self.envelope.follow(observations), self._level) - self._level
        self._level = self._level + np.clip(away, -self.step, self.step)
        return self.size * self._level


@dataclass(frozen=True)
class BetaOnOffSettings(AdaptiveSettings):
    """Adaptive DBS by one threshold, in ms (Little et al. 2013): kick = size where A > threshold, else 0, by a ramp.

    Little et al., Ann. Neurol. 74, 449 (2013).
    """

    threshold: Level
    percentile: Percentile
    """What the threshold is where it is None."""

    def make(self, loop: LoopSettings, seed: int) -> "BetaOnOff":
        return BetaOnOff(self, loop)


class BetaOnOff(Adaptive):
    """Whole where A > ``threshold``, else 0."""

    def __init__(self, settings: BetaOnOffSettings, loop: LoopSettings) -> None:
        super().__init__(settings, loop)
        self.threshold = settings.level("threshold", settings.threshold, settings.percentile, loop)

    def wanted(self, amplitude: Floats, level: Floats) -> Floats:
        return np.where(amplitude > self.threshold, 1.0, 0.0)


@dataclass(frozen=True)
class BetaDualSettings(AdaptiveSettings):
    """Adaptive DBS by two thresholds, in ms (Velisar et al. 2019): kick goes up where A > upper, down where A < lower.

    Velisar et al., Brain Stimul. 12, 868 (2019).
    """

    lower: Level
    upper: Level
    lower_percentile: Percentile
    """What they are where they are None."""
    upper_percentile: Percentile

    def make(self, loop: LoopSettings, seed: int) -> "BetaDual":
        return BetaDual(self, loop)


class BetaDual(Adaptive):
    """To whole above the ``upper`` threshold, to 0 below the ``lower`` one."""

    def __init__(self, settings: BetaDualSettings, loop: LoopSettings) -> None:
        super().__init__(settings, loop)
        self.lower = settings.level("lower", settings.lower, settings.lower_percentile, loop)
        self.upper = settings.level("upper", settings.upper, settings.upper_percentile, loop)
        if self.lower > self.upper:
            raise SettingError(
                f"agent.lower, agent.lower_percentile: {self.lower:.3g}, must be at most the upper threshold, "
                f"{self.upper:.3g}"
            )

    def wanted(self, amplitude: Floats, level: Floats) -> Floats:
        return np.where(amplitude > self.upper, 1.0, np.where(amplitude < self.lower, 0.0, level))


@dataclass(frozen=True)
class BetaPISettings(AdaptiveSettings):
    """Adaptive DBS in proportion (Fleming et al. 2020): kick = gain·e + gain/T·∫e dt, e = A − target, from 0 to size.

    The integral does not grow while the current is whole (anti-windup). Fleming, Dunn, Lowery, Front. Neurosci. 14, 166
    (2020).
    """

    gain: Annotated[float, Ge(0), Le(100_000)]
    """Current for each unit of the amplitude."""
    integral_time: Milliseconds
    """T: what is off for so long counts once more."""
    target: Level
    percentile: Percentile
    """What the target is where it is None."""

    def make(self, loop: LoopSettings, seed: int) -> "BetaPI":
        return BetaPI(self, loop)


class BetaPI(Adaptive):
    """In proportion, by ``gain`` of the whole, to how far A is above the ``target``, and to the integral of that.

    A decision adds ``part`` of what is off to the integral.
    """

    def __init__(self, settings: BetaPISettings, loop: LoopSettings) -> None:
        super().__init__(settings, loop)
        if not settings.size:
            raise SettingError("agent.size=0: a current in proportion needs a largest one other than 0")
        self.target = settings.level("target", settings.target, settings.percentile, loop)
        self.gain = settings.gain / abs(settings.size)
        self.part = loop.stimulus.interval * loop.model.dt / settings.integral_time
        self._integral: Floats = np.zeros(1)

    def wanted(self, amplitude: Floats, level: Floats) -> Floats:
        error = self.gain * (amplitude - self.target)
        grown = self._integral + self.part * error
        wound_up = (error > 0.0) & (error + grown > 1.0)
        self._integral = np.clip(np.where(wound_up, self._integral, grown), 0.0, 1.0)
        return np.clip(error + self._integral, 0.0, 1.0)
