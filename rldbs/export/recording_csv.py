"""A recording as tables of text: a row for each population and integration step, a row for each spike."""

import io
from collections.abc import Iterator

import numpy as np

from rldbs.export.exported_recording import ExportedRecording
from rldbs.files.csv_table import BOM


def csv_files(recording: ExportedRecording, name: str, bom: bool) -> dict[str, bytes]:
    """The tables, by the names of their files.

    Signals have nine digits, which is what recordings keep of them; kicks all that they have. Of several kicks in a
    step there is that of the largest size.
    """
    begin = BOM if bom else b""
    files = {f"{name}.csv": begin + _table(recording)}
    if any(len(each) for each in recording.spikes):
        files[f"{name}_spikes.csv"] = begin + _spikes(recording)
    return files


def _table(recording: ExportedRecording) -> bytes:
    names = ["population", "step", _heading("time", recording.time_unit), "phase"]
    names += [_heading(variable.name, variable.unit) for variable in recording.variables]
    every = recording.largest_kicks
    names += [_heading(name, recording.kick_unit) for name in every]
    text = io.StringIO()
    text.write(",".join(names) + "\n")
    times, phases = _times(recording, np.arange(recording.steps)), recording.phase_names().tolist()
    for population in range(recording.populations):
        signals = recording.signals[population].T.tolist()
        columns = [[f"{value:.9g}" for value in signal] for signal in signals]
        columns += [list(map(repr, kicks[population].tolist())) for kicks in every.values()]
        for step, row in enumerate(zip(*columns, strict=True)):
            text.write(f"{population},{step},{times[step]},{phases[step]},{','.join(row)}\n")
    return text.getvalue().encode()


def _spikes(recording: ExportedRecording) -> bytes:
    head = f"population,neuron,{_heading('time', recording.time_unit)}\n"
    return (head + "".join(_spike_rows(recording))).encode()


def _spike_rows(recording: ExportedRecording) -> Iterator[str]:
    for neuron, steps in zip(recording.neurons, recording.spikes, strict=True):
        yield from (f"0,{neuron},{time}\n" for time in _times(recording, steps))


def _times(recording: ExportedRecording, steps: np.ndarray) -> list[str]:
    """Times as text, without the last digits that rounding makes."""
    return [f"{time:.12g}" for time in (steps * recording.dt).tolist()]


def _heading(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name
