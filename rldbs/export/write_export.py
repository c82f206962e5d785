"""Writing a controller for other programs: all of its files into one new folder, and a table of what they cost."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from rldbs.core.errors import SettingError, shown, visible
from rldbs.experiment.command_settings import EvaluateSettings
from rldbs.export.exported_files import check_folder, check_name, write_files
from rldbs.export.formats import FORMATS, copied
from rldbs.export.subject import Subject
from rldbs.export.write_recording import RECORDINGS
from rldbs.process.console import screen
from rldbs.process.wrapped_tables import print_table

DECISIONS = 500
"""On how many a copy is tried, unless the user says otherwise."""
MOST = 100_000
"""On how many at most: a file holds them."""


@dataclass(frozen=True)
class Request:
    """How a controller is to be written."""

    format: str
    folder: Path | None = None
    """A new or empty folder; None for a new one under ``runs/exports/``."""
    name: str | None = None
    """What the files, and in C all names, begin with; None for ``<model>_<agent>``."""
    decisions: int = DECISIONS

    def __post_init__(self) -> None:
        if self.format == "torchscript":
            raise SettingError(
                "format=torchscript: torch has deprecated it\nUse format=torch, which writes a program of torch.export"
            )
        if self.format not in FORMATS:
            raise SettingError(f"format={shown(self.format)}: must be one of {', '.join([*FORMATS, *RECORDINGS])}")
        check_name(self.name)


def export(settings: EvaluateSettings, run: Path | None, request: Request, console: Console | None = None) -> Path:
    """Write the controller of a run, or that which the settings tell, and show where it is.

    Returns:
        The folder with its files.

    Raises:
        SettingError: it has no such form, does not fit the environment, or a package is missing.
        RunError: the run has no such checkpoint, it is damaged, or there is something in the folder.
        DivergedError: the population on which it is tried went out of bounds.
    """
    console = console or screen()
    check_folder(request.folder)
    name = request.name or re.sub(r"\W", "_", f"{settings.loop.model.name}_{settings.agent_name}")
    subject = Subject.of(settings, run, name, request.decisions)
    copy = copied(subject, request.format)
    words = json.dumps(subject.words(), indent=1) + "\n"
    folder = write_files({**copy.files, f"{name}.json": words.encode()}, request.folder)
    print_table(console, f"{subject.title}: {FORMATS[request.format][1]}", ["", ""], copy.rows)
    files = ", ".join([*sorted(copy.files), f"{name}.json"])
    for line in (f"folder   {visible(str(folder))}", f"files    {files}", *copy.after):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return folder
