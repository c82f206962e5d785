"""Starting what makes a folder: one run, a sweep of runs through one of Hydra's launchers, or response curves."""

import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from math import prod
from pathlib import Path
from typing import Any

from hydra._internal.callbacks import Callbacks
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn, JobStatus
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig

from rldbs.axes import given
from rldbs.composition import (
    Config,
    compose,
    compose_run,
    hydra_errors,
    own_hydra,
    plain,
    searchpath,
)
from rldbs.config import simulate_settings, train_settings
from rldbs.core.errors import RldbsError, RunError, SettingError
from rldbs.curves import curve_settings
from rldbs.experiment.record import read_config
from rldbs.experiment.runs import (
    ROOT,
    find_run,
    find_unfinished,
    given_folder,
    new_folder,
    new_run_folder,
    read_meta,
    read_run,
    status_of,
)
from rldbs.experiment.settings import Point, TrainSettings
from rldbs.experiment.zoo import shipped
from rldbs.overrides import MOST_VALUES, read_overrides
from rldbs.recorded import json_path
from rldbs.stop import Stopped, StopRequest, stop_requests
from rldbs.stress import stress_settings
from rldbs.terminal import complain, show
from rldbs.threads import runs_at_once, with_threads
from rldbs.tuning import check_optuna, resumed_tuning, tuning

QUIET = ("hydra/hydra_logging=none", "hydra/job_logging=none", "hydra.output_subdir=null", "hydra.job.chdir=false")
"""Hydra leaves no files, no log and no messages of its own."""
RESUMABLE = ("steps", "threads")
"""What may be other when a run is resumed."""
NOWHERE = "."
"""The sweep folder when the user has named none: every run makes its own folder, as a single one does."""


LEFT_OUT = "The sweep has stopped. Runs that had begun can be resumed: rldbs list runs. The others were left out"
_stop = StopRequest()
"""Whether the sweep is to stop: the runs that have not begun then do not. One in every process that does its jobs."""


class JobFailed(Exception):  # noqa: N818
    """A run of a sweep has failed and has said why."""


def train_one(overrides: Sequence[str], directory: Path | None) -> None:
    """Train once.

    Raises:
        SettingError: an override is not allowed.
        RunError: the folder that ``hydra.run.dir`` names is in use.
    """
    config, folder = compose_run("train", overrides, directory)
    _check(config, overrides)
    _train(config, folder)


def resume_one(text: str, overrides: Sequence[str]) -> None:
    """Go on with a training run, or with a search.

    Raises:
        SettingError: an override is not allowed.
        RunError: there is no such run, it has reached its end, or another process works on it.
    """
    run = find_unfinished() if text == "last" else find_run(text, key=None, searches=True)
    if shipped(run):
        raise RunError(f"{text}: comes with the package, and is complete")
    if not read_run(run).trained:
        _resume_tuning(run, overrides)
        return
    config = read_config(run)
    budget, changes = train_settings(config).steps, _changes(overrides)
    settings = train_settings({**config, **changes})
    if settings.steps < budget:
        raise SettingError(f"steps={settings.steps}: the budget can only grow; it is {budget}")
    if settings.steps == budget and status_of(run) == "done":
        raise RunError(f"{run}: has reached its budget of {budget:,} steps\nFor more: rldbs resume {run} steps=MORE")
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
    if status_of(run) == "done" and read_meta(run).get("trials") == settings.tune.trials:
        raise RunError(
            f"{run}: has done its {settings.tune.trials} trials\nFor more: rldbs resume {run} tune.trials=MORE"
        )
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


def sweep(overrides: Sequence[str], directory: Path | None) -> bool:
    """Train once for every combination of the values in ``overrides``; whether all went well.

    All combinations are checked before the first run starts.

    Raises:
        SettingError: an override is not allowed.
    """
    parsed = read_overrides("train", overrides, directory)
    for override in parsed:
        if override.key_or_group == "hydra.run.dir":
            raise SettingError(f"{override.input_line}: the folder of a sweep is hydra.sweep.dir=DIR")
        if override.is_hydra_override() and override.is_sweep_override():
            raise SettingError(f"{override.input_line}: settings of Hydra take one value")
        if override.is_sweep_override() and not override.is_discrete_sweep():
            raise SettingError(f"{override.input_line}: a sweep needs single values: KEY=1,2,3 or KEY=range(3)")
    settings = [override for override in parsed if not override.is_hydra_override()]
    if prod(len(list(o.sweep_iterator())) for o in settings if o.is_sweep_override()) > MOST_VALUES:
        raise SettingError(f"train -m: at most {MOST_VALUES} runs in one go")
    jobs: list[list[str]] = BasicSweeper.split_arguments(settings, None)[0]
    for job in jobs:
        try:
            _check(compose("train", job, directory), job)
        except SettingError as error:
            raise SettingError(f"{error}\n(in the run with {' '.join(job)})" if len(jobs) > 1 else str(error)) from None
    hydra = [str(override.input_line) for override in parsed if override.is_hydra_override()]
    fixed = [override.key_or_group for override in settings if not override.is_sweep_override()]
    results = launch(_job, jobs, [*hydra, *_folders(hydra, jobs, fixed)], directory)
    failed = sum(result.status is not JobStatus.COMPLETED for result in results)
    if failed:
        complain(f"{failed} of {len(jobs)} runs failed")
    return not failed


