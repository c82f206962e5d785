"""Run folders: where they are, how they are found, and what became of each."""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rldbs.core.errors import RunError, visible
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import MOST, UnreadableError, finite, plain_json, read_text
from rldbs.process.shell import quoted
from rldbs.runs.checkpoint_name import resolved
from rldbs.runs.clock import began
from rldbs.runs.json_fields import FINAL, facts, metrics_problem
from rldbs.runs.lock import in_use
from rldbs.runs.places import EVALUATION, FREE, ROOT, run_folders
from rldbs.runs.zoo import PREFIX, zoo_folder

MOST_METRICS = 16 * MOST
"""Bytes of a metrics.json: it has a number for every episode."""


@dataclass(frozen=True)
class Run:
    """A run folder and what its ``meta.json`` says."""

    folder: Path
    name: str
    """The folder's name under the root, as a rule ``<model>-<agent>/<name>``."""
    status: str
    """``running``, ``done``, ``failed``, ``interrupted`` or, without a readable meta.json, ``unknown``."""
    meta: Mapping[str, Any]

    @property
    def began(self) -> float:
        """When it was started, in seconds, whatever its folder is called; without a word of its own, by its files."""
        files = (Folder(self.folder).file(name) for name in ("config.yaml", "meta.json"))
        return began(self.meta.get("started"), *files)

    @property
    def trained(self) -> bool:
        """Whether it is a training run, so that it can be evaluated."""
        return bool(self.meta.get("command", "train") == "train" and (self.folder / "config.yaml").is_file())

    @property
    def resumable(self) -> bool:
        """Whether it is a training run, a search or response curves, which can go on where they were interrupted."""
        made_by = self.meta.get("command")
        return self.trained or self.curves or (made_by == "tune" and (self.folder / "config.yaml").is_file())

    @property
    def curves(self) -> bool:
        """Whether it is the folder of response curves, or of a stress test."""
        return self.meta.get("command") == "evaluate" and Folder(self.folder).has("curve.json")

    @property
    def unfinished(self) -> bool:
        """Whether it can go on; curves that failed have measured all that can be measured."""
        ends = ("interrupted",) if self.curves else ("interrupted", "failed")
        return self.resumable and self.status in ends

    @property
    def measurable(self) -> bool:
        """Whether it has a checkpoint."""
        try:
            return resolved(Folder(self.folder) / "checkpoints", "last") is not None
        except RunError:
            return False

    @property
    def evaluations(self) -> tuple[str, ...]:
        """Names of what was measured in it, sorted."""
        folder = Folder(self.folder)
        try:
            names = (folder / EVALUATION).names() if os.path.isdir(self.folder / EVALUATION) else []
        except RunError:  # it is a link
            return ()
        return tuple(sorted(name for name in names if not name.startswith(".") and read_metrics(folder, name)))

    @property
    def recorded(self) -> bool:
        """Whether there is a recording in it: of what was measured, or of a free population."""
        return bool(self.evaluations) or (self.meta.get("command") == "simulate" and Folder(self.folder).has(FREE))

    @property
    def suppression(self) -> float | None:
        """The suppression coefficient of its final evaluation: deterministic policy, interquartile mean."""
        number: float | None = (
            read_metrics(self.folder, FINAL).get("deterministic", {}).get("suppression", {}).get("iqm")
        )
        return number

    @property
    def suppression_so_far(self) -> float | None:
        """That of its best checkpoint, as it was measured on the way."""
        number = self.measured_so_far.get("suppression")
        return number if finite(number) else None

    @property
    def measured_so_far(self) -> Mapping[str, Any]:
        """All that was measured of its best checkpoint on the way, by metric; nothing, if there is none."""
        try:
            best = resolved(Folder(self.folder) / "checkpoints", "best")
        except RunError:
            return {}
        measured = None if best is None else _json(best, "state.json").get("measured")
        return measured if isinstance(measured, dict) else {}


@dataclass(frozen=True)
class Wanted:
    """Which runs are looked for."""

    one: str
    several: str
    """What they are called."""
    has: Callable[[Run], bool]


TRAINED = Wanted("a training run", "training runs", lambda run: run.trained)
GOES_ON = Wanted("a training run", "training runs", lambda run: run.resumable)
RECORDED = Wanted("a run with a recording", "runs with a recording", lambda run: run.recorded)


def list_runs(root: Path = ROOT) -> list[Run]:
    """The runs under ``root``, newest first."""
    runs = [read_run(folder, root) for folder in run_folders(root)]
    return sorted(runs, key=lambda run: (run.began, run.name), reverse=True)


