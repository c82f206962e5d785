"""Phase and amplitude of a rhythm as it goes on: a damped oscillator that the signal drives, and an integrator.

The oscillator ü + α·u̇ + ω²·u = s and the integrator μ·ḋ + d = u̇ are those of Tukhlina, Rosenblum, Pikovsky, Kurths,
Phys. Rev. E 75, 011918 (2007), and of Rosenblum, Chaos 30, 093131 (2020).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Gt, Le

from rldbs.agents.classical.base import Periods
from rldbs.agents.classical.feedback_signal import FeedbackSettings, Observations, Signal, SignalSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.native import Floats

Matrix = list[list[float]]
TERMS = 24
"""Of the exponential series, for a matrix whose entries are below 1."""


@dataclass(frozen=True)
class FilterSettings(SignalSettings):
    """The settings of the oscillator and the integrator."""

    frequency: Annotated[float, Gt(0), Le(100)]
    """The oscillator's own frequency ω, in units of the rhythm's, 2π / model.period."""
    damping: Annotated[float, Gt(0), Le(100)]
    """Its damping α in units of ω: the larger, the faster it follows, and the less it filters."""
    integrator: Periods
    """Time constant μ of the integrator: an offset of the signal is forgotten over about so many periods."""

    def rhythm_of(self, signal: Signal, loop: LoopSettings) -> "Rhythm":
        """What follows the rhythm of a signal."""
        frequency = self.frequency * 2.0 * math.pi / loop.model.period
        resonator = Resonator(frequency, self.damping * frequency, self.integrator * loop.model.period)
        return Rhythm(signal, resonator, loop.stimulus.interval)


@dataclass(frozen=True)
class RhythmSettings(FilterSettings, FeedbackSettings):
    """The settings of every controller that knows phase and amplitude of the rhythm."""

    def rhythm(self, loop: LoopSettings) -> "Rhythm":
        """What the controller follows."""
        return self.rhythm_of(self.signal(loop), loop)


class Phasor(NamedTuple):
    """A rhythm A·cos θ with its quadrature, float64 (listeners,) each."""

    x: Floats
    """A·cos θ."""
    y: Floats
    """A·sin θ."""

    @property
    def amplitude(self) -> Floats:
        """A."""
        amplitude: Floats = np.sqrt(self.x * self.x + self.y * self.y)
        return amplitude

    def behind(self, degrees: float) -> Floats:
        """A·cos(θ − degrees): the rhythm a part of a cycle later."""
        phase = math.radians(degrees)
        return math.cos(phase) * self.x + math.sin(phase) * self.y


class Resonator:
    """The driven oscillator and the integrator, integrated exactly for a drive that goes in straight lines.

    Args:
        frequency: ω, per integration step.
        damping: α, per integration step.
        integrator: μ, in integration steps.
    """

    def __init__(self, frequency: float, damping: float, integrator: float) -> None:
        self._rates: Matrix = [
            [0.0, 1.0, 0.0, 0.0, 0.0],
            [-(frequency**2), -damping, 0.0, 1.0, 0.0],
            [0.0, 1.0 / integrator, -1.0 / integrator, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 1.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
        ]
        lag = frequency * integrator
        self.along, self.across = damping, damping * (1.0 + lag * lag) / lag
        self.back = damping / lag

    def steps(self, steps: int) -> Matrix:
        """How u, u̇ and d follow from u, u̇, d, the drive, and its slope, so many integration steps before."""
        return exponential(self._rates, steps)[:3]

    def phasor(self, state: Floats) -> Phasor:
        """The rhythm, at the frequency ω exactly.

        There u̇ is s / α, and d is u̇ behind a low-pass: what of it is not along u̇ is a quarter of a period behind it,
        and knows no offset.
        """
        _, velocity, integral = state
        return Phasor(self.along * velocity, self.across * integral - self.back * velocity)


class Rhythm:
    """Follows the rhythm of the signal from decision to decision.

    Args:
        signal: what is listened to.
        resonator: what follows it.
        interval: integration steps between two decisions.
    """

    def __init__(self, signal: Signal, resonator: Resonator, interval: int) -> None:
        self.signal = signal
        self.resonator, self._interval = resonator, interval
        self._decision = resonator.steps(interval)
        self._state: Floats | None = None
        self._drive: Floats

    def begin(self, observations: Observations) -> list[Phasor]:
        """Follow the first window, with the oscillator at rest before it; the rhythm at each of its samples."""
        samples, step = self.signal.samples(observations), self.resonator.steps(self.signal.stride)
        state = np.zeros((3, samples.shape[1]))
        found = [self.resonator.phasor(state)]
        for before, now in pairwise(samples):
            state = advanced(step, state, before, (now - before) / self.signal.stride)
            found.append(self.resonator.phasor(state))
        self._state, self._drive = state, self.signal.value(observations)
        return found

    def follow(self, observations: Observations) -> Phasor:
        """The rhythm now."""
        if self._state is None:
            return self.begin(observations)[-1]
        now = self.signal.value(observations)
        slope = (now - self._drive) / self._interval
        self._state, self._drive = advanced(self._decision, self._state, self._drive, slope), now
        return self.resonator.phasor(self._state)


def advanced(step: Matrix, state: Floats, drive: Floats, slope: Floats) -> Floats:
    """The state, float64 (3, listeners), a step later."""
    u, velocity, integral = state
    return np.stack([a * u + b * velocity + c * integral + e * drive + f * slope for a, b, c, e, f in step])


def exponential(matrix: Sequence[Sequence[float]], time: float) -> Matrix:
    """The exponential of ``matrix`` · ``time``, to the last digits and the same on every processor.

    By its series, for a time halved until the series is short, and then by squaring.
    """
    size = range(len(matrix))
    largest = max(sum(map(abs, row)) for row in matrix) * time
    halvings = max(0, math.ceil(math.log2(largest)) + 1) if largest else 0
    small = [[entry * time / 2.0**halvings for entry in row] for row in matrix]
    result = [[float(i == k) for k in size] for i in size]
    term = result
    for n in range(1, TERMS):
        term = [[entry / n for entry in row] for row in product(term, small)]
        result = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(result, term, strict=True)]
    for _ in range(halvings):
        result = product(result, result)
    return result


def product(left: Matrix, right: Matrix) -> Matrix:
    """The product of two square matrices."""
    size = range(len(left))
    return [[math.fsum(left[i][j] * right[j][k] for j in size) for k in size] for i in size]
