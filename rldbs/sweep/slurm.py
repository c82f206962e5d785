"""The runs of a sweep as jobs of a SLURM cluster.

Hydra's launcher for SLURM says what a job asks for, and submitit submits it. What has become of a job is read from its
run folder and from ``squeue`` alone: the accounting, which submitit asks, is not everywhere, and what submitit calls a
success may be a job that has saved itself and waits for its next turn.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

from rldbs.core.errors import RldbsError, SettingError
from rldbs.experiment.record import write_json
from rldbs.experiment.runs import status_of
from rldbs.experiment.small_file import UnreadableError, plain_json, read_text
from rldbs.stop import NOTICE, Stopped, StopRequest, be_deaf, end_cleanly, stop_requests
from rldbs.sweep.job import job, stopping

if TYPE_CHECKING:
    from submitit.core.utils import DelayedSubmission

LAUNCHER = "submitit_slurm"
FILE = "slurm.json"
"""In the folder of a sweep: the job of every run that was submitted."""
MOST_IN_ARRAY = 1000
"""Jobs of one array: what SLURM allows unless it was set up otherwise."""
MOST_BYTES = 1 << 20
EVERY = 10.0
"""Seconds between two looks at the queue."""
PAUSE = 0.5
"""Seconds between two looks at the run folders."""
GENERAL = ("name", "timeout_min", "cpus_per_task", "mem_gb", "gpus_per_node")
"""Settings that submitit knows for every kind of cluster; it wants the others with ``slurm_`` before their name."""
OF_EXECUTOR = ("_target_", "submitit_folder", "max_num_timeout")


@dataclass(frozen=True)
class Task:
    """What a job does: one run of a sweep. It is stored when the job is submitted, and again when it is requeued."""

    folder: str
    """The run folder, absolute."""
    threads: int

    def __call__(self) -> None:
        """Do the run, or go on with it. Where a notice has stopped it, the job goes back into the queue."""
        requeue = signal.getsignal(NOTICE)  # submitit's
        end_cleanly()
        signal.signal(NOTICE, requeue)
        job(OmegaConf.create({"folder": self.folder, "threads": self.threads}))
        be_deaf()  # whatever comes is on account of what has come already, and the run is saved
        if stopping.number == NOTICE:
            signal.signal(NOTICE, requeue)
            signal.raise_signal(NOTICE)

    def checkpoint(self) -> "DelayedSubmission":
        """What is to be done when the job has its turn again: the same, for the run has saved itself in its folder."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def check() -> None:
    """Whether jobs can be submitted from here.

    Raises:
        SettingError: what that needs is not installed, or there is no SLURM.
    """
    if find_spec("submitit") is None:
        raise SettingError(f"hydra/launcher={LAUNCHER} needs an extra: pip install 'rldbs[slurm]'")
    missing = next((name for name in ("sbatch", "squeue", "srun") if shutil.which(name) is None), None)
    if missing:
        raise SettingError(f"hydra/launcher={LAUNCHER}: there is no SLURM on this machine: {missing} is not found")


def do(
    sweep: Path, runs: Sequence[Path], threads: int, launcher: Mapping[str, Any], say: Callable[[str], None]
) -> None:
    """Submit runs that are not in the queue yet, and wait until all have ended.

    Args:
        sweep: folder of the sweep, absolute, on a file system that the nodes share.
        runs: run folders in it, each with its settings.
        threads: of each run.
        launcher: settings of Hydra's launcher for SLURM.
        say: shows a line to the user.

    Raises:
        SettingError: SLURM has no such setting.
        RldbsError: SLURM does not take the jobs, or does not answer.
        Stopped: a signal came. The jobs stay in the queue, and the same call waits for them again.
    """
    with stop_requests() as stop:
        there = queued(sweep)
        new = [run for run in runs if run.name not in there]
        submit(sweep, new, threads, launcher)
        jobs = _arrays(sweep, runs)
        say(f"{len(new)} jobs are submitted, {len(runs) - len(new)} were in the queue already: squeue --job {jobs}")
        _wait(sweep, runs, stop, say)
        if stop.number is not None:
            number, stop.number = stop.number, None
            raise Stopped(
                f"The jobs stay in the queue. The same command waits for them again; out of it with: scancel {jobs}",
                number,
            )


