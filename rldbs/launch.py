"""Starting what makes a folder: one run, a search, or response curves."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from rldbs.axes import given
from rldbs.composition import Config, compose, compose_run
from rldbs.config import check_training, simulate_settings, train_settings
from rldbs.core.errors import RunError, SettingError
from rldbs.core.shell import to_type
from rldbs.curves import curve_settings
from rldbs.experiment.places import CURVES, ROOT
from rldbs.experiment.record import read_config
from rldbs.experiment.runs import (
    complete,
    find_run,
    given_folder,
    new_folder,
    new_run_folder,
    read_meta,
    read_run,
)
from rldbs.experiment.settings import CurveSettings, StressSettings, TrainSettings
from rldbs.experiment.zoo import shipped
from rldbs.files.folder import Folder
from rldbs.files.named import NamedFile, clear_output
from rldbs.last import find_last
from rldbs.overrides import read_overrides
from rldbs.stress import stress_settings
from rldbs.sweep.folder import Sweep, find_sweep
from rldbs.tuning import check_optuna, resumed_tuning, tuning

RESUMABLE = ("steps", "threads")
"""What may be other when a run is resumed."""


def train_one(overrides: Sequence[str], directory: Path | None) -> None:
    """Train once.

    Raises:
        SettingError: an override is not allowed.
        RunError: the folder that ``hydra.run.dir`` names is in use.
    """
    config, folder = compose_run("train", overrides, directory)
    check_training(config, overrides, directory)
    _train(config, folder)


def resume_one(text: str, overrides: Sequence[str]) -> None:
    """Go on with a training run, with a search, with a sweep, or with response curves.

    Raises:
        SettingError: an override is not allowed.
        RunError: there is no such run, it has reached its end, or another process works on it.
        RldbsError: runs of the sweep have failed.
    """
    run = find_last(overrides) if text == "last" else find_sweep(text) or find_run(text, key=None, searches=True)
    if isinstance(run, Sweep):
        from rldbs.sweep.run import resume_sweep

        resume_sweep(run, overrides)
        return
    if shipped(run):
        raise RunError(f"{text}: comes with the package, and is complete")
    if read_run(run).curves:
        _resume_curves(run, overrides)
        return
    if not read_run(run).trained:
        _resume_tuning(run, overrides)
        return
    config = read_config(run)
    budget, changes = train_settings(config).steps, _changes(overrides)
    settings = train_settings({**config, **changes})
    if settings.steps < budget:
        raise SettingError(f"steps={settings.steps}: the budget can only grow; it is {budget}")
    if settings.steps == budget and complete(run):
        more = to_type("resume", run, "steps=MORE")
        raise RunError(f"{run}: has reached its budget of {budget:,} steps\nFor more: {more}")
    from rldbs.experiment.train import resume

    resume(settings, run)


def tune_one(overrides: Sequence[str], directory: Path | None) -> None:
    """Search.

    Raises:
        SettingError: an override is not allowed, or Optuna is not installed.
        RunError: the folder that ``hydra.run.dir`` names is in use.
        RldbsError: no trial is within the limits.
    """
    request = tuning(overrides, directory)
    check_optuna()
    settings = request.settings
    with _run_folder(request.folder, settings.model, f"{settings.agent}-tune", settings.seed) as path:
        from rldbs.experiment.tune.run import tune

        tune(settings, path)


def _resume_tuning(run: Path, overrides: Sequence[str]) -> None:
    settings = resumed_tuning(run, overrides)
    if complete(run) and read_meta(run).get("trials") == settings.tune.trials:
        more = to_type("resume", run, "tune.trials=MORE")
        raise RunError(f"{run}: has done its {settings.tune.trials} trials\nFor more: {more}")
    check_optuna()
    from rldbs.experiment.tune.run import resume

    resume(settings, run)


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


def measure_curves(overrides: Sequence[str], directory: Path | None) -> None:
    """Measure response curves, or a stress test.

    Raises:
        SettingError: an override is not allowed.
        RunError: there is no such run, it does not fit, or the folder that ``hydra.sweep.dir`` names is in use.
        DivergedError: points are missing; all others are measured.
        Stopped: a signal came; points that are done are kept, and the same command goes on.
    """
    request = given(overrides, directory)
    if request.stress is None:
        _measure(curve_settings(request, directory), request.folder, request.json_file)
    else:
        _measure(stress_settings(request, directory), request.folder, request.json_file)


def _resume_curves(folder: Path, overrides: Sequence[str]) -> None:
    from rldbs.resumed_curves import resumed_curves

    _measure(resumed_curves(folder, overrides), folder, None)


def _measure(settings: CurveSettings | StressSettings, named: Path | None, json_file: NamedFile | None) -> None:
    """Measure what is not measured yet of response curves, or of a stress test."""
    from rldbs.experiment.curve import check_curves, measure_curves
    from rldbs.experiment.stress import measure_stresses

    if isinstance(settings, CurveSettings):
        check_curves(settings.points)
        with _curve_folder(named, settings) as folder, clear_output(json_file):
            measure_curves(settings, folder, json_file)
    else:
        check_curves(list({point.line: point for point in settings.points}.values()))  # a stress changes no shape
        with _curve_folder(named, settings) as folder, clear_output(json_file):
            measure_stresses(settings, folder, json_file)


def simulate_one(overrides: Sequence[str], directory: Path | None) -> None:
    """Look at a free population.

    Raises:
        SettingError: an override is not allowed.
        RunError: the folder that ``hydra.run.dir`` names is in use.
    """
    config, folder = compose_run("simulate", overrides, directory)
    settings = simulate_settings(config)
    with _run_folder(folder, settings.model.name, "free", settings.seed) as path:
        from rldbs.experiment.simulate import simulate

        simulate(settings, path)


def bench_settings(overrides: Sequence[str], directory: Path | None) -> tuple[TrainSettings, NamedFile | None]:
    """The training run whose parts are timed, and where the numbers are also written, or None.

    Raises:
        SettingError: an override is not allowed.
    """
    config = dict(compose("bench", overrides, directory))
    path = config.pop("json")
    return train_settings(config), None if path is None else NamedFile.given(str(path), "json")


def _train(config: Config, folder: Path | None) -> None:
    settings = train_settings(config)
    with _run_folder(folder, settings.loop.model.name, config["agent"]["name"], settings.seed) as path:
        from rldbs.experiment.train import train

        train(settings, path)


@contextmanager
def _curve_folder(named: Path | None, settings: CurveSettings | StressSettings) -> Iterator[Path]:
    """The folder of curves: a new one, or that in which the same ones have begun."""
    from rldbs.experiment.curve_folder import named_folder, unfinished_folder

    if named is None:
        folder = unfinished_folder(settings) or new_folder(CURVES, settings.points[0].settings.seed)
    else:
        folder = named_folder(named, settings)
    with _emptied(folder):
        yield folder


def _run_folder(given: Path | None, model: str, agent: str, seed: int) -> AbstractContextManager[Path]:
    return _folder(given, lambda: new_run_folder(ROOT, model, agent, seed))


def _folder(given: Path | None, new: Callable[[], Path]) -> AbstractContextManager[Path]:
    """The folder that the user has named, or a new one; it goes again when nothing is written."""
    return _emptied(new() if given is None else given_folder(given))


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    """A folder that goes again when nothing is written into it."""
    try:
        yield folder
    finally:
        Folder(folder).remove_if_empty()
