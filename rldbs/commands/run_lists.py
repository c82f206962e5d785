"""``rldbs list runs`` and ``sweeps``: which there are, and what has become of each."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rldbs.commands.offered_words import OF_RUNS
from rldbs.core.errors import SettingError
from rldbs.process.terminal import show, show_table
from rldbs.runs.best_value import best_value
from rldbs.runs.clock import instant
from rldbs.runs.find import Run, list_runs
from rldbs.runs.labels import recorded_labels
from rldbs.runs.places import ROOT, SWEEPS

if TYPE_CHECKING:
    from rldbs.sweep.sweep_folder import Sweep


def show_runs(words: Sequence[str] = (), most: int | None = None) -> None:
    wanted = [_wanted(word) for word in words]
    runs = [run for run in list_runs() if all(_fits(run, key, value) for key, value in wanted)][:most]
    best = [best_value(run) for run in runs]
    labels = {one.label for one in best if one is not None}
    alike = len(labels) == 1
    told = ["" if one is None else str(one) if alike else f"{one.label} {one}" for one in best]
    rows = [_run_row(run, value) for run, value in zip(runs, told, strict=True)]
    columns = ["run", "status", "steps", f"{next(iter(labels))} of the best" if alike else "of the best", "age"]
    written = [recorded_labels(run.meta) for run in runs]
    for name, texts in (("tags", [" ".join(one.tags) for one in written]), ("note", [one.note for one in written])):
        if any(texts):
            columns.append(name)
            rows = [[*row, text] for row, text in zip(rows, texts, strict=True)]
    if rows:
        show_table(" ".join(["runs", *words]), columns, rows)
    elif words:
        show(f"runs {' '.join(words)}: none under {ROOT}/")
    else:
        more = "; those of sweeps: rldbs list sweeps" if SWEEPS.is_dir() else ""
        show(f"runs: none yet under {ROOT}/{more}")


def _wanted(word: str) -> tuple[str, str]:
    """What a word asks of a run: a key of :data:`OF_RUNS`, and its value."""
    key, equals, value = word.partition("=")
    if not equals or key not in OF_RUNS:
        raise SettingError(f"{word}: runs are narrowed by {', '.join(f'{name}=' for name in OF_RUNS)}")
    return key, value


def _fits(run: Run, key: str, value: str) -> bool:
    if key == "tag":
        return value in recorded_labels(run.meta).tags
    return value == (run.status if key == "status" else run.meta.get(key))


def show_sweeps(most: int | None = None) -> None:
    from rldbs.sweep.find_sweep import list_sweeps  # which loads Hydra: no other list needs it

    rows = [_sweep_row(sweep) for sweep in list_sweeps()[:most]]
    if rows:
        show_table("sweeps", ("sweep", "varies", "done", "running", "failed", "waiting", "age"), rows)
    else:
        show(f"sweeps: none yet under {SWEEPS}/; start one with: rldbs train -m seed=0,1,2")


def _sweep_row(sweep: "Sweep") -> list[str]:
    states = Counter(sweep.status(job) for job in sweep.jobs)
    waiting = states["waiting"] + states["interrupted"]
    counts = [
        f"{states['done']} of {len(sweep.jobs)}",
        *(str(n) for n in (states["running"], states["failed"], waiting)),
    ]
    return [sweep.short, ", ".join(sweep.keys), *counts, _age(instant(sweep.started))]


def _run_row(run: Run, best: str) -> list[str]:
    steps, done = run.meta.get("steps"), run.meta.get("steps_done")
    progress = f"{done:,} / {steps:,}" if isinstance(done, int) and isinstance(steps, int) else ""
    if isinstance(done, int) and isinstance(steps, int) and done >= steps and run.status in ("interrupted", "failed"):
        progress = f"{done:,}, not measured yet"
    trials, tried = run.meta.get("trials"), run.meta.get("trials_done")
    if isinstance(trials, int) and isinstance(tried, int):
        progress = f"{tried:,} / {trials:,} trials"
    return [run.name, run.status, progress, best, _age(instant(run.meta.get("started")))]


def _age(began: float | None) -> str:
    if began is None:
        return ""
    seconds = time.time() - began
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
