"""``rldbs benchmark``: everything that is not done yet, then the tables."""

import csv
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from rldbs.analysis.whole_file import whole_file
from rldbs.benchmark.plan import Benchmark, Cell, benchmark, plan
from rldbs.benchmark.report import Result, markdown, picture
from rldbs.benchmark.work import TIMES, work
from rldbs.core.errors import RldbsError, visible
from rldbs.experiment.compare.collect import collect
from rldbs.experiment.compare.result import Comparison, compare
from rldbs.experiment.compare.write import write
from rldbs.experiment.lock import sole
from rldbs.experiment.record import processor
from rldbs.threads import cores
from rldbs.tuning import check_optuna

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
    console = console or Console()
    settings = benchmark(overrides, directory)
    if settings.controllers:
        check_optuna()
    folder, jobs = Path(settings.folder), settings.jobs or cores()
    with console.status("looking at the settings of all runs"):
        cells = plan(settings, directory)
    folder.mkdir(parents=True, exist_ok=True)
    with sole(folder):
        failed = work(cells, jobs, folder, console, directory)
    if len(failed) < len(cells):
        report = write_report(settings, cells, folder)
        console.print(report, highlight=False, markup=False, soft_wrap=True)
        console.print(f"report   {visible(str(folder / REPORT))}", soft_wrap=True, highlight=False, markup=False)
    if failed:
        lines = [f"{cell.name}: {reason}" for cell, reason in failed]
        raise RldbsError(
            "\n".join([*lines, f"{len(failed)} of {len(cells)} runs failed; the same command tries again"])
        )


def write_report(settings: Benchmark, cells: Sequence[Cell], folder: Path) -> str:
    """Write the tables of the runs that are done, into the folder and where ``report`` says; the summary."""
    report = folder / REPORT
    report.mkdir(exist_ok=True)
    done = [cell for cell in cells if cell.done]
    comparison = compare(collect([str(cell.folder) for cell in done]))
    write(comparison, report)
    results = _results(comparison, done)
    picture(results, report / "benchmark.png", settings.episodes)
    summary = markdown(results, [_effort(folder, cells)])
    with whole_file(report / SUMMARY) as file:
        file.write(summary.encode())
    if settings.report is not None:
        everything = shutil.ignore_patterns("comparison.json")  # megabytes: every value of every population
        shutil.copytree(report, os.path.expanduser(settings.report), ignore=everything, dirs_exist_ok=True)
    return summary


def _results(comparison: Comparison, cells: Sequence[Cell]) -> list[Result]:
    """What was measured on every task, in the order of the tasks."""
    tasks = {cell.folder.resolve(): cell.task for cell in cells}
    tables = {
        tasks[Path(run).resolve()].name: table for table in comparison.tables for row in table.rows for run in row.runs
    }
    every = {task.name: task for task in tasks.values()}
    return [Result(name, every[name].most_kick, tables[name]) for name in every]


def _effort(folder: Path, cells: Sequence[Cell]) -> str:
    """How long it took."""
    seconds = 0.0
    if (folder / TIMES).is_file():
        with open(folder / TIMES, newline="") as file:
            seconds = sum(float(row["seconds"]) for row in csv.DictReader(file))
    done = sum(cell.done for cell in cells)
    return f"{done} of {len(cells)} runs, {seconds / 3600:.1f} hours of one core, on {processor()}."
