"""One run of a sweep, in whatever process or on whatever machine a launcher does it."""

import os
import traceback
from pathlib import Path

from omegaconf import DictConfig
from rich.console import Console

from rldbs.config.schema import train_settings
from rldbs.core.errors import RldbsError
from rldbs.files.folder import Folder
from rldbs.process.console import screen
from rldbs.process.shortage import shortage
from rldbs.process.stop import Stopped, StopRequest
from rldbs.runs.find import status_of
from rldbs.runs.lock import in_use
from rldbs.runs.record import read_config
from rldbs.sweep.sweep_folder import LOGS, log_of, place_of

WIDTH = 160
"""Characters of a line of a log."""
stopping = StopRequest()
"""Whether the sweep is to stop: the runs that have not begun then do not. One in every process that does its jobs."""


def job(config: DictConfig) -> None:
    """As Hydra's launchers do it: :func:`do_run`, with ``folder`` and ``threads`` in a configuration."""
    do_run(Path(config.folder), int(config.threads))


def do_run(run: Path, threads: int) -> None:
    """Do a run whose folder is prepared, or go on with it; one that is done, or at work elsewhere, is left alone.

    All that it says goes to its log, and what has become of it stands in its folder: nothing is raised for a run that
    fails or is stopped.

    Args:
        run: the run folder, absolute.
        threads: those of the run.
    """
    folder = place_of(run)
    if stopping.number is not None or status_of(folder) == "done" or in_use(folder):
        return
    (folder.parent / LOGS).make()
    with open(log_of(folder).open(os.O_WRONLY | os.O_CREAT | os.O_APPEND), "a", encoding="utf-8") as log:
        console = screen(log, WIDTH)
        try:
            _go_on(folder, threads, console)
        except Stopped as stop:
            console.print(str(stop), highlight=False, markup=False)
            stopping.number = stop.number
        except RldbsError as error:
            console.print(f"rldbs: {error}", highlight=False, markup=False)
        except Exception as error:
            console.print(_said(error), highlight=False, markup=False)


def _said(error: Exception) -> str:
    """What is to be said of an error that is none of ours."""
    told = shortage(error)
    return traceback.format_exc() if told is None else f"rldbs: {told}"


def _go_on(folder: Folder, threads: int, console: Console) -> None:
    settings = train_settings({**read_config(folder), "threads": threads})
    from rldbs.experiment.train import resume, train

    begun = any(folder.kind(name) is not None for name in ("meta.json", "checkpoints"))
    (resume if begun else train)(settings, folder, console)