def measure_curves(overrides: Sequence[str], directory: Path | None) -> None:
    """Measure response curves, or a stress test.

    Raises:
        SettingError: an override is not allowed.
        RunError: there is no such run, it does not fit, or the folder that ``hydra.sweep.dir`` names is in use.
        DivergedError: points are missing; all others are measured.
    """
    request = given(overrides, directory)
    if request.stress is None:
        curves = curve_settings(request, directory)
        from rldbs.experiment.curve import check_curves, measure_curves

        check_curves(curves.points)
        with _curve_folder(request.folder, curves.points) as folder:
            measure_curves(curves, folder, request.json_path)
    else:
        stresses = stress_settings(request, directory)
        from rldbs.experiment.curve import check_curves
        from rldbs.experiment.stress import measure_stresses

        check_curves(list({point.line: point for point in stresses.points}.values()))  # a stress changes no shape
        with _curve_folder(request.folder, stresses.points) as folder:
            measure_stresses(stresses, folder, request.json_path)


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


def bench_settings(overrides: Sequence[str], directory: Path | None) -> tuple[TrainSettings, Path | None]:
    """The training run whose parts are timed, and where the numbers are also written, or None.

    Raises:
        SettingError: an override is not allowed.
    """
    config = dict(compose("bench", overrides, directory))
    path = config.pop("json")
    return train_settings(config), None if path is None else json_path(str(path))


def launch(
    task: Callable[[DictConfig], Any], jobs: Sequence[Sequence[str]], hydra: Sequence[str], directory: Path | None
) -> Sequence[JobReturn]:
    """Run ``task`` once for every job, a list of overrides, with the launcher that the overrides ``hydra`` choose."""
    given = {text.partition("=")[0] for text in hydra}
    quiet = [text for text in QUIET if text.partition("=")[0] not in given]
    parsed = read_overrides("train", hydra, directory)
    with own_hydra() as app:
        with hydra_errors("train", parsed, directory):
            whole = app.compose_config(
                "train", [*quiet, *hydra, *searchpath(directory)], RunMode.MULTIRUN, from_shell=False
            )
            context = HydraContext(config_loader=app.config_loader, callbacks=Callbacks())
            launcher = Plugins.instance().instantiate_launcher(hydra_context=context, task_function=task, config=whole)
        show(f"{len(jobs)} runs")
        try:
            with stop_requests(_stop, (signal.SIGINT,)):  # a terminal sends it to the jobs too: they save themselves
                return launcher.launch(jobs, initial_job_idx=0)
        except Stopped as stop:
            raise Stopped(LEFT_OUT, stop.number) from None


def _folders(hydra: Sequence[str], jobs: Sequence[Sequence[str]], fixed: Sequence[str]) -> list[str]:
    """The overrides that name the folders of a sweep: by what varies, or by number where that is no good name."""
    given = {text.partition("=")[0] for text in hydra}
    if "hydra.sweep.dir" not in given:
        return [f"hydra.sweep.dir={NOWHERE}", f"hydra.sweep.subdir={NOWHERE}"]
    if "hydra.sweep.subdir" in given:
        return []
    names = {",".join(text for text in job if text.partition("=")[0] not in fixed) for job in jobs}
    if len(names) < len(jobs) or any("/" in name or not 0 < len(name) <= 200 for name in names):
        return ["hydra.sweep.subdir=${hydra.job.num}"]
    excluded = f"hydra.job.config.override_dirname.exclude_keys=[{','.join(fixed)}]"
    return ["hydra.sweep.subdir=${hydra.job.override_dirname}", excluded]


def _job(config: DictConfig) -> None:
    """One run of a sweep. It says itself what went wrong: the launcher may be in another process."""
    if _stop.number is not None:
        return
    hydra = HydraConfig.get()
    job = " ".join(hydra.overrides.task)
    try:
        whole = with_threads(plain("train", config), runs_at_once(hydra.launcher))
        _train(whole, None if hydra.sweep.dir == NOWHERE else Path(hydra.runtime.output_dir))
    except Stopped as stop:
        complain(f"{job}: {stop}")
        _stop.number = stop.number
    except RldbsError as error:
        complain(f"{job}: {error}")
        raise JobFailed(job) from None
    except Exception:
        complain(f"{job}:\n{traceback.format_exc()}")
        raise JobFailed(job) from None


def _check(config: Config, overrides: Sequence[str]) -> None:
    """Whether a training run can be.

    Raises:
        SettingError: it cannot; where an experiment has brought in what does not fit, the message says so.
    """
    try:
        train_settings(config)
    except SettingError as error:
        key = str(error).partition(":")[0].partition("=")[0]
        experiment = next((text for text in overrides if text.startswith("experiment=")), None)
        if experiment is None or any(text.startswith(f"{key}=") for text in overrides):
            raise
        raise SettingError(f"{error}\n({experiment} sets {key})") from None


def _train(config: Config, folder: Path | None) -> None:
    settings = train_settings(config)
    with _run_folder(folder, settings.loop.model.name, config["agent"]["name"], settings.seed) as path:
        from rldbs.experiment.train import train

        train(settings, path)


def _curve_folder(given: Path | None, points: Sequence[Point]) -> AbstractContextManager[Path]:
    return _folder(given, lambda: new_folder(ROOT / "curves", points[0].settings.seed))


def _run_folder(given: Path | None, model: str, agent: str, seed: int) -> AbstractContextManager[Path]:
    return _folder(given, lambda: new_run_folder(ROOT, model, agent, seed))


@contextmanager
def _folder(given: Path | None, new: Callable[[], Path]) -> Iterator[Path]:
    """The folder that the user has named, or a new one; it goes again when nothing is written."""
    folder = new() if given is None else given_folder(given)
    try:
        yield folder
    finally:
        with suppress(OSError):
            folder.rmdir()  # only goes when it is empty
