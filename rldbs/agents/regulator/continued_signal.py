"""One signal from the windows that a controller sees, decision after decision."""

import math
from copy import copy

import numpy as np
from numpy.typing import NDArray

from rldbs.control.loop_settings import LoopSettings
from rldbs.core.native import Floats

JOINED = 0.01
"""Part of what is left between a decision's zero and that of the one before which a decision takes away."""


class ContinuedSignal:
    """The newest sample of a recorded variable at every decision, all on one scale.

    Where the recording is centred, every window has a zero of its own. Two windows share samples wherever an interval
    between decisions is a whole number of samples; what one calls differently from the other is the distance of their
    zeros. Decisions whose windows share nothing, as odd and even ones with every second step recorded, are laid between
    each other by straight lines: at first at once, and then a little at every decision, as the signal becomes quiet and
    the lines exact.

    Args:
        loop: the environment.
        channel: which of the recorded variables.
    """

    def __init__(self, loop: LoopSettings, channel: int) -> None:
        recording, interval = loop.recording, loop.stimulus.interval
        self._length = recording.size // recording.channels
        self.window = slice(channel * self._length, (channel + 1) * self._length)
        self.chains = recording.stride // math.gcd(recording.stride, interval)
        """Decisions from one to the next whose windows share samples."""
        self.apart = interval * self.chains // recording.stride
        """Samples from the newest of one to the newest of the other."""
        self.shared = (self._length - 1) // self.apart
        self.joined = recording.centered and self.shared > 0
        self._past: Floats | None = None

    def restart(self, rows: NDArray[np.intp]) -> None:
        """Forget what the environments ``rows`` have shown."""
        if self._past is not None:
            self._fresh[:, rows], self._begun[rows] = True, False

    def branched(self, sources: NDArray[np.intp]) -> "ContinuedSignal":
        """A copy in which environment i goes on as environment sources[i] does."""
        other = copy(self)
        if self._past is not None:
            other._past, other._fresh = self._past[:, sources], self._fresh[:, sources]
            other._begun = self._begun[sources]
        return other

    def __call__(self, observations: NDArray[np.float32]) -> Floats:
        """The signal now, float64 (environments,), for observations (environments, size)."""
        window = observations[:, self.window].astype(np.float64)
        newest: Floats = window[:, -1]
        if not self.joined:
            return newest
        recent = window[:, :: -self.apart][:, : self.shared + 1]  # of this chain, newest first
        if self._past is None:
            self._past = np.zeros((self.chains, *recent.shape))
            self._fresh = np.ones((self.chains, len(recent)), np.bool_)
            self._begun = np.zeros(len(recent), np.bool_)
            self._now = 0
        chain = self._past[self._now]
        fresh, between = self._fresh[self._now], self._between(recent)
        own = (chain[:, :-1] - recent[:, 1:]).sum(axis=1) / self.shared
        pulled = JOINED * (between - own) if self.chains > 1 else np.zeros_like(own)
        zero = np.where(fresh, between, own + pulled)
        chain[:, 1:] = np.where(fresh[:, None], recent[:, 1:] + zero[:, None], chain[:, :-1] + pulled[:, None])
        chain[:, 0] = newest + zero
        self._fresh[self._now], self._begun[:] = False, True
        self._now = (self._now + 1) % self.chains
        signal: Floats = newest + zero
        return signal

    def _between(self, recent: Floats) -> Floats:
        """The zero of windows of a new chain, from the chain of the decision before; 0 where there is none."""
        assert self._past is not None
        before = self._past[self._now - 1]
        part = 1.0 / self.chains
        between = before[:, 1:] + part * (before[:, :-1] - before[:, 1:])  # where the samples 1, 2, … of this one are
        return np.where(self._begun, (between - recent[:, 1:]).sum(axis=1) / self.shared, 0.0)
