"""What was recorded of populations, as other programs take it: every signal with its unit, and when what happened."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.raster import crossings
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.models import NeuronModel, Variable
from rldbs.core.native import Floats
from rldbs.core.window_sums import largest

CELL = re.compile(r"\w+\.v\[\d+\]")
"""What the potential of a cell is called."""


@dataclass(frozen=True)
class Phase:
    """A stretch of a recording, in integration steps."""

    name: str
    begin: int
    end: int


@dataclass(frozen=True, eq=False, kw_only=True)
class ExportedRecording:
    """E populations, T integration steps, V variables, C contacts."""

    title: str
    source: str
    """The run that it is of."""
    began: float
    """When that began, in seconds since 1970."""
    signals: Floats
    """The mean field after each step, float64 (E, T, V)."""
    variables: tuple[Variable, ...]
    kicks: Floats | None
    """Of every contact, before each step or, k times in it, float64 (E, k·T, C); None where nothing stimulates."""
    kick_unit: str
    phases: tuple[Phase, ...]
    dt: float
    """Time of an integration step."""
    time_unit: str
    """Of that; empty where the model is dimensionless."""
    spikes: tuple[Floats, ...]
    """When each of some neurons of population 0 has fired: in integration steps, rising."""
    neurons: tuple[int, ...]
    """Which neurons these are."""
    spike_step: float
    """To how many steps these are known."""

    @classmethod
    def of_evaluation(
        cls, trajectory: Trajectory, model: NeuronModel, title: str, source: str, began: float
    ) -> "ExportedRecording":
        """A measurement: free, stimulated, relaxed.

        Raises:
            ValueError: the model has no such variables.
        """
        kicks = trajectory.kicks if trajectory.kicks.ndim == 3 else trajectory.kicks[:, :, None]
        if trajectory.spikes is not None:
            spikes = _heard(trajectory)
            neurons = range(len(spikes))
        else:
            spikes = _spikes(trajectory.raster, trajectory.threshold, trajectory.raster_stride)
            neurons = trajectory.watched.tolist()
        bounds = {
            "free": trajectory.free_phase,
            "stimulated": trajectory.stimulated_phase,
            "relaxed": trajectory.relaxed_phase,
        }
        return cls(
            title=title,
            source=source,
            began=began,
            signals=trajectory.field,
            variables=_variables(model, trajectory.variables),
            kicks=kicks,
            kick_unit=model.kick_unit,
            phases=tuple(Phase(name, part.start, part.stop) for name, part in bounds.items() if part.stop > part.start),
            dt=trajectory.dt,
            time_unit=model.time_unit,
            spikes=spikes,
            neurons=tuple(neurons),
            spike_step=trajectory.raster_stride if trajectory.spikes is None else 1.0 / trajectory.kicks_per_step,
        )

    @classmethod
    def of_simulation(
        cls, free: FreeRecording, model: NeuronModel, title: str, source: str, began: float
    ) -> "ExportedRecording":
        """Free populations.

        Raises:
            ValueError: the model has no such variables.
        """
        return cls(
            title=title,
            source=source,
            began=began,
            signals=free.field.astype(np.float64),
            variables=_variables(model, free.variables),
            kicks=None,
            kick_unit=model.kick_unit,
            phases=(Phase("free", 0, len(free.time)),),
            dt=free.dt,
            time_unit=free.time_unit,
            spikes=_spikes(free.raster, free.threshold, free.raster_stride),
            neurons=tuple(free.watched.tolist()),
            spike_step=free.raster_stride,
        )

    @property
    def populations(self) -> int:
        return len(self.signals)

    @property
    def steps(self) -> int:
        return self.phases[-1].end

    def phase_names(self) -> NDArray[np.str_]:
        """The phase of every step, (T,)."""
        return np.repeat([phase.name for phase in self.phases], [phase.end - phase.begin for phase in self.phases])

    @property
    def kicks_per_step(self) -> int:
        """Kicks in each step."""
        return 1 if self.kicks is None else self.kicks.shape[1] // self.steps

    @property
    def contacts(self) -> Mapping[str, Floats]:
        """The kicks of each contact, float64 (E, k·T), by name: ``kick``, or ``kick1``, ``kick2``, … of several."""
        return {} if self.kicks is None else _by_contact(self.kicks)

    @property
    def largest_kicks(self) -> Mapping[str, Floats]:
        """One kick of each contact in each step, float64 (E, T), by name; of several in a step that of most size."""
        return {} if self.kicks is None else _by_contact(largest(self.kicks, self.steps))


def _by_contact(kicks: Floats) -> dict[str, Floats]:
    several = kicks.shape[2] > 1
    return {f"kick{c + 1}" if several else "kick": kicks[:, :, c] for c in range(kicks.shape[2])}


def _variables(model: NeuronModel, names: Sequence[str]) -> tuple[Variable, ...]:
    """What is known of signals: those of the mean field, and potentials of single cells, such as ``stn.v[0]``.

    Raises:
        ValueError: there is no such signal.
    """
    known = {variable.name: variable for variable in model.variables}
    for name in names:
        if CELL.fullmatch(name):
            known[name] = Variable(name, "membrane potential of a cell", -np.inf, np.inf, "mV")
    if any(name not in known for name in names):
        raise ValueError(f"it holds {', '.join(names)}, but {model.name} has {', '.join(known)}")
    return tuple(known[name] for name in names)


def _spikes(raster: NDArray[np.float32], threshold: float, stride: int) -> tuple[Floats, ...]:
    """Where neurons cross the threshold."""
    rows, neurons = crossings(raster, threshold)
    return tuple(rows[neurons == neuron] * float(stride) for neuron in range(raster.shape[1]))


def _heard(trajectory: Trajectory) -> tuple[Floats, ...]:
    """Where every cell of population 0 was heard to fire."""
    assert trajectory.spikes is not None
    own = trajectory.spikes[trajectory.spikes[:, 0] == 0]
    cells = int(trajectory.spikes[:, 2].max(initial=-1)) + 1
    return tuple(own[own[:, 2] == cell, 1] / trajectory.kicks_per_step for cell in range(cells))
