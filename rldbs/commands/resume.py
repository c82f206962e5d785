"""The arguments of ``rldbs resume``: which run, search, sweep or curves go on, and with what budget.

``last`` is the newest that has not reached its end, or that a larger budget takes further.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rldbs.commands.curves import resume_curves
from rldbs.commands.tune import resume_search
from rldbs.config.composition import Config
from rldbs.config.overrides import read_override, read_overrides
from rldbs.config.schema import train_settings
from rldbs.core.errors import RunError, SettingError
from rldbs.process.shell import to_type
from rldbs.runs.find import GOES_ON, Run, complete, find_run, find_unfinished, list_runs, read_run
from rldbs.runs.places import ROOT
from rldbs.runs.record import read_config, read_tuning
from rldbs.runs.zoo import shipped
from rldbs.sweep.find_sweep import find_sweep, unfinished_sweep
from rldbs.sweep.sweep_folder import Sweep

if TYPE_CHECKING:
    from rich.console import Console

RESUMABLE = ("steps", "threads")
"""What may be other when a run is resumed."""
BUDGETS = {"steps": "train", "tune.trials": "tune"}
"""The setting that is the budget of a run, and the command that made the run."""


def resume_one(text: str, overrides: Sequence[str]) -> None:
    """Go on with a training run, with a search, with a sweep, or with response curves.

    Raises:
        SettingError: an override is not allowed.
        RunError: there is no such run, it has reached its end, or another process works on it.
        RldbsError: runs of the sweep have failed.
    """
    run = find_last(overrides) if text == "last" else find_sweep(text) or find_run(text, key=None, wanted=GOES_ON)
    if isinstance(run, Sweep):
        from rldbs.sweep.run_sweep import resume_sweep

        resume_sweep(run, overrides)
        return
    if shipped(run):
        raise RunError(f"{text}: comes with the package, and is complete")
    if read_run(run).curves:
        resume_curves(run, overrides)
    elif not read_run(run).trained:
        resume_search(run, overrides)
    else:
        _resume_run(run, overrides)


def resume_training(text: str, overrides: Sequence[str], console: "Console | None" = None) -> Path:
    """Go on with a training run, and with nothing else.

    Args:
        text: the run, as for the command.
        overrides: as for the command.
        console: where progress and the table are shown, by default the standard output.

    Returns:
        The run folder.

    Raises:
        SettingError, RunError: as for :func:`resume_one`; or ``last`` is no training run.
    """
    run = find_last(overrides) if text == "last" else find_run(text, key=None)
    if isinstance(run, Sweep) or not read_run(run).trained:
        what = run.short if isinstance(run, Sweep) else run
        raise RunError(f"last: {what} is no training run; go on with it by: {to_type('resume', 'last')}, or name a run")
    if shipped(run):
        raise RunError(f"{text}: comes with the package, and is complete")
    _resume_run(run, overrides, console)
    return run


def _resume_run(run: Path, overrides: Sequence[str], console: "Console | None" = None) -> None:
    config = read_config(run)
    budget, changes = train_settings(config).steps, _changes(overrides)
    settings = train_settings({**config, **changes})
    if settings.steps < budget:
        raise SettingError(f"steps={settings.steps}: the budget can only grow; it is {budget}")
    if settings.steps == budget and complete(run):
        more = to_type("resume", run, "steps=MORE")
        raise RunError(f"{run}: has reached its budget of {budget:,} steps\nFor more: {more}")
    from rldbs.experiment.train import resume

    resume(settings, run, console)


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


def _changes(overrides: Sequence[str]) -> Config:
    """What a resumed run may do otherwise.

    Raises:
        SettingError: an override would change what the run means.
    """
    changes: Config = {}
    for override in read_overrides("train", overrides):
        if override.key_or_group not in RESUMABLE:
            raise SettingError(
                f"{override.input_line}: a resumed run stays what it is; only {' and '.join(RESUMABLE)} may change\n"
                "For other settings start a new run: rldbs train"
            )
        if override.is_sweep_override():
            raise SettingError(f"{override.input_line}: one value is needed")
        changes[override.key_or_group] = override.value()
    return changes
