"""What a measurement records of its loop, step by step."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.raster import watched
from rldbs.control.history import ROOM
from rldbs.control.loop import ClosedLoop
from rldbs.core.native import Floats
from rldbs.core.window_sums import add_spread

RASTER_SAMPLES = 4000
"""Most samples in time that a raster keeps."""

Progress = Callable[[float], None]


class Record:
    """What the loop did, step by step."""

    def __init__(self, loop: ClosedLoop, rows: int, episodes: int, steps: int, unit: int, progress: Progress) -> None:
        self._progress, self._now = progress, 0
        self._each = loop.kicks.shape[1] // loop.settings.stimulus.interval
        self.field = np.empty((rows, steps, len(loop.model.variables)))
        self.kicks = np.empty((rows, steps * self._each, *loop.kicks.shape[2:]))
        self._spikes: list[NDArray[np.int64]] = []
        self._pulses: list[NDArray[np.int64]] = []
        self._heard = False
        self.raster_stride = -(-steps // (RASTER_SAMPLES * unit)) * unit
        self._watched = np.arange(0, rows, episodes)
        self.raster_neurons = watched(loop.ensemble.x.shape[1])
        self.raster = np.empty(
            (-(-steps // self.raster_stride), len(self._watched), len(self.raster_neurons)), np.float32
        )

    def until_sample(self, interval: int) -> int:
        """Environment steps that can be taken at once: up to the next one after which the raster takes a sample."""
        ahead = -self._now % self.raster_stride
        return min(ahead // interval, ROOM // interval) if ahead >= interval and interval <= ROOM else 1

    def add(self, loop: ClosedLoop, count: int = 1) -> None:
        """Take in the last steps of a loop, taken at once; one with fewer rows stands for all controllers."""
        begin, self._now = self._now, self._now + count * loop.settings.stimulus.interval
        field, kicks = loop.past(count), np.concatenate([loop.kicks] * count, axis=1) if count > 1 else loop.kicks
        if loop.environments < len(self.kicks):
            rows = np.arange(len(self.kicks)) % loop.environments
            field, kicks = field[rows], kicks[rows]
        self.field[:, begin : self._now] = field
        self.kicks[:, begin * self._each : self._now * self._each] = kicks
        self._hear(loop, begin * self._each)
        if begin % self.raster_stride == 0:
            x = loop.ensemble.x[self._watched % loop.environments]
            self.raster[begin // self.raster_stride] = x[:, self.raster_neurons]
            self._progress(begin / self.field.shape[1])

    def events(self, batch: slice) -> dict[str, NDArray[np.int64]]:
        """Spikes and pulses of some rows, as a trajectory has them; nothing where none are heard."""
        if not self._heard:
            return {}
        found = {}
        for name, rows in (("spikes", self._spikes), ("pulses", self._pulses)):
            together = np.concatenate(rows)
            mine = together[(together[:, 0] >= batch.start) & (together[:, 0] < batch.stop)]
            mine = mine[np.lexsort(mine.T[::-1])]
            found[name] = mine - np.array([batch.start] + [0] * (mine.shape[1] - 1))
        return found

    def _hear(self, loop: ClosedLoop, begin: int) -> None:
        """Take in the spikes of the last call."""
        if loop.ensemble.events is None:
            return
        self._heard = True
        spikes, pulses = loop.ensemble.events
        for kept, events in ((self._spikes, spikes), (self._pulses, pulses)):
            population, sample, *others = events
            for first in range(0, len(self.kicks), loop.environments):
                kept.append(np.stack([population + first, sample + begin, *others], axis=1))


class Spread:
    """Standard deviation over time of every neuron, from sums about each neuron's first value."""

    def __init__(self, x: Floats) -> None:
        self._origin = np.array(x, np.float64, order="C")
        self._sum, self._square, self._count = np.zeros(x.shape), np.zeros(x.shape), 0

    def sums(self, count: int) -> tuple[Floats, Floats, Floats]:
        """Origins, sums and sums of squares, for somebody who adds so many values of every neuron to them."""
        self._count += count
        return self._origin, self._sum, self._square

    def add(self, x: Floats) -> None:
        add_spread(x, self._origin, self._sum, self._square)
        self._count += 1

    def std(self) -> Floats:
        mean = self._sum / self._count
        return np.sqrt(np.maximum(self._square / self._count - mean * mean, 0.0))
