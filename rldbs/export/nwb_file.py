"""A recording as a file of Neurodata Without Borders, which its viewers and pipelines read."""

import io
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import numpy as np

from rldbs import __version__
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats
from rldbs.export.exported_recording import ExportedRecording
from rldbs.process.plurals import counted

NO_UNIT = "n.a."
"""What stands for the unit of something that has no dimension."""
SECONDS = {"": 1e-3, "ms": 1e-3}
"""How long a unit of time is; the file counts in seconds, and that of a dimensionless model counts as a millisecond."""


def nwb_bytes(recording: ExportedRecording, words: str) -> bytes:
    """The file.

    The populations are the columns of every series.

    Args:
        recording: what was recorded.
        words: all that decided the run, as text.

    Raises:
        SettingError: pynwb is not installed.
    """
    nwb = nwb_package()
    seconds = SECONDS[recording.time_unit]
    step = recording.dt * seconds
    unit = "" if recording.time_unit else " A millisecond stands for the model's unit of time."
    session = nwb.NWBFile(
        session_description=f"{recording.title}. A simulation: the columns of a series are populations.{unit}",
        identifier=str(uuid.uuid5(uuid.NAMESPACE_URL, f"rldbs:{recording.source}:{recording.began}")),
        session_start_time=datetime.fromtimestamp(recording.began, UTC),
        session_id=recording.source.replace("/", "-"),
        source_script=words,
        source_script_file_name="config.yaml",
        notes=f"rldbs {__version__}",
        experiment_description="closed-loop deep brain stimulation of synthetic neuronal populations",
        subject=nwb.file.Subject(
            subject_id=recording.title.rpartition(" ")[2],
            description=f"{counted(recording.populations, 'synthetic population')}, simulated",
            sex="U",
            age="P0D",  # what inspectors ask for; of a species there is none
        ),
        keywords=["deep brain stimulation", "simulation"],
    )
    for k, variable in enumerate(recording.variables):
        session.add_acquisition(
            _series(nwb, variable.name, variable.meaning, variable.unit, recording.signals[:, :, k], step)
        )
    for name, kicks in recording.contacts.items():
        told = f"what stimulates in each step{'' if recording.kick_unit else ': added to x before it'}"
        session.add_stimulus(_series(nwb, name, told, recording.kick_unit, kicks, step / recording.kicks_per_step))
    for phase in recording.phases if len(recording.phases) > 1 else ():
        session.add_epoch(phase.begin * step, phase.end * step, [phase.name])
    session.units = _units(nwb, recording, step)
    return _written(nwb, session)


def nwb_package() -> Any:
    """pynwb.

    Raises:
        SettingError: it is not installed.
    """
    try:
        return import_module("pynwb")
    except ImportError:
        raise SettingError("format=nwb: needs pynwb, which is not installed: pip install pynwb") from None


def _series(nwb: Any, name: str, meaning: str, unit: str, values: Floats, step: float) -> Any:
    packed: Mapping[str, Any] = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
    return nwb.TimeSeries(
        name=name,
        description=meaning,
        data=nwb.H5DataIO(np.ascontiguousarray(values.T), **packed),
        unit=unit or NO_UNIT,
        rate=1.0 / step,
        starting_time=0.0,
    )


def _units(nwb: Any, recording: ExportedRecording, step: float) -> Any:
    """When the neurons fire."""
    told = "neurons of population 0; they fire where x, or the potential of a cell, rises through the threshold"
    units = nwb.misc.Units(name="units", description=told, resolution=recording.spike_step * step)
    for neuron, steps in zip(recording.neurons, recording.spikes, strict=True):
        units.add_unit(id=neuron, spike_times=steps * step, obs_intervals=[[0.0, recording.steps * step]])
    return units


def _written(nwb: Any, session: Any) -> bytes:
    content = io.BytesIO()
    with import_module("h5py").File(content, "w") as file, nwb.NWBHDF5IO(file=file, mode="w") as out:
        out.write(session)
    return content.getvalue()
