"""Doing the runs of the benchmark: several processes at a time, and nothing twice."""

import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from rldbs.benchmark.plan import Cell
from rldbs.experiment.metric_tables import result
from rldbs.files.appended import Appended
from rldbs.files.csv_table import csv_bytes
from rldbs.files.file import File
from rldbs.files.folder import Folder
from rldbs.process.children import command, safe_environment
from rldbs.process.console import Words
from rldbs.process.stop import Stopped, stop_requests
from rldbs.runs.find import read_metrics
from rldbs.runs.json_fields import FINAL
from rldbs.runs.lock import in_use
from rldbs.runs.log_tail import last_words, length

PAUSE = 0.2
"""Seconds between two looks at the processes."""
TIMES = "times.csv"
"""File of the benchmark's folder: seconds of a core that every process took."""
MOST_TIMES = 2**24
"""Bytes of it."""


@dataclass
class _Process:
    cell: Cell
    process: subprocess.Popen[bytes]
    said: int
    """Bytes of its log that others had written before."""
    began: float = field(default_factory=time.monotonic)
    used: float = 0.0
    """Seconds of a core, once it has ended."""

    def ended(self) -> bool:
        """Whether it has; then what it has used is known."""
        before = _used_by_children()
        if self.process.poll() is None:
            return False
        self.used = _used_by_children() - before
        return True


def _used_by_children() -> float:
    """Seconds of a core that processes which have ended took, with those that they had begun."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def work(
    cells: Sequence[Cell], jobs: int, folder: Path, console: Console, directory: Path | None = None
) -> list[tuple[Cell, str]]:
    """Do the runs that are not done yet, ``jobs`` at a time.

    Args:
        cells: all runs, in the order in which they are begun.
        jobs: processes at the same time, each with one thread.
        folder: of the benchmark.
        console: where is said what has ended.
        directory: with groups and options of the user's own.

    Returns:
        The runs that failed, each with the last thing that it said.

    Raises:
        RunError: in a run's place there is one with other settings, or in that of times.csv something else. Nothing
            has been started then.
        Stopped: a signal came; every run that had begun has saved itself.
    """
    waiting = [cell for cell in cells if not cell.done]
    before = len(cells) - len(waiting)
    if before:
        console.print(f"{before} of {len(cells)} runs are done already", highlight=False)
    failed: list[tuple[Cell, str]] = []
    running: list[_Process] = []
    asked = False
    told: set[str] = set()
    with (
        closing(_times(Folder(folder).file(TIMES))) as times,
        stop_requests() as stop,
        _progress(console, len(cells), before) as progress,
    ):
        try:
            while (waiting and stop.number is None) or running:
                while len(running) < jobs and stop.number is None and (cell := _free(waiting, told, console)):
                    waiting.remove(cell)
                    running += [] if cell.done else [_start(cell, directory)]
                time.sleep(PAUSE)
                if stop.number is not None and not asked:
                    asked = _ask_to_stop(running, console)
                for one in [one for one in running if one.ended()]:
                    running.remove(one)
                    times.append(_row(one))
                    if one.process.returncode != 0 and in_use(one.cell.folder):
                        waiting.append(one.cell)
                    elif stop.number is None:
                        failed += _ended(one, console)
                progress.update(progress.task_ids[0], completed=len(cells) - len(waiting) - len(running))
        finally:
            for one in running:
                one.process.kill()
                one.process.wait()
        if stop.number is not None:
            number = stop.number
            stop.number = None
            raise Stopped("Stopped. The same command goes on with it", number)
    return failed


def _free(waiting: Sequence[Cell], told: set[str], console: Console) -> Cell | None:
    """The next run on which no other process works, as one of a benchmark does that was killed a moment ago."""
    for cell in waiting:
        if not in_use(cell.folder):
            return cell
        if cell.name not in told:
            told.add(cell.name)
            said = f"{cell.name}: another process is at work on it; its end is waited for"
            console.print(said, highlight=False, soft_wrap=True, markup=False)
    return None


def _start(cell: Cell, directory: Path | None) -> _Process:
    """Begin a run, or go on with it."""
    words = [cell.command, *cell.overrides, f"hydra.run.dir={cell.folder}"]
    if cell.begun and cell.command == "evaluate":
        shutil.rmtree(cell.folder.path)  # of a measurement that was cut off nothing is worth keeping
    if cell.begun:
        words = ["resume", str(cell.folder)]
    elif directory is not None:
        words += ["--config-dir", str(directory)]
    cell.folder.parent.make()
    said = length(cell.log)
    with open(cell.log.open(os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab") as log:
        process = subprocess.Popen(
            command(*words, "threads=1"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C is passed on, once
            env={**safe_environment(), "COLUMNS": "200"},
        )
    return _Process(cell, process, said)


def _ask_to_stop(running: Sequence[_Process], console: Console) -> bool:
    """Pass a signal on: every run saves itself."""
    if running:
        console.print("Every run saves itself first. Once more stops at once.", highlight=False)
    for one in running:
        one.process.send_signal(signal.SIGINT)
    return True


def _ended(one: _Process, console: Console) -> list[tuple[Cell, str]]:
    """Say how a run has ended; the run, if it failed, with the last thing that it said."""
    cell, seconds = one.cell, time.monotonic() - one.began
    if one.process.returncode == 0:
        said = result(read_metrics(cell.folder, FINAL))
        console.print(f"{cell.name}: {said}  ({seconds:.0f} s)", highlight=False, soft_wrap=True)
        return []
    reason = last_words(cell.log, one.said)
    console.print(f"{cell.name}: failed: {reason}", style="red", highlight=False, soft_wrap=True, markup=False)
    return [(cell, reason)]


def _times(file: File) -> Appended:
    """times.csv, to which rows are added.

    Raises:
        RunError: in its place there is something else.
    """
    times = Appended(file)
    if not times.length:
        times.append(b"task,agent,seed,seconds\n")
    return times


def _row(one: _Process) -> bytes:
    """What a process has used, whatever became of it."""
    cell = one.cell
    return csv_bytes([[cell.task.name, cell.agent, cell.seed, f"{one.used:.1f}"]])


@contextmanager
def _progress(console: Console, count: int, done: int) -> Iterator[Progress]:
    with Progress(
        Words("runs"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        progress.add_task("", total=count, completed=done)
        yield progress
