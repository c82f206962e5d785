"""``rldbs benchmark``: everything that is not done yet, then the tables."""

import math
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from rldbs.analysis.tradeoff import OBJECTIVES, ONSET, SUPPRESSION
from rldbs.benchmark.plan import Benchmark, Cell, benchmark, plan
from rldbs.benchmark.published import published_tables
from rldbs.benchmark.report import Result, markdown, picture
from rldbs.benchmark.workers import MOST_TIMES, TIMES, work
from rldbs.commands.tune import check_optuna
from rldbs.compare.collect import collect
from rldbs.compare.comparison import Comparison, compare
from rldbs.compare.write import write
from rldbs.core.errors import RldbsError, visible
from rldbs.experiment.optional_picture import Say, drawn, warner
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_csv, read_text
from rldbs.process.console import screen
from rldbs.process.threads import cores
from rldbs.runs.lock import sole
from rldbs.runs.machine import processor

REPORT = "report"
"""Folder of the tables, in that of the runs."""
SUMMARY = "benchmark.md"


def run_benchmark(overrides: Sequence[str], directory: Path | None, console: Console | None = None) -> None:
    """Do all runs that are not done yet, write the tables, show the first one.

    Args:
        overrides: ``KEY=VALUE``.
        directory: with groups and options of the user's own.
        console: where it says how far it is.

    Raises:
        SettingError: an override is not allowed, or Optuna is missing.
        RunError: in a run's place there is one with other settings.
        RldbsError: runs have failed; the tables have all others.
        Stopped: a signal came; the same command goes on.
    """
    console = console or screen()
    settings = benchmark(overrides, directory)
    if settings.controllers:
        check_optuna()
    folder, jobs = Path(settings.folder), settings.jobs or cores()
    with console.status("looking at the settings of all runs"):
        cells = plan(settings, directory)
    with sole(Folder(folder).make()) as lock:
        for place in (lock.held, lock.held / REPORT):
            place.remove_unfinished()
        failed = work(cells, jobs, folder, console, directory)
    if any(cell.done for cell in cells):
        report = write_report(settings, cells, folder, warner(console))
        console.print(report, highlight=False, markup=False, soft_wrap=True)
        console.print(f"report   {visible(str(folder / REPORT))}", soft_wrap=True, highlight=False, markup=False)
    if failed:
        lines = [f"{cell.name}: {reason}" for cell, reason in failed]
        raise RldbsError(
            "\n".join([*lines, f"{len(failed)} of {len(cells)} runs failed; the same command tries again"])
        )


def write_report(settings: Benchmark, cells: Sequence[Cell], folder: Path, say: Say) -> str:
    """Write the tables of the runs that are done, into the folder and where ``report`` says; the summary."""
    report = (Folder(folder) / REPORT).make()
    done = [cell for cell in cells if cell.done]
    comparison = _compared(done)
    write(comparison, report, say)
    results = _results(comparison, done)
    overview = report.file("benchmark.png")
    drawn(overview, lambda: picture(results, overview, settings.episodes), say)
    anchors = {one.task.published for one in done if one.task.published is not None}
    summary = markdown(results, [_effort(folder, cells)], published_tables(sorted(anchors), Folder(folder)))
    with report.file(SUMMARY).whole() as file:
        file.write(summary.encode())
    if settings.report is not None:
        _copy(report, Folder(Path(os.path.expanduser(settings.report))).make())
    return summary


def _compared(cells: Sequence[Cell]) -> Comparison:
    """All that was measured: tasks of one tradeoff beside each other, for they may share their environment."""
    parts = []
    for name in OBJECTIVES:
        runs = [str(cell.folder) for cell in cells if cell.task.objective == name]
        if runs:
            part = compare(collect(runs))
            about = "" if name == SUPPRESSION.objective else f" · {name}"
            tables = tuple(replace(table, title=f"{table.title}{about}") for table in part.tables)
            parts.append(replace(part, tables=tables))
    tables = tuple(table for part in parts for table in part.tables)
    return replace(parts[0], tables=tables, left_out=tuple(one for part in parts for one in part.left_out))


def _copy(report: Folder, to: Folder) -> None:
    """Copy the files of a report, but for the megabytes that hold every value of every population."""
    for name in report.names():
        if name != "comparison.json" and report.has(name):
            with report.file(name).reading() as file, to.file(name).whole() as copy:
                shutil.copyfileobj(file, copy)


def _results(comparison: Comparison, cells: Sequence[Cell]) -> list[Result]:
    """What was measured on every task, in the order of the tasks."""
    tasks = {cell.folder.path.resolve(): cell.task for cell in cells}
    tables = {
        tasks[Path(run).resolve()].name: table for table in comparison.tables for row in table.rows for run in row.runs
    }
    every = {task.name: task for task in tasks.values()}
    return [
        Result(name, one.most_kick, tables[name], ONSET if one.objective == ONSET.objective else tables[name].sought)
        for name, one in every.items()
    ]


def _effort(folder: Path, cells: Sequence[Cell]) -> str:
    """How much it took, however busy the machine was."""
    try:
        seconds = sum(map(_seconds, plain_csv(read_text(Folder(folder).file(TIMES), MOST_TIMES))))
    except UnreadableError:
        seconds = 0.0
    done = sum(cell.done for cell in cells)
    return f"{done} of {len(cells)} runs, {seconds / 3600:.1f} hours of one core, on {processor()}."


def _seconds(row: Mapping[str, str]) -> float:
    """What a process used; 0 where that is no number."""
    try:
        seconds = float(row.get("seconds", 0))
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
