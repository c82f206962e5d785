"""results.csv: a row for every run of a sweep that has ended."""

from collections.abc import Iterable, Mapping
from typing import Any

from rldbs.analysis.metric_definitions import METRICS
from rldbs.files.appended import Appended
from rldbs.files.csv_table import csv_bytes
from rldbs.files.descriptors import UNFINISHED
from rldbs.files.folder import Folder
from rldbs.runs.find import read_meta, read_metrics
from rldbs.runs.json_fields import FINAL, KINDS
from rldbs.sweep.definition import Job
from rldbs.sweep.sweep_folder import Sweep

RESULTS = "results.csv"
FIRST = "run"
STATE = ("status", "steps", "training_time", "error")


class Results:
    """results.csv of a sweep, which grows as runs end.

    Columns: ``run``, the keys that vary (one that is called like another column, ``reward``, with ``set_`` before it),
    ``status``, ``steps`` that were learned, ``training_time`` in seconds, ``error``, then every metric of the
    deterministic policy, and with ``stochastic_`` before its name of the stochastic one: interquartile means over
    populations, empty where there is none.

    Args:
        sweep: the sweep.
        kept: the runs that have ended and will not be done again.
    """

    def __init__(self, sweep: Sweep, kept: Iterable[Job]) -> None:
        self._sweep = sweep
        self._columns = columns(sweep)
        file = sweep.place.file(RESULTS)
        rows = [self._line(row_of(sweep, job)) for job in kept]
        with file.whole() as out:
            out.write(b"".join([self._line({name: name for name in self._columns}), *rows]))
        self._file = Appended(file)

    def add(self, job: Job, reason: str = "") -> None:
        """A run has ended; ``reason`` says why where it could not say so itself."""
        row = row_of(self._sweep, job)
        self._file.append(self._line(row | {"error": row["error"] or reason}))

    def close(self) -> None:
        self._file.sync()
        self._file.close()

    def _line(self, row: Mapping[str, object]) -> bytes:
        return csv_bytes([[row.get(name, "") for name in self._columns]])


def remove_unfinished_results(folder: Folder) -> None:
    """Remove what a process that was killed has left half written of results.csv; its lock is that of the sweep."""
    for name in folder.names():
        if UNFINISHED.fullmatch(name) and name.startswith(f".{RESULTS}."):
            folder.remove(name)


def columns(sweep: Sweep) -> tuple[str, ...]:
    """The columns of results.csv."""
    return (FIRST, *map(_column, sweep.keys), *STATE, *METRICS, *(f"{KINDS[1]}_{key}" for key in METRICS))


def _column(key: str) -> str:
    """The column of a key that varies."""
    return f"set_{key}" if key in (FIRST, *STATE, *METRICS) else key


def row_of(sweep: Sweep, job: Job) -> dict[str, object]:
    """What is to be said of a run."""
    folder = sweep.run(job)
    meta, metrics = read_meta(folder), read_metrics(folder, FINAL)
    row: dict[str, object] = {FIRST: job.name, **dict(zip(map(_column, sweep.keys), job.values, strict=True))}
    row |= {"status": sweep.status(job), "steps": meta.get("steps_done", 0)}
    row |= {"training_time": meta.get("training_time", ""), "error": error_of(folder)}
    if row["status"] == "done":
        for kind, prefix in zip(KINDS, ("", f"{KINDS[1]}_"), strict=True):
            row |= {f"{prefix}{key}": _number(metrics.get(kind, {}).get(key)) for key in METRICS}
    return row


def error_of(folder: Folder) -> str:
    """Why a run has failed, in one line; empty where it has not."""
    return " ".join(read_meta(folder).get("error", "").split())


def _number(metric: Any) -> object:
    value = metric.get("iqm") if isinstance(metric, dict) else None
    return f"{value:.10g}" if isinstance(value, int | float) else ""
