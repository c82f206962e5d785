"""What the sensors of a batch of environments have given, each sample kept once."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from rldbs.core.errors import RunError
from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Arrays, put, take

MOST = 2**53
"""Samples that no tape ever comes to."""


class Tape:
    """The latest samples of every environment, from which the window of any past moment can be cut again.

    An environment's windows overlap in all but a step's samples, so the tape takes a small part of the room that the
    windows would.

    Args:
        channels: recorded signals.
        environments: how many environments.
        memory: samples in a window.
        length: samples of each environment that are kept, at least ``memory``.

    Attributes:
        now: int64 (environments,), samples that each environment has given so far; the end of its latest window.
    """

    def __init__(self, channels: int, environments: int, memory: int, length: int) -> None:
        # A ring whose first samples stand once more behind its last ones, so that every window is in one piece.
        self._ring: Floats = np.zeros((channels, environments, length + memory))
        self._windows = sliding_window_view(self._ring, memory, axis=2)
        self._length, self._memory = length, memory
        self.now = np.zeros(environments, np.int64)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_windows"}  # a copy of a view is none

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._windows = sliding_window_view(self._ring, self._memory, axis=2)

    def restart(self, rows: NDArray[np.int64], past: Floats) -> None:
        """The environments ``rows`` begin an episode with ``past``, float64 (rows, memory, channels)."""
        self._take_in(rows, past)

    def append(self, values: Floats) -> None:
        """All environments have given some samples more, float64 (environments, steps, channels)."""
        self._take_in(np.arange(len(self.now)), values)

    def windows(self, environments: NDArray[np.int64], ends: NDArray[np.int64]) -> Floats:
        """The windows of some environments that end at some moments of ``now``.

        Returns:
            float64 (channels, windows, memory), oldest first.
        """
        windows: Floats = self._windows[:, environments, (ends - self._memory) % self._length]
        return windows

    def holds(self, ends: NDArray[np.int64], back: int) -> bool:
        """Whether the windows that end at ``ends``, (…, environments), and those ``back`` earlier, are on the tape."""
        oldest = np.maximum(self.now - self._length, 0) + self._memory + back
        return bool(((oldest <= ends) & (ends <= self.now)).all())

    def saved(self) -> Arrays:
        """All that the tape holds: no more room than what has been recorded."""
        return {"values": self._ring[:, :, : self._filled()].copy(), "now": self.now.copy()}

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such a tape.
        """
        now = take(arrays, "now", self.now.shape, np.int64)
        if not 0 <= now.min() <= now.max() <= MOST:
            raise RunError(f"saved state now: must be from 0 to {MOST}, is from {now.min()} to {now.max()}")
        self.now[:] = now
        put(self._ring[:, :, : self._filled()], arrays, "values")
        self._ring[:, :, self._length :] = self._ring[:, :, : self._memory]

    def _filled(self) -> int:
        return min(int(self.now.max()), self._length)

    def _take_in(self, rows: NDArray[np.int64], values: Floats) -> None:
        steps = values.shape[1]
        places = (self.now[rows, None] + np.arange(steps)) % self._length
        self._ring[:, rows[:, None], places] = values.transpose(2, 0, 1)
        row, step = np.nonzero(places < self._memory)
        self._ring[:, rows[row], places[row, step] + self._length] = values[row, step].T
        self.now[rows] += steps
