"""The folder of a sweep: what it is, its runs, and what has become of each.

::

    runs/sweeps/<date>-<time>-<4 hex>/
      sweep.json       what varies, and every run
      results.csv      a row for every run that has ended
      logs/<run>.log   what a run said
      <KEY=VALUE,…>/   the run folders
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rldbs.core.errors import RunError, visible
from rldbs.files.file import File
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_json, read_text
from rldbs.runs.clock import began
from rldbs.runs.find import MOST_METRICS, status_of
from rldbs.runs.json_fields import is_time
from rldbs.runs.places import ROOT, SWEEP, SWEEPS
from rldbs.runs.record import write_json
from rldbs.sweep.definition import LONGEST_NAME, Definition, Job

FILE = SWEEP
LOGS = "logs"
OWN = (LOGS, FILE, "results.csv")
"""Names in the folder that no run may have."""
KEYS = {"started": str, "fixed": dict, "keys": list, "hydra": list, "directory": str, "jobs": list}
"""What sweep.json holds."""
START = re.compile(r"hydra(/launcher|\.launcher(\.[a-z]\w*)+)=((?!\$\{).)*")
"""What a sweep keeps of Hydra's settings: a launcher, or a setting of it; nothing that stands for something else."""


@dataclass(frozen=True)
class Sweep:
    """A sweep as its folder holds it."""

    folder: Path
    """Absolute."""
    started: str
    fixed: Mapping[str, str]
    keys: tuple[str, ...]
    jobs: tuple[Job, ...]
    hydra: tuple[str, ...]
    """How its runs were last started."""
    directory: str
    """With groups of the user's own; empty where there is none."""

    @property
    def name(self) -> str:
        """Its folder, as short as it can be."""
        try:
            return str(self.folder.relative_to(Path.cwd()))
        except ValueError:
            return str(self.folder)

    @property
    def place(self) -> Folder:
        """Its folder, with all that lies in it."""
        return Folder(self.folder)

    @property
    def short(self) -> str:
        """What is enough to name it."""
        root = ROOT.resolve()
        return short_name(self.folder, root) if self.folder.is_relative_to(root) else self.name

    @property
    def began(self) -> float:
        """When it was started, in seconds, whatever its folder is called."""
        return began(self.started, self.place.file(FILE))

    def run(self, job: Job) -> Folder:
        """The run folder of a job."""
        return self.place / job.name

    def log(self, job: Job) -> File:
        """What a job says."""
        return log_of(self.run(job))

    def status(self, job: Job) -> str:
        """What has become of a job: ``waiting``, ``running``, ``done``, ``failed`` or ``interrupted``."""
        status = status_of(self.run(job))
        return "waiting" if status == "unknown" else status

    def is_of(self, definition: Definition) -> bool:
        """Whether the same settings are fixed in both, and the same ones vary, whatever their values."""
        here = self.fixed, sorted(self.keys), self.directory
        return here == (definition.fixed, sorted(definition.keys), directory_of(definition))


def place_of(run: Path) -> Folder:
    """A run folder as a part of its sweep."""
    return Folder(run.parent) / run.name


def log_of(run: Folder) -> File:
    """The log of a run of a sweep: beside it, for its folder is its own."""
    return (run.parent / LOGS).file(f"{run.name}.log")


def save_sweep(sweep: Sweep) -> None:
    """Write sweep.json."""
    write_json(
        sweep.place.file(FILE),
        {
            "started": sweep.started,
            "fixed": sweep.fixed,
            "keys": sweep.keys,
            "hydra": sweep.hydra,
            "directory": sweep.directory,
            "jobs": [[job.name, *job.values] for job in sweep.jobs],
        },
    )


def read_sweep(folder: Path) -> Sweep:
    """The sweep in a folder.

    Raises:
        RunError: there is none, or its file does not hold what it should.
    """
    path = Folder(folder).file(FILE)
    try:
        content = plain_json(read_text(path, MOST_METRICS))
    except UnreadableError as error:
        raise RunError(f"{path}: {error}") from None
    problem = _problem(content)
    if problem:
        raise RunError(f"{path}: is not that of a sweep: {problem}")
    return Sweep(
        folder.resolve(),
        content["started"],
        content["fixed"],
        tuple(content["keys"]),
        tuple(Job(name, tuple(values)) for name, *values in content["jobs"]),
        tuple(content["hydra"]),
        content["directory"],
    )


def _problem(content: Any) -> str | None:
    """What is wrong with what sweep.json holds."""
    if not isinstance(content, dict) or content.keys() != KEYS.keys():
        return f"it must have {', '.join(KEYS)}"
    wrong = next((key for key, kind in KEYS.items() if not isinstance(content[key], kind)), None)
    if wrong:
        return f"{wrong} has a value that is not allowed"
    if not is_time(content["started"]):
        return "started must be a time"
    texts = [*content["fixed"], *content["fixed"].values(), *content["keys"], *content["hydra"]]
    for row in content["jobs"]:
        if not isinstance(row, list) or len(row) != 1 + len(content["keys"]):
            return "a run must be a name and a value for every key"
        texts += row
    if not all(isinstance(text, str) for text in texts):
        return "its values must be text"
    unseen = next((text for text in texts if visible(text) != text), None)
    if unseen is not None:
        return f"{visible(unseen)[:60]} has a character that cannot be seen"
    odd = next((text for text in content["hydra"] if not START.fullmatch(text)), None)
    if odd is not None:
        return f"{odd[:60]} does not say, in plain values, how runs are started"
    names = [row[0] for row in content["jobs"]]
    bad = next((name for name in names if not _is_name(name)), None)
    if bad is not None:
        return f"{bad[:60]!r} is no name of a run's folder"
    return "two runs have one name" if len(set(names)) < len(names) else None


def _is_name(name: str) -> bool:
    """Whether the folder of a run may be called so."""
    odd = "/" in name or name.startswith(".") or name in ("", *OWN)
    return not odd and len(name.encode()) <= LONGEST_NAME


def short_name(folder: Path, root: Path) -> str:
    """The name of a sweep's folder: below where sweeps are as a rule, or else below ``root``."""
    return str(folder.relative_to(root)).removeprefix(f"{SWEEPS.name}/")


def directory_of(definition: Definition) -> str:
    """The folder with groups of the user's own; empty where there is none."""
    return "" if definition.directory is None else str(definition.directory.resolve())
