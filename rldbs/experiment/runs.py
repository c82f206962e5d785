"""Run folders: where they are, how they are found, and what became of each."""

import difflib
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rldbs.core.errors import RunError, visible
from rldbs.experiment.small_file import MOST, UnreadableError, plain_json, read_text
from rldbs.experiment.zoo import PREFIX, zoo_folder

ROOT = Path("runs")
"""Where runs go unless the user says otherwise."""
MOST_METRICS = 16 * MOST
"""Bytes of a metrics.json: it has a number for every episode."""


@dataclass(frozen=True)
class Run:
    """A run folder and what its ``meta.json`` says."""

    folder: Path
    status: str
    """``running``, ``done``, ``failed``, ``interrupted`` or, without a readable meta.json, ``unknown``."""
    meta: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The folder's name under the root: ``<model>-<agent>/<name>``."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def trained(self) -> bool:
        """Whether it is a training run, so that it can be evaluated."""
        return bool(self.meta.get("command", "train") == "train" and (self.folder / "config.yaml").is_file())

    @property
    def measurable(self) -> bool:
        """Whether it has a checkpoint."""
        return (self.folder / "checkpoints" / "last" / "state.json").is_file()

    @property
    def suppression(self) -> float | None:
        """The suppression coefficient of its final evaluation: deterministic policy, interquartile mean."""
        metrics = _json(self.folder, "evaluation/final/metrics.json", MOST_METRICS)
        try:
            return float(metrics["deterministic"]["suppression"]["iqm"])
        except (KeyError, TypeError, ValueError, OverflowError):
            return None


def new_run_folder(root: Path, model: str, agent: str, seed: int) -> Path:
    """Create ``<root>/<model>-<agent>/<YYYYmmdd-HHMMSS>-s<seed>-<4 hex>/``; no two callers get the same one."""
    return new_folder(root / f"{model}-{agent}", seed)


def new_folder(parent: Path, seed: int) -> Path:
    """Create ``<parent>/<YYYYmmdd-HHMMSS>-s<seed>-<4 hex>/``; no two callers get the same one."""
    parent.mkdir(parents=True, exist_ok=True)
    while True:
        folder = parent / f"{datetime.now():%Y%m%d-%H%M%S}-s{seed}-{secrets.token_hex(2)}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def given_folder(folder: Path) -> Path:
    """Create the folder that the user has named for a run.

    Raises:
        RunError: it cannot be created, or there is something in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RunError(f"{folder}: there is something in it; name a new folder")
    except OSError as error:
        raise RunError(f"{folder}: cannot be created: {error.strerror}") from None
    return folder


def list_runs(root: Path = ROOT) -> list[Run]:
    """The runs under ``root``, newest first."""
    folders = [path.parent for path in root.glob("*/*/meta.json")] + [
        path.parent for path in root.glob("*/*/config.yaml")
    ]
    runs = [read_run(folder) for folder in set(folders)]
    return sorted(runs, key=lambda run: (_day_and_time(run), run.name), reverse=True)


def read_run(folder: Path) -> Run:
    """The run in ``folder``."""
    return Run(folder, status_of(folder), _json(folder, "meta.json"))


def status_of(folder: Path) -> str:
    """What became of a run. One that calls itself running, but whose process is gone, was interrupted."""
    meta = _json(folder, "meta.json")
    status = str(meta.get("status", "unknown"))
    return "interrupted" if status == "running" and not _lives(meta) else status


def find_run(text: str, root: Path = ROOT, key: str = "run") -> Path:
    """The folder of a training run.

    Args:
        text: ``last`` (the newest that has a checkpoint), ``zoo:NAME``, a path, or the beginning of a run's name, with
            or without ``<model>-<agent>/``.
        root: where runs are.
        key: the setting that names it, for messages.

    Raises:
        RunError: there is no such run, or more than one.
    """
    if text.startswith(PREFIX):
        return zoo_folder(text, key)
    path = Path(os.path.expanduser(text))
    if text not in ("", "last") and os.path.isdir(path):  # Path.is_dir raises where a name is too long
        run = read_run(path)
        if not run.trained:
            inside = list(path.glob("*/config.yaml"))
            hint = f"; it holds {len(inside)} runs, name one of them" if inside else ""
            raise RunError(f"{key}={text}: is not the folder of a training run{hint}")
        return path
    runs = [run for run in list_runs(root) if run.trained]
    if not runs:
        raise RunError(f"{key}={text}: there are no training runs under {root}/; start one with: rldbs train")
    if text == "last":
        return next((run for run in runs if run.measurable), runs[0]).folder
    text = text.rstrip("/").removeprefix(f"{root}/")
    names = {name: run for run in runs for name in (run.folder.name, run.name)}
    if text in names:
        return names[text].folder
    matches = [run for run in runs if text and (run.folder.name.startswith(text) or run.name.startswith(text))]
    if len(matches) == 1:
        return matches[0].folder
    if matches:
        shown = ", ".join(visible(run.name) for run in matches[:3]) + (", …" if len(matches) > 3 else "")
        raise RunError(f"{key}={text}: fits {len(matches)} runs: {shown}")
    near = difflib.get_close_matches(text, names, n=1, cutoff=0.5) or [runs[0].name]
    raise RunError(
        f"{key}={text}: there is no such run\nDid you mean {key}={visible(near[0])}? All of them: rldbs list runs"
    )


def this_process() -> dict[str, Any]:
    """What ``meta.json`` keeps of a process, so that others can tell whether it is still there."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = ""
    return {"host": socket.gethostname(), "pid": os.getpid(), "boot": boot}


def _day_and_time(run: Run) -> str:
    started = str(run.meta.get("started", "")).translate(str.maketrans("", "", "-:T "))[:14]
    return started if started.isdigit() else run.folder.name.replace("-", "")[:14]


def _json(folder: Path, name: str, most: int = MOST) -> dict[str, Any]:
    """What a JSON file of a run folder holds; nothing, if it cannot be read."""
    try:
        content = plain_json(read_text(folder / name, folder, most))
    except UnreadableError:
        return {}
    return content if isinstance(content, dict) else {}


def _lives(meta: Mapping[str, Any]) -> bool:
    """Whether the process that wrote ``meta`` is still there. On another host it cannot be known: yes."""
    here = this_process()
    if meta.get("host", here["host"]) != here["host"]:
        return True
    if meta.get("boot", here["boot"]) != here["boot"]:
        return False
    pid = meta.get("pid")
    if not isinstance(pid, int) or not 1 <= pid < 2**31:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    began = _began(pid)
    try:
        started = datetime.fromisoformat(str(meta.get("started"))).timestamp()
    except (ValueError, OverflowError):
        return True
    return began is None or began <= started + 60.0  # else the number was given to a later process


def _began(pid: int) -> float | None:
    """When a process began, in seconds since 1970; None where the system does not say."""
    try:
        ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