def read_run(folder: Path, root: Path = ROOT) -> Run:
    """The run in ``folder``, named from ``root`` where it is under that."""
    name = folder.relative_to(root) if folder.is_relative_to(root) else folder
    return Run(folder, str(name), status_of(folder), read_meta(folder))


def status_of(folder: Path | Folder) -> str:
    """What became of a run. One that calls itself running, but on which no process works, was interrupted."""
    status = str(read_meta(folder).get("status", "unknown"))
    return "interrupted" if status == "running" and not in_use(folder) else status


def complete(folder: Path | Folder) -> bool:
    """Whether a run has ended well, and has its measurement: without that it is measured anew when it goes on."""
    return status_of(folder) == "done" and bool(read_metrics(folder, FINAL))


def find_unfinished(root: Path = ROOT) -> Path:
    """The newest training run, search or set of response curves that has not reached its end.

    Raises:
        RunError: there is none.
    """
    runs = [run for run in list_runs(root) if run.resumable]
    for run in runs:
        if run.unfinished:
            return run.folder
    at_work = next((f"; {run.name} is running" for run in runs if run.status == "running"), "")
    raise RunError(f"last: under {root}/ there is no run to resume{at_work}; all of them: rldbs list runs")


def find_run(text: str, root: Path = ROOT, key: str | None = "run", wanted: Wanted = TRAINED) -> Path:
    """The folder of a run.

    Args:
        text: ``last`` (the newest that has a checkpoint), ``zoo:NAME``, a path, or the beginning of a run's name, with
            or without ``<model>-<agent>/``.
        root: where runs are.
        key: the setting that names it, for messages; None where it stands alone.
        wanted: which kind of run.

    Raises:
        RunError: there is no such run, or more than one.
    """
    equals = "" if key is None else f"{key}="
    if text.startswith(PREFIX):
        return zoo_folder(text, equals)
    path = Path(os.path.expanduser(text))
    if text not in ("", "last") and os.path.isdir(path):  # Path.is_dir raises where a name is too long
        run = read_run(path)
        if not wanted.has(run):
            inside = list(path.glob("*/config.yaml"))
            hint = f"; it holds {len(inside)} runs, name one of them" if inside else ""
            raise RunError(f"{equals}{text}: is not the folder of {wanted.one}{hint}")
        return path
    runs = [run for run in list_runs(root) if wanted.has(run)]
    if not runs:
        hint = "start one with: rldbs train"
        if (root / "sweeps").is_dir():
            hint = f"those of sweeps are named by their paths, under {root}/sweeps/"
        raise RunError(f"{equals}{text}: there are no {wanted.several} under {root}/; {hint}")
    if text == "last":
        return next((run for run in runs if run.measurable), runs[0]).folder if wanted is TRAINED else runs[0].folder
    text = text.rstrip("/").removeprefix(f"{root}/")
    names = {name: run for run in runs for name in (run.folder.name, run.name)}
    if text in names:
        return names[text].folder
    matches = [run for run in runs if text and (run.folder.name.startswith(text) or run.name.startswith(text))]
    if len(matches) == 1:
        return matches[0].folder
    if matches:
        shown = ", ".join(visible(run.name) for run in matches[:3]) + (", …" if len(matches) > 3 else "")
        raise RunError(f"{equals}{text}: fits {len(matches)} runs: {shown}")
    near = visible((difflib.get_close_matches(text, names, n=1, cutoff=0.5) or [runs[0].name])[0])
    meant = quoted(f"{equals}{near}")
    raise RunError(f"{equals}{text}: there is no such run\nDid you mean {meant}? All of them: rldbs list runs")


def read_meta(folder: Path | Folder) -> dict[str, Any]:
    """What meta.json of a run says; what cannot be read, or is not of its kind, counts as not said."""
    return facts(_json(folder, "meta.json"))


def read_metrics(folder: Path | Folder, name: str) -> dict[str, Any]:
    """What metrics.json of a measurement of a run holds; nothing, if it cannot be read or is none."""
    metrics = _json(folder, f"evaluation/{name}/metrics.json", MOST_METRICS)
    return {} if metrics_problem(metrics) else metrics


def _json(folder: Path | Folder, name: str, most: int = MOST) -> dict[str, Any]:
    """What a JSON file of a run folder holds; nothing, if it cannot be read."""
    try:
        content = plain_json(read_text(Folder.of(folder).file(name), most))
    except UnreadableError:
        return {}
    return content if isinstance(content, dict) else {}
