"""Removing run folders: never one that is at work, never what is no run folder, and each whole or not at all."""

import difflib
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rldbs.core.errors import RunError, visible
from rldbs.files.descriptors import beside
from rldbs.files.folder import Folder
from rldbs.process.shell import quoted
from rldbs.runs.find import Run, list_runs, read_run
from rldbs.runs.json_fields import COMMANDS
from rldbs.runs.lock import in_use, sole
from rldbs.runs.places import INSIDE, ROOT
from rldbs.runs.zoo import PREFIX, shipped


@dataclass(frozen=True)
class Removable:
    """A run folder that may go."""

    run: Run
    files: int
    size: int
    """Bytes."""


def removable(texts: Sequence[str], root: Path = ROOT) -> list[Removable]:
    """The run folders that a user's words name, each once.

    Args:
        texts: each a path, or a run's name or the beginning of one.
        root: where runs are.

    Raises:
        RunError: one names no run, or more than one; or it must not go.
    """
    folders = dict.fromkeys(Path(os.path.abspath(_named(text, root))) for text in texts)
    found = []
    for folder in folders:
        _check(folder)
        files = [Path(where, name) for where, _, names in os.walk(folder) for name in names]
        found.append(Removable(read_run(folder, Path(os.path.abspath(root))), len(files), sum(map(_size, files))))
    return found


def remove_runs(runs: Sequence[Removable]) -> None:
    """Remove run folders. While they go, nobody can begin to work on one of them.

    Raises:
        RunError: one is at work, or is no run folder any longer; then none is removed.
        OSError: one cannot be removed: it is whole where it was, or gone from there.
    """
    with ExitStack() as locks:
        for one in runs:
            _check(one.run.folder)
            locks.enter_context(sole(Folder(one.run.folder)))
        for one in runs:
            place, going = Folder(one.run.folder.parent), beside(one.run.folder.name)
            place.rename(one.run.folder.name, going)
            place.remove(going)


def _named(text: str, root: Path) -> Path:
    if text.startswith(PREFIX):
        raise RunError(f"{text}: comes with the package, and stays")
    if text in ("", "last"):
        raise RunError(f"{text!r}: name what is to be removed: a path, or a run's name; all of them: rldbs list runs")
    path = Path(os.path.expanduser(text))
    if os.path.lexists(path):
        return path
    runs, short = list_runs(root), text.rstrip("/").removeprefix(f"{root}/")
    exact = [run for run in runs if short in (run.name, run.folder.name)]
    fits = exact or [run for run in runs if run.name.startswith(short) or run.folder.name.startswith(short)]
    if len(fits) == 1:
        return fits[0].folder
    if fits:
        shown = ", ".join(visible(run.name) for run in fits[:3]) + (", …" if len(fits) > 3 else "")
        raise RunError(f"{text}: fits {len(fits)} runs: {shown}")
    near = difflib.get_close_matches(short, [run.name for run in runs], n=1)
    hint = f"\nDid you mean {quoted(visible(near[0]))}?" if near else ""
    raise RunError(f"{text}: there is no such run{hint}\nAll of them: rldbs list runs")


def _check(folder: Path) -> None:
    """Whether a folder may go.

    Raises:
        RunError: it must not.
    """
    shown = visible(str(folder))
    if folder.is_symlink():
        raise RunError(f"{shown}: is a link; name the folder itself")
    run = read_run(folder)
    if not folder.is_dir() or run.meta.get("command") not in COMMANDS:
        raise RunError(f"{shown}: is no run folder, whose meta.json says what made it; nothing is removed")
    if shipped(folder):
        raise RunError(f"{shown}: comes with the package, and stays")
    if run.status == "running" or in_use(folder):
        raise RunError(f"{shown}: is at work; stop it first, or wait for its end")
    for where, folders, names in os.walk(folder):
        inner = Path(where)
        if (inner != folder and ("meta.json" in names or ".git" in folders)) or os.path.ismount(inner):
            raise RunError(f"{shown}: holds {visible(str(inner.relative_to(folder)))}, which is none of its own")
        if inner == folder:
            folders[:] = [name for name in folders if name not in INSIDE]


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0
