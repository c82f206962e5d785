"""Which sweeps there are, and which one a user's word names."""

import os
from collections.abc import Iterator
from pathlib import Path

from rldbs.core.errors import RunError, visible
from rldbs.runs.find import list_runs
from rldbs.runs.lock import in_use
from rldbs.runs.places import ROOT, SWEEPS, sweep_folders
from rldbs.sweep.sweep_folder import FILE, Sweep, read_sweep, short_name


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
    every = {short_name(folder, root): folder for folder in sorted([*sweep_folders(root)])}
    fits = [folder for known, folder in every.items() if name and known.startswith(name)]
    fits = [every[name]] if name in every else fits
    if len(fits) > 1:
        shown = ", ".join(visible(short_name(folder, root)) for folder in fits[:3]) + (", …" if len(fits) > 3 else "")
        raise RunError(f"{text}: fits {len(fits)} sweeps: {shown}")
    return read_sweep(fits[0]) if fits else None


def unfinished_sweep(root: Path = ROOT) -> Sweep | None:
    """The newest sweep that has not reached its end, unless a run that has not is newer."""
    for sweep in list_sweeps(root):
        if not in_use(sweep.folder) and any(sweep.status(job) != "done" for job in sweep.jobs):
            runs = [run for run in list_runs(root) if run.unfinished]
            newer = bool(runs) and runs[0].began > sweep.began
            return None if newer else sweep
    return None
