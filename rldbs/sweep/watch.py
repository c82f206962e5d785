"""How far the runs of a sweep are: read from their folders, shown while they work, and written down as they end."""

import math
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from rldbs.analysis.three_digits import three_digits
from rldbs.core.errors import RunError, visible
from rldbs.experiment.metric_tables import result
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_csv
from rldbs.process.console import Words
from rldbs.process.plurals import counted
from rldbs.runs.find import read_meta, read_metrics
from rldbs.runs.json_fields import FINAL
from rldbs.sweep.definition import Job
from rldbs.sweep.results import Results, error_of
from rldbs.sweep.sweep_folder import Sweep

PAUSE = 0.5
"""Seconds between two looks at the folders."""
TRAINING = 0.95
"""How much of a run is training; the rest is its last measurement."""
TAIL = 8192
"""Bytes of the end of a progress.csv in which its last row is."""


class Watch:
    """Looks at the folders of runs as long as they work, in a thread of its own.

    Args:
        sweep: the sweep.
        jobs: the runs that are to be done.
        done: how many others are done already.
        results: where rows go.
        console: where is shown how far they are.

    Attributes:
        failed: the runs that have failed, each with the reason.
        left: the runs that have not ended yet.
    """

    def __init__(self, sweep: Sweep, jobs: Sequence[Job], done: int, results: Results, console: Console) -> None:
        self._sweep, self._results, self._console = sweep, results, console
        self.failed: dict[Job, str] = {}
        self.left = list(jobs)
        self._before = {job: _changed(sweep.run(job)) for job in jobs}
        self._over = threading.Event()
        self._bars: dict[Job, TaskID] = {}
        self._progress = _progress(console)
        self._total = self._progress.add_task("starting", total=done + len(jobs), completed=done, said="")
        self._done = done
        self._alone = threading.RLock()  # the sweep itself looks too
        self._thread = threading.Thread(target=self._watch, name="sweep", daemon=True)

    def __enter__(self) -> "Watch":
        self._progress.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self.look()
        for job in self.left:
            if self._sweep.status(job) == "interrupted":
                self._results.add(job)
        self._progress.stop()

    def fail(self, job: Job, reason: str) -> None:
        """A run has failed without a word of its own."""
        with self._alone:
            self._ended(job, reason)

    def running(self) -> list[Job]:
        """The runs on which a process works now."""
        begun = [job for job in list(self.left) if self.changed(job) is not None]
        return [job for job in begun if self._sweep.status(job) == "running"]

    def changed(self, job: Job) -> int | None:
        """When a run has last said something of itself; None where it never has."""
        return _changed(self._sweep.run(job))

    def say(self, text: str) -> None:
        """Tell something beside the numbers."""
        self._console.print(text, style="yellow", soft_wrap=True, highlight=False, markup=False)

    def _watch(self) -> None:
        while not self._over.wait(PAUSE):
            with suppress(Exception):  # the sweep itself looks too, and there it is raised
                self.look()

    def look(self) -> None:
        """Look at every run that has not ended."""
        with self._alone:
            self._look()

    def _look(self) -> None:
        fractions = 0.0
        for job in list(self.left):
            folder = self._sweep.run(job)
            if _changed(folder) is None:  # of many runs, most have not begun: a look at each must cost little
                continue
            status = self._sweep.status(job)
            if status == "done":
                self._ended(job, "")
            elif status == "failed" and _changed(folder) != self._before[job]:
                self._ended(job, error_of(folder))
            elif status == "running":
                fractions += self._show(job, folder)
            elif job in self._bars:
                self._progress.remove_task(self._bars.pop(job))
        count = self._done + len(self._before) - len(self.left)
        failed = f", {len(self.failed)} failed" if self.failed else ""
        self._progress.update(
            self._total,
            completed=count + fractions,
            description=f"{count} of {counted(self._done + len(self._before), 'run')}{failed}",
        )

    def _show(self, job: Job, folder: Folder) -> float:
        """Show how far a run is; which part of it is done."""
        row, steps = last_row(folder), read_meta(folder).get("steps")
        fraction = min(max(row.get("steps", 0.0) / steps, 0.0), 1.0) * TRAINING if steps else 0.0
        best = row.get("best_suppression")
        if job not in self._bars:
            self._bars[job] = self._progress.add_task(visible(job.name), total=1.0, said="")
        said = "measuring" if fraction >= TRAINING else "" if best is None else f"S {three_digits(best)}"
        self._progress.update(self._bars[job], completed=fraction, said=said)
        return fraction

    def _ended(self, job: Job, reason: str) -> None:
        """Take a run off those that are left, once that it has ended is written down."""
        self._results.add(job, reason)
        self.left.remove(job)
        if job in self._bars:
            self._progress.remove_task(self._bars.pop(job))
        folder, name = self._sweep.run(job), visible(job.name)
        if not reason and self._sweep.status(job) == "done":
            time = read_meta(folder).get("training_time")
            took = "" if time is None else f"  ({time:.0f} s)"
            said = f"{name}: {result(read_metrics(folder, FINAL))}{took}"
            self._console.print(said, highlight=False, soft_wrap=True, markup=False)
            return
        self.failed[job] = visible(reason) or "failed"
        self._console.print(
            f"{name}: failed: {self.failed[job]}  (log: {visible(str(self._sweep.log(job)))})",
            style="red",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )


def last_row(folder: Folder) -> dict[str, float]:
    """The numbers in the last whole row of a run's progress.csv; nothing where there is none."""
    try:
        with folder.file("progress.csv").reading() as file:
            header = file.readline(TAIL)
            end = file.seek(0, os.SEEK_END)
            file.seek(max(len(header), end - TAIL))
            lines = file.read(TAIL).decode(errors="replace").split("\n")[:-1]  # the last one may be half written
        rows = plain_csv("\n".join([header.decode(errors="replace").rstrip("\n"), *lines[-1:]]))
        row = next(rows, {})
    except (OSError, RunError, UnreadableError):
        return {}
    return {name: value for name, text in row.items() if math.isfinite(value := _number(text))}


def _number(text: str) -> float:
    """A number of a table; NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _changed(folder: Folder) -> int | None:
    """When a run has last said something of itself."""
    status = folder.status("meta.json")
    return None if status is None else status.st_mtime_ns


def _progress(console: Console) -> Progress:
    return Progress(
        Words("{task.description}", column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=16),
        TaskProgressColumn(),
        Words("{task.fields[said]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        speed_estimate_period=600,
        disable=not console.is_terminal,
    )
