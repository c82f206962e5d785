"""The recording of an evaluation, as a notebook takes it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rldbs.analysis.trajectory import Trajectory
from rldbs.core.errors import RunError
from rldbs.files.file import File
from rldbs.scripting.columns import data_frame

PHASES = ("free", "stimulated", "relaxed")


@dataclass(frozen=True, eq=False, kw_only=True)
class RecordedTrajectory(Trajectory):
    __doc__ = Trajectory.__doc__

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each population and integration step.

        Its columns are ``episode``; ``step``, from 0; ``time`` in units of the model; ``phase``: free, stimulated or
        relaxed; the mean field of every variable by its name; ``kick``, in physical units, or ``kick1``, ``kick2``, …
        of several contacts; where there are several kicks in a step, that of the largest size.

        Raises:
            SettingError: pandas is not installed.
        """
        steps = np.arange(self.steps)
        phases = np.repeat(PHASES, (self.free, self.stimulated, self.relaxed))
        columns: dict[str, object] = {
            "episode": np.repeat(np.arange(self.episodes), self.steps),
            "step": np.tile(steps, self.episodes),
            "time": np.tile(steps * self.dt, self.episodes),
            "phase": np.tile(phases, self.episodes),
        }
        columns |= {name: self.field[:, :, k].ravel() for k, name in enumerate(self.variables)}
        kicks = self.largest_kicks
        if kicks.ndim == 2:
            columns["kick"] = kicks.ravel()
        else:
            columns |= {f"kick{c + 1}": kicks[:, :, c].ravel() for c in range(kicks.shape[2])}
        return data_frame(columns)

    def __repr__(self) -> str:
        parts = ", ".join(f"{getattr(self, phase):,} steps {phase}" for phase in PHASES)
        return f"<Trajectory of {self.episodes} populations: {parts}>"


def read_trajectory(file: File) -> RecordedTrajectory:
    """The recording in a file.

    Raises:
        RunError: it cannot be read, or is none.
    """
    try:
        return RecordedTrajectory.load(file)
    except OSError as error:
        raise RunError(f"{file}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise RunError(str(error)) from None
