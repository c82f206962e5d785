"""The running signal of a closed loop, kept for pictures of it."""

import numpy as np
from numpy.typing import NDArray

from rldbs.control.loop import ClosedLoop
from rldbs.core.window_sums import over_contacts

LENGTH = 2000
"""Integration steps that a picture shows."""


class Signal:
    """The last stretch of X and of the kicks of every environment, those of all contacts together. Only kept where
    pictures are asked for."""

    def __init__(self, loop: ClosedLoop) -> None:
        self._loop = loop
        self.restart()

    def restart(self, mask: NDArray[np.bool_] | None = None) -> None:
        """Forget the environments of ``mask``, or all."""
        if mask is None:
            self._x = np.full((self._loop.environments, LENGTH), np.nan)
            self._kicks = np.zeros((self._loop.environments, LENGTH))
        else:
            self._x[mask], self._kicks[mask] = np.nan, 0.0

    def record(self) -> None:
        """Take in the loop's last step."""
        self._x = np.concatenate([self._x, self._loop.mean_field[:, :, 0]], axis=1)[:, -LENGTH:]
        self._kicks = np.concatenate([self._kicks, over_contacts(self._loop.kicks)], axis=1)[:, -LENGTH:]

    def frame(self, environment: int) -> NDArray[np.uint8]:
        """A picture of one environment: uint8 (height, width, 3)."""
        from rldbs.analysis.plots.population import signal_frame

        return signal_frame(
            self._x[environment],
            self._kicks[environment],
            limits=self._loop.settings.free_range(self._loop.ensemble.threads),
            amplitude=self._loop.settings.stimulus.amplitude * self._loop.settings.stimulus.contacts,
            kick_unit=self._loop.settings.model.model.kick_unit,
        )
