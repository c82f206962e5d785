"""The runs under a directory, with a few facts of each: what ``rldbs.runs()`` gives."""

import os
from dataclasses import dataclass
from pathlib import Path

from rldbs.analysis.three_digits import three_digits
from rldbs.core.errors import RunError, SettingError, shown, visible
from rldbs.runs.clock import instant
from rldbs.runs.find import Run, list_runs
from rldbs.runs.labels import recorded_labels
from rldbs.runs.places import ROOT


@dataclass(frozen=True, repr=False)
class ListedRun:
    """A run in a list. :func:`rldbs.load` takes it as it takes a path."""

    path: Path
    """The run folder, absolute."""
    name: str
    """Its name under the directory."""
    command: str
    """What made it: ``train``, ``tune``, ``evaluate``; empty where nothing says so."""
    model: str
    agent: str
    seed: int | None
    status: str
    """``running``, ``done``, ``failed``, ``interrupted`` or ``unknown``."""
    steps: int | None
    """The budget in environment steps; None where there is none."""
    steps_done: int | None
    """Environment steps up to the newest checkpoint."""
    suppression: float | None
    """S at its end, or that of the best checkpoint so far; the interquartile mean over unseen populations."""
    started: float | None
    """In seconds since 1970."""
    note: str = ""
    tags: tuple[str, ...] = ()

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        parts = [f"{self.agent} on {self.model}"] if self.agent else []
        parts.append(self.status)
        if self.steps is not None and self.steps_done is not None:
            parts.append(f"{self.steps_done:,} of {self.steps:,} steps")
        if self.suppression is not None:
            parts.append(f"S {three_digits(self.suppression)}")
        return visible(f"<{self.name}: {', '.join(parts)}>")


def listed_runs(directory: str | os.PathLike[str] = ROOT) -> list[ListedRun]:
    """The runs under a directory, newest first, but for those in sweeps and benchmarks, which lie in folders there.

    Args:
        directory: where runs are.

    Raises:
        RunError: there is no such directory; that in which runs are as a rule need not be there.

    Example:
        >>> rldbs.runs()[0].status
        'done'
    """
    if not isinstance(directory, str | os.PathLike):
        raise SettingError(f"directory={shown(directory)}: must be a path")
    root = Path(directory)
    if not root.is_dir() and root != ROOT:
        raise RunError(f"directory={directory}: there is no such directory")
    return [_listed(run) for run in list_runs(root)]


def _listed(run: Run) -> ListedRun:
    meta, final, written = run.meta, run.suppression, recorded_labels(run.meta)
    return ListedRun(
        path=Path(os.path.abspath(run.folder)),
        name=run.name,
        command=meta.get("command", ""),
        model=meta.get("model", ""),
        agent=meta.get("agent", ""),
        seed=meta.get("seed"),
        status=run.status,
        steps=meta.get("steps"),
        steps_done=meta.get("steps_done"),
        suppression=run.suppression_so_far if final is None else final,
        started=instant(meta.get("started")),
        note=written.note,
        tags=written.tags,
    )