def submit(sweep: Path, runs: Sequence[Path], threads: int, launcher: Mapping[str, Any]) -> None:
    """Submit a job for each of some runs, and note which: see :func:`do`."""
    from submitit import AutoExecutor
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    named = {key if key in GENERAL else f"slurm_{key}": launcher[key] for key in launcher if key not in OF_EXECUTOR}
    try:
        executor = AutoExecutor(
            launcher["submitit_folder"], cluster="slurm", slurm_max_num_timeout=launcher["max_num_timeout"]
        )
        executor.update_parameters(
            **named,
            slurm_additional_parameters={"requeue": True},
            slurm_srun_args=[f"--cpus-per-task={launcher['cpus_per_task']}"],
        )
        for k in range(0, len(runs), MOST_IN_ARRAY):
            part = runs[k : k + MOST_IN_ARRAY]
            with _outside_of_a_job(), executor.batch():
                jobs = [executor.submit(Task(str(run), threads)) for run in part]
            _note(sweep, {run.name: one.job_id for run, one in zip(part, jobs, strict=True)})
    except (FailedJobError, FailedSubmissionError) as error:
        raise RldbsError(f"SLURM does not take the jobs: {_last_line(str(error))}") from None
    except (TypeError, ValueError) as error:
        raise SettingError(f"hydra/launcher={LAUNCHER}: {_last_line(str(error))}") from None


def queued(sweep: Path) -> dict[str, str]:
    """The runs of a sweep whose jobs are in the queue or at work, each with the state of its job.

    Raises:
        RldbsError: SLURM does not answer.
    """
    jobs = _jobs(sweep)
    if not jobs:
        return {}
    command = ["squeue", "--me", "--array", "--noheader", "--format=%i|%T|%r"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    except subprocess.CalledProcessError as error:
        raise RldbsError(f"squeue: {_last_line(error.stderr)}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RldbsError(f"squeue: {error}") from None
    states = {}
    for line in answer.stdout.splitlines():
        number, state, reason = line.split("|", 2)
        states[number] = f"{state.lower()}: {reason}" if state == "PENDING" else state.lower()
    return {run: states[number] for run, number in jobs.items() if number in states}


def _wait(sweep: Path, runs: Sequence[Path], stop: StopRequest, say: Callable[[str], None]) -> None:
    """Wait until every run is done, or its job is out of the queue: at two looks, for once may be a moment's."""
    waiting, absent = list(runs), set[Path]()
    answers = True
    next_look = 0.0
    while waiting and stop.number is None:
        if time.monotonic() >= next_look:
            next_look = time.monotonic() + EVERY
            try:
                there = queued(sweep)
            except RldbsError as error:
                if answers:
                    say(f"{error}; waiting for an answer")
                answers = False
            else:
                answers = True
                waiting = [run for run in waiting if run.name in there or run not in absent]
                absent = {run for run in waiting if run.name not in there}
        time.sleep(PAUSE)
        waiting = [run for run in waiting if status_of(run) != "done"]


def _jobs(sweep: Path) -> dict[str, str]:
    """The job of every run that was submitted.

    Raises:
        RldbsError: the file cannot be read.
    """
    path = sweep / FILE
    if not path.exists():
        return {}
    try:
        content = plain_json(read_text(path, sweep, MOST_BYTES))
    except UnreadableError as error:
        raise RldbsError(f"{path}: {error}") from None
    if not isinstance(content, dict) or not all(isinstance(number, str) for number in content.values()):
        raise RldbsError(f"{path}: must hold the number of a job for every run")
    return content


def _note(sweep: Path, jobs: Mapping[str, str]) -> None:
    write_json(sweep / FILE, {**_jobs(sweep), **jobs})


def _arrays(sweep: Path, runs: Sequence[Path]) -> str:
    """The numbers of the jobs of some runs, those of one array as one, for a command."""
    jobs = _jobs(sweep)
    return ",".join(dict.fromkeys(jobs[run.name].partition("_")[0] for run in runs if run.name in jobs))


@contextmanager
def _outside_of_a_job() -> Iterator[None]:
    """Whoever sits in a job of their own does not pass its resources on to those that are submitted."""
    own = [name for name in os.environ if name.startswith(("SLURM_", "SRUN_")) and name != "SLURM_CONF"]
    before = {name: os.environ.pop(name) for name in own}
    try:
        yield
    finally:
        os.environ.update(before)


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no reason is given")
