"""What the sensors give of the mean field, kept as far back as observations, and a store of them, look."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rldbs.control.history import History
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.loop_state import Piece
from rldbs.control.sample_tape import Tape
from rldbs.control.sensor import Sensor
from rldbs.core.native import Floats
from rldbs.core.window_sums import largest


class Recorder:
    """The recording of a closed loop.

    Args:
        settings: what the environments are.
        environments: how many.
        field: their mean field; what a perfect sensor gives is that itself, and is not kept twice.
    """

    def __init__(self, settings: LoopSettings, environments: int, field: History) -> None:
        self.sensor = Sensor(settings.recording, settings.model, environments)
        self._settings, self._environments, self._field = settings, environments, field
        self._recording, self._model = settings.recording, settings.model.model
        self._memory, self._interval = settings.recording.memory, settings.stimulus.interval
        self._tape: Tape | None = None
        self._signals: History | None = None
        if not self.sensor.is_perfect:
            self._signals = History(self._recording.channels, environments, self._memory, self._interval)

    def restart(self, rows: NDArray[np.int64], past: Floats, generators: Sequence[np.random.Generator]) -> None:
        """The environments ``rows`` begin an episode, each with a past, float64 (rows, steps, variables)."""
        recent = past[:, past.shape[1] - self._memory :]
        measured = self.sensor.measure_past(rows, recent, list(generators))
        if self._signals is not None:
            self._signals.restart(rows, measured)
        if self._tape is not None:
            self._tape.restart(rows, measured)

    def take_in(self, steps: int, kicks: Floats, louder: Floats | None = None) -> None:
        """Measure the newest integration steps of the mean field.

        Args:
            steps: how many; a multiple of those of an environment step.
            kicks: of an environment step, float64 (environments, interval) or (environments, interval, contacts);
                those of all of them, where there are several.
            louder: as for :meth:`.Sensor.measure`.
        """
        if self._signals is None and self._tape is None:
            return
        kicks = largest(kicks, self._interval)
        each = np.concatenate([kicks] * (steps // self._interval), axis=1) if steps > self._interval else kicks
        measured = self.sensor.measure(self._field.last(steps).transpose(1, 2, 0), each, louder)
        if self._signals is not None:
            self._signals.append(measured)
        if self._tape is not None:
            self._tape.append(measured)

    def observe(self, rows: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        """What controllers see now, of all or of some environments: float32 (environments, size), a fresh array."""
        if self._signals is None:
            signals = self._field.last(self._memory)[self.sensor.channels]
        else:
            signals = self._signals.last(self._memory)
        return self._recording.observe(signals if rows is None else signals[:, rows], self._model)

    def record(self, steps: int) -> Tape:
        """Keep what the sensors give from now on, far enough back for the observations of the last ``steps`` steps."""
        episodes = steps // self._settings.episode.steps + 3  # each begins with a past; the first may be a short one
        length = steps * self._interval + episodes * self._memory
        self._tape = Tape(self._recording.channels, self._environments, self._memory, length)
        return self._tape

    def pieces(self) -> dict[str, Piece]:
        """Its parts that have a state of their own, by name."""
        return {**({} if self._signals is None else {"signals": self._signals}), "sensor": self.sensor}
