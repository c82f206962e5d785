"""Writing a controller for other programs: all of its files into one new folder, and a table of what they cost."""

import json
import os
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from rldbs.core.errors import RunError, SettingError, shown, visible
from rldbs.experiment.command_settings import EvaluateSettings
from rldbs.export.formats import FORMATS, copied
from rldbs.export.subject import Subject
from rldbs.files.folder import Folder
from rldbs.process.console import screen
from rldbs.process.wrapped_tables import print_table
from rldbs.runs.new_folder import given_folder, kept_if_filled, new_folder
from rldbs.runs.places import EXPORTS

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
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
            raise SettingError(f"format={shown(self.format)}: must be one of {', '.join(FORMATS)}")
        if self.name is not None and not NAME.fullmatch(self.name):
            raise SettingError(
                f"name={shown(self.name)}: must be a name as C has them: letters, digits and _, a letter first, 40 at "
                "most"
            )


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
    if request.folder is not None and os.path.isdir(request.folder) and os.listdir(request.folder):
        raise RunError(f"{request.folder}: there is something in it; name a new folder")  # before anything takes time
    name = request.name or re.sub(r"\W", "_", f"{settings.loop.model.name}_{settings.agent_name}")
    subject = Subject.of(settings, run, name, request.decisions)
    copy = copied(subject, request.format)
    words = json.dumps(subject.words(), indent=1) + "\n"
    with _folder(request.folder) as folder:
        for file, content in {**copy.files, f"{name}.json": words.encode()}.items():
            with Folder(folder).file(file).whole() as out:
                out.write(content)
    print_table(console, f"{subject.title}: {FORMATS[request.format][1]}", ["", ""], copy.rows)
    files = ", ".join([*sorted(copy.files), f"{name}.json"])
    for line in (f"folder   {visible(str(folder))}", f"files    {files}", *copy.after):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return folder


def _folder(named: Path | None) -> AbstractContextManager[Path]:
    return kept_if_filled(new_folder(EXPORTS, None) if named is None else given_folder(named))
