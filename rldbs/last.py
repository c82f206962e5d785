"""What ``rldbs resume last`` means: the newest that has not reached its end, or that a larger budget takes further."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rldbs.core.errors import RunError
from rldbs.experiment.places import ROOT
from rldbs.experiment.record import read_config, read_tuning
from rldbs.experiment.runs import Run, find_unfinished, list_runs
from rldbs.overrides import read_override
from rldbs.sweep.folder import Sweep, unfinished_sweep

BUDGETS = {"steps": "train", "tune.trials": "tune"}
"""The setting that is the budget of a run, and the command that made the run."""


def find_last(overrides: Sequence[str]) -> Sweep | Path:
    """The sweep, or the folder of the run, that ``last`` means beside these overrides.

    Raises:
        SettingError: an override cannot be read.
        RunError: there is none.
    """
    for text in overrides:
        override = read_override(text, {})
        if override.key_or_group in BUDGETS and not override.is_sweep_override():
            return _extendable(override.key_or_group, override.value(), text)
    return unfinished_sweep() or find_unfinished()


def _extendable(key: str, budget: object, given: str) -> Path:
    """The folder of the newest run that goes on with this budget."""
    runs = [run for run in list_runs() if run.resumable and run.meta.get("command", "train") == BUDGETS[key]]
    for run in runs:
        now = _budget(run, key)
        unfinished = run.status in ("interrupted", "failed")
        if run.status != "running" and now is not None and (_less(now, budget) or (unfinished and now == budget)):
            return run.folder
    what = "training run" if key == "steps" else "search"
    newest = f"; the newest, {runs[0].name}, has {key}={_budget(runs[0], key)}" if runs else ""
    raise RunError(f"last {given}: under {ROOT}/ there is no {what} that goes on with it{newest}")


def _less(now: int, budget: object) -> bool:
    """Whether a budget is larger than that of a run; what is no number is refused when the run is resumed."""
    return not isinstance(budget, int | float) or now < budget


def _budget(run: Run, key: str) -> int | None:
    """What a run's configuration says; None where it cannot be read."""
    try:
        found: object = read_config(run.folder) if key == "steps" else read_tuning(run.folder)
    except RunError:
        return None
    for name in key.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, int) else None
