"""The folder of a sweep: what it is, its runs, and what has become of each.

::

    runs/sweeps/<date>-<time>-<4 hex>/
      sweep.json       what varies, and every run
      results.csv      a row for every run that has ended
      logs/<run>.log   what a run said
      <KEY=VALUE,…>/   the run folders
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rldbs.core.errors import RunError, visible
from rldbs.experiment.clock import began, now
from rldbs.experiment.facts import is_time
from rldbs.experiment.lock import in_use
from rldbs.experiment.places import ROOT, SWEEP, SWEEPS, sweep_folders
from rldbs.experiment.record import read_config, write_config, write_json
from rldbs.experiment.runs import MOST_METRICS, list_runs, new_folder, status_of
from rldbs.experiment.same import check_same
from rldbs.experiment.small_file import UnreadableError, plain_json, read_text
from rldbs.files.folder import File, Folder
from rldbs.sweep.definition import ANY, LONGEST_NAME, Definition, Job

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
        return _short(self.folder, root) if self.folder.is_relative_to(root) else self.name

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
        return here == (definition.fixed, sorted(definition.keys), _directory(definition))


def place_of(run: Path) -> Folder:
    """A run folder as a part of its sweep."""
    return Folder(run.parent) / run.name


def log_of(run: Folder) -> File:
    """The log of a run of a sweep: beside it, for its folder is its own."""
    return (run.parent / LOGS).file(f"{run.name}.log")


def open_sweep(definition: Definition) -> Sweep:
    """The sweep that a definition is of, in a new folder or in the one where it has begun; its runs are prepared.

    Runs that are not in the folder yet are added to it.

    Raises:
        RunError: in its folder there is something else, or a run with other settings.
    """
    sweep = _found(definition) or Sweep(
        _new(definition), now(), definition.fixed, definition.keys, (), (), _directory(definition)
    )
    order = [definition.keys.index(key) for key in sweep.keys]
    jobs = {replace(job, values=tuple(job.values[k] for k in order)): config for job, config in definition.jobs.items()}
    there = {job.values: job for job in sweep.jobs}
    for job, config in jobs.items():
        run = sweep.run(there.get(job.values, job))
        if run.has("config.yaml"):
            check_same(run, read_config(run), config, ANY, "Remove it, or name another hydra.sweep.dir=DIR")
    added = tuple(job for job in jobs if job.values not in there)
    sweep = replace(sweep, jobs=(*sweep.jobs, *added), hydra=definition.hydra)
    save_sweep(sweep)
    (sweep.place / LOGS).make()
    for job, config in jobs.items():
        run = sweep.run(there.get(job.values, job))
        if not run.has("config.yaml"):
            write_config(run.make(), config)
    return sweep


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


def list_sweeps(root: Path = ROOT) -> list[Sweep]:
    """The sweeps anywhere under ``root``, newest first; one whose file cannot be read is left out."""
    return sorted(_readable(root), key=lambda sweep: (sweep.began, sweep.folder.name), reverse=True)


def _readable(root: Path) -> Iterator[Sweep]:
    for folder in sweep_folders(root):
        try:
            yield read_sweep(folder)
        except RunError:
            continue


def find_sweep(text: str, root: Path = ROOT) -> Sweep | None:
    """The sweep that a user's word names: a path, its id, or the beginning of it. None where it names none.

    Raises:
        RunError: it fits several, or the file of the one it names cannot be read.
    """
    path = Path(os.path.expanduser(text))
    if text and os.path.isfile(path / FILE):
        return read_sweep(path)
    name = text.rstrip("/").removeprefix(f"{root}/").removeprefix(f"{SWEEPS.name}/")
    every = {_short(folder, root): folder for folder in sorted([*sweep_folders(root)])}
    fits = [folder for known, folder in every.items() if name and known.startswith(name)]
    fits = [every[name]] if name in every else fits
    if len(fits) > 1:
        shown = ", ".join(visible(_short(folder, root)) for folder in fits[:3]) + (", …" if len(fits) > 3 else "")
        raise RunError(f"{text}: fits {len(fits)} sweeps: {shown}")
    return read_sweep(fits[0]) if fits else None


def _short(folder: Path, root: Path) -> str:
    """The name of a sweep's folder: below where sweeps are as a rule, or else below ``root``."""
    return str(folder.relative_to(root)).removeprefix(f"{SWEEPS.name}/")


def unfinished_sweep(root: Path = ROOT) -> Sweep | None:
    """The newest sweep that has not reached its end, unless a run that has not is newer."""
    for sweep in list_sweeps(root):
        if not in_use(sweep.folder) and any(sweep.status(job) != "done" for job in sweep.jobs):
            runs = [run for run in list_runs(root) if run.unfinished]
            newer = bool(runs) and runs[0].began > sweep.began
            return None if newer else sweep
    return None


def _found(definition: Definition) -> Sweep | None:
    """The sweep that has begun already, in the folder that the user names or else the newest that it is the same as.

    Raises:
        RunError: in the folder that the user names, there is something else.
    """
    if definition.folder is None:
        return next((sweep for sweep in list_sweeps(SWEEPS) if sweep.is_of(definition)), None)
    folder = definition.folder
    if Folder(folder).kind(FILE) is None:
        return None
    sweep = read_sweep(folder)
    if not sweep.is_of(definition):
        raise RunError(f"{folder}: {_differing(sweep, definition)}\nName another hydra.sweep.dir=DIR")
    return sweep


def _differing(sweep: Sweep, definition: Definition) -> str:
    """In what a sweep is another one than a definition."""
    if sorted(sweep.keys) != sorted(definition.keys):
        return (
            f"is a sweep over {', '.join(sweep.keys) or 'nothing'}, not over {', '.join(definition.keys) or 'nothing'}"
        )
    for key in {**sweep.fixed, **definition.fixed}:
        here, wanted = sweep.fixed.get(key), definition.fixed.get(key)
        if here != wanted:
            return f"is a sweep with {key}={here or '(the default)'}, not {wanted or '(the default)'}"
    return f"is a sweep with --config-dir {sweep.directory or '(none)'}, not {_directory(definition) or '(none)'}"


def _new(definition: Definition) -> Path:
    folder = definition.folder
    if folder is None:
        return new_folder(SWEEPS, None).resolve()
    try:
        if Folder(folder).make().names():
            raise RunError(f"{folder}: there is something in it, and it is no sweep; name a new folder")
    except OSError as error:
        raise RunError(f"{folder}: cannot be created: {error.strerror}") from None
    return folder.resolve()


def _directory(definition: Definition) -> str:
    return "" if definition.directory is None else str(definition.directory.resolve())
