"""Writing what was recorded for other programs: all files into one new folder, and a table of what is in them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from rldbs.core.errors import SettingError, shown, visible
from rldbs.export.exported_files import check_folder, check_name, write_files
from rldbs.export.exported_recording import ExportedRecording
from rldbs.export.nwb_file import nwb_bytes, nwb_package
from rldbs.export.recording_csv import csv_files
from rldbs.process.console import screen
from rldbs.process.plurals import counted
from rldbs.process.wrapped_tables import print_table


@dataclass(frozen=True)
class RecordingRequest:
    """How a recording is to be written.

    Raises:
        SettingError: something is not allowed, or a package is missing.
    """

    format: str
    folder: Path | None = None
    """A new or empty folder; None for a new one under ``runs/exports/``."""
    name: str | None = None
    """What the files begin with; None for ``<model>_<agent>``."""
    bom: bool = False
    """Whether tables begin with a mark that they are UTF-8."""

    def __post_init__(self) -> None:
        if self.format not in RECORDINGS:
            raise SettingError(f"format={shown(self.format)}: must be one of {', '.join(RECORDINGS)}")
        if self.bom and self.format != "csv":
            raise SettingError(f"bom=true: is for tables of text, format=csv, not for format={self.format}")
        if self.format == "nwb":
            nwb_package()
        check_name(self.name)
        check_folder(self.folder)


def write_recording(
    recording: ExportedRecording, request: RecordingRequest, name: str, words: str, console: Console | None = None
) -> Path:
    """Write a recording, and show where it is.

    Args:
        recording: what was recorded.
        request: how it is to be written.
        name: what the files begin with, unless the request says so.
        words: all that decided the run, as text.
        console: where the table is shown.

    Returns:
        The folder with its files.

    Raises:
        RunError: the folder cannot be made, or there is something in it.
    """
    console = console or screen()
    files = RECORDINGS[request.format](recording, request.name or re.sub(r"\W", "_", name), request, words)
    folder = write_files(files, request.folder)
    spikes = sum(map(len, recording.spikes))
    rows = [
        ("populations", f"{recording.populations:,}"),
        ("integration steps", f"{recording.steps:,} of {recording.dt:g} {recording.time_unit or 'time units'}"),
        ("phases", ", ".join(phase.name for phase in recording.phases)),
        ("variables", ", ".join(variable.name for variable in recording.variables)),
        ("spikes of population 0", f"{spikes:,} of {counted(len(recording.spikes), 'neuron')}"),
        *((name, f"{len(content):,} bytes") for name, content in files.items()),
    ]
    print_table(console, recording.title, ["", ""], rows)
    console.print(f"folder   {visible(str(folder))}", soft_wrap=True, highlight=False, markup=False)
    return folder


def _csv(recording: ExportedRecording, name: str, request: RecordingRequest, words: str) -> dict[str, bytes]:
    return {**csv_files(recording, name, request.bom), f"{name}.yaml": words.encode()}


def _nwb(recording: ExportedRecording, name: str, request: RecordingRequest, words: str) -> dict[str, bytes]:
    return {f"{name}.nwb": nwb_bytes(recording, words)}


RECORDINGS: Mapping[str, Callable[[ExportedRecording, str, RecordingRequest, str], dict[str, bytes]]] = {
    "csv": _csv,
    "nwb": _nwb,
}
"""What makes the files of each format, by their names."""
