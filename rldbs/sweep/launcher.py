"""Starting the runs of a sweep with one of Hydra's launchers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra._internal.callbacks import Callbacks
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig, OmegaConf

from rldbs.config.composition import hydra_errors, own_hydra
from rldbs.config.overrides import override_text, read_overrides
from rldbs.process.children import safe_children
from rldbs.sweep import joblib, ray, slurm
from rldbs.sweep.job import job

PRIMARY = "job"
"""The configuration of which every run gets its own."""
QUIET = ("hydra/hydra_logging=none", "hydra/job_logging=none", "hydra.output_subdir=null", "hydra.job.chdir=false")
"""Hydra leaves no files, no log and no messages of its own."""


def launch(
    folder: Path, runs: Sequence[Path], threads: int, hydra: Sequence[str], say: Callable[[str], None]
) -> Mapping[Path, str]:
    """Have every run done, in whatever process the launcher gives it; back when the launcher has no more to do.

    What has become of the runs stands in their folders.

    Args:
        folder: of the sweep, absolute.
        runs: prepared run folders, absolute.
        threads: of each run.
        hydra: overrides of Hydra's own settings: which launcher, and its settings.
        say: tells the user something.

    Returns:
        Runs that are not to be started again though they have not said that they failed, each with the reason.

    Raises:
        SettingError: a setting of the launcher is not allowed.
        Exception: whatever a launcher raises whose processes have died.
    """
    with _composed(folder, hydra) as (app, whole), safe_children():
        if _name(whole) == joblib.LAUNCHER:
            joblib.do(runs, threads, _settings(whole))
            return {}
        if _name(whole) == ray.LAUNCHER:
            ray.do(runs, threads, _settings(whole), say)
            return {}
        if _name(whole) == slurm.LAUNCHER:
            return slurm.do(folder, runs, threads, _settings(whole), say)
        jobs = [[override_text("folder", str(run)), f"threads={threads}"] for run in runs]
        _launcher(app, whole).launch(jobs, initial_job_idx=0)
        return {}


def check_launcher(hydra: Sequence[str]) -> None:
    """Whether there is such a launcher, and it has such settings.

    Raises:
        SettingError: no.
    """
    with _composed(Path.cwd(), hydra) as (app, whole):
        if _name(whole) == ray.LAUNCHER:
            ray.check(_settings(whole))
        elif _name(whole) == slurm.LAUNCHER:
            slurm.check(_settings(whole))
        else:
            _launcher(app, whole)


def _launcher(app: Any, whole: DictConfig) -> Launcher:
    context = HydraContext(config_loader=app.config_loader, callbacks=Callbacks())
    return Plugins.instance().instantiate_launcher(hydra_context=context, task_function=job, config=whole)


def _name(whole: DictConfig) -> str:
    return str(whole.hydra.runtime.choices["hydra/launcher"])


def _settings(whole: DictConfig) -> Mapping[str, Any]:
    settings = OmegaConf.to_container(whole.hydra.launcher, resolve=True)
    assert isinstance(settings, dict)
    return {str(key): value for key, value in settings.items()}


@contextmanager
def _composed(folder: Path, hydra: Sequence[str]) -> Iterator[tuple[Any, DictConfig]]:
    """Hydra, and its configuration for a sweep."""
    parsed = read_overrides("train", hydra)
    where = [override_text("hydra.sweep.dir", str(folder)), "hydra.sweep.subdir=."]
    with own_hydra() as app:
        with hydra_errors("train", parsed, None):
            whole = app.compose_config(PRIMARY, [*QUIET, *hydra, *where], RunMode.MULTIRUN, from_shell=False)
        yield app, whole
