"""The runs of a sweep in processes of this machine, several at a time.

The settings are those of Hydra's launcher for joblib. The processes are started here: that launcher's stay for minutes
or for ever when the sweep is killed, and a signal that came to the sweep alone would not reach their runs.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rldbs.process.children import end_with
from rldbs.process.stop import note_signals
from rldbs.sweep.job import do_run, stopping

LAUNCHER = "joblib"
JOBS = "hydra.launcher.n_jobs"
OF_HYDRA = ("_target_", "backend")
"""Settings that are none of joblib's, or that have one value here."""


def do(runs: Sequence[Path], threads: int, launcher: Mapping[str, Any]) -> None:
    """Have every run done by one of several processes, which end with this one; back when all have ended.

    Args:
        runs: prepared run folders, absolute.
        threads: of each run.
        launcher: settings of Hydra's launcher for joblib.

    Raises:
        Exception: what joblib raises when a process has died, or for a setting that it does not know.
    """
    from joblib import Parallel, delayed

    settings = {key: _number(value) for key, value in launcher.items() if key not in OF_HYDRA}
    parallel = Parallel(backend="loky", initializer=begin, initargs=(os.getpid(),), **settings)
    parallel(delayed(do_run)(run, threads) for run in runs)


def begin(parent: int) -> None:
    """What a process does before its first run: it ends with its parent, and a signal is a request to its runs.

    Args:
        parent: the number of the process of the sweep.
    """
    end_with(parent)
    note_signals(stopping)


def _number(value: object) -> object:
    """A setting; those that may be a word or a number are always text for Hydra."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value
