"""The runs of a sweep as jobs of a SLURM cluster.

Hydra's launcher for SLURM says what a job asks for, and submitit submits it. What has become of a job is read from its
run folder and from ``squeue`` alone: the accounting, which submitit asks, is not everywhere, and what submitit calls a
success may be a job that has saved itself and waits for its next turn.
"""

import os
import re
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Gt

from rldbs.config.checked_records import record
from rldbs.core.errors import RldbsError, SettingError, visible
from rldbs.process.plurals import counted
from rldbs.process.stop import NOTICE, be_deaf, end_cleanly
from rldbs.runs.find import read_meta, status_of
from rldbs.runs.lock import in_use
from rldbs.sweep.job import do_run, stopping
from rldbs.sweep.slurm_queue import PAPERS, arrays, end_of, jobs_of, last_line, note, queued
from rldbs.sweep.sweep_folder import place_of

if TYPE_CHECKING:
    from submitit.core.utils import DelayedSubmission

LAUNCHER = "submitit_slurm"
CORES = "hydra.launcher.cpus_per_task"
UNWRITABLE = re.compile(r"[\x00-\x1f\x7f]")
"""What would end a line of the script that SLURM runs."""
MOST_IN_ARRAY = 1000
"""Jobs of one array: what SLURM allows unless it was set up otherwise."""
EVERY = 10.0
"""Seconds between two looks at the queue."""
PAUSE = 0.5
"""Seconds between two looks at the run folders."""
GENERAL = ("name", "timeout_min", "cpus_per_task", "mem_gb", "gpus_per_node")
"""Settings that submitit knows for every kind of cluster; it wants the others with ``slurm_`` before their name."""
OF_EXECUTOR = ("max_num_timeout",)
Name = str | int | None


@dataclass(frozen=True)
class Settings:
    """What a job asks for; their comments are in ``conf/hydra/launcher/submitit_slurm.yaml``."""

    name: str
    partition: Name
    account: Name
    qos: Name
    timeout_min: Annotated[int, Ge(1)]
    signal_delay_s: Annotated[int, Ge(1)]
    max_num_timeout: Annotated[int, Ge(0)]
    cpus_per_task: Annotated[int, Ge(1)] | None
    mem_gb: Annotated[float, Gt(0)] | None
    array_parallelism: Annotated[int, Ge(1)]
    constraint: Name
    exclude: Name
    nodelist: Name
    gres: Name
    gpus_per_node: Annotated[int, Ge(1)] | None
    comment: Name
    mail_user: Name
    mail_type: Name


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
        do_run(Path(self.folder), self.threads)
        be_deaf()  # whatever comes is on account of what has come already, and the run is saved
        if stopping.number == NOTICE:
            signal.signal(NOTICE, requeue)
            signal.raise_signal(NOTICE)

    def checkpoint(self) -> "DelayedSubmission":
        """What is to be done when the job has its turn again: the same, for the run has saved itself in its folder."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def check(launcher: Mapping[str, Any]) -> Settings:
    """The settings of Hydra's launcher for SLURM, checked.

    Raises:
        SettingError: one is not allowed, what submits jobs is not installed, or there is no SLURM.
    """
    if find_spec("submitit") is None:
        raise SettingError(f"hydra/launcher={LAUNCHER} needs submitit: pip install submitit hydra-submitit-launcher")
    missing = next((name for name in ("sbatch", "squeue", "srun") if shutil.which(name) is None), None)
    if missing:
        raise SettingError(f"hydra/launcher={LAUNCHER}: there is no SLURM on this machine: {missing} is not found")
    settings = record(Settings, launcher, "hydra.launcher")
    for key, value in asdict(settings).items():
        if UNWRITABLE.search(str(value)):
            raise SettingError(f"hydra.launcher.{key}={visible(str(value))}: must be a single line")
    return settings


def threads(given: Mapping[str, str]) -> int:
    """Threads of each run where only its cores are said, by the overrides ``given``: as many.

    Raises:
        SettingError: that is no number.
    """
    text = given.get(CORES, "null")
    if text == "null":
        return 1
    if not text.isdecimal() or int(text) == 0:
        raise SettingError(f"{CORES}={text}: must be a number of cores, or null: as many as the threads")
    return int(text)


def do(
    sweep: Path, runs: Sequence[Path], threads: int, launcher: Mapping[str, Any], say: Callable[[str], None]
) -> dict[Path, str]:
    """Submit runs that are not in the queue yet, and wait until all have ended, or until the sweep is to stop.

    Args:
        sweep: folder of the sweep, absolute, on a file system that the nodes share.
        runs: prepared run folders in it, absolute.
        threads: of each run.
        launcher: settings of Hydra's launcher for SLURM.
        say: tells the user something.

    Returns:
        The runs to which it would be no good, or against the user's will, to be submitted again, each with the reason.

    Raises:
        SettingError: as :func:`check`, or SLURM would read the name of the folder as another one.
        RldbsError: SLURM does not take the jobs, or does not answer.
    """
    settings = check(launcher)
    if "%" in str(sweep) or UNWRITABLE.search(str(sweep)):
        raise SettingError(f"{visible(str(sweep))}: the folder of a sweep on SLURM must have no % in its path")
    there = queued(sweep)
    new = [run for run in runs if run.name not in there and not in_use(place_of(run))]
    _submit(sweep, new, threads, settings)
    before = f", {len(there)} were in the queue already" if there else ""
    say(f"{counted(len(new), 'job')} submitted{before}. To see them: squeue --job {arrays(sweep)}")
    _wait(sweep, runs, say)
    return {} if stopping.number is not None else _given_up(sweep, runs)


def _submit(sweep: Path, runs: Sequence[Path], threads: int, settings: Settings) -> None:
    """Submit a job for each of some runs, and note which: see :func:`do`."""
    from submitit import AutoExecutor
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    values = {**asdict(settings), "cpus_per_task": settings.cpus_per_task or threads}
    named = {key if key in GENERAL else f"slurm_{key}": values[key] for key in values if key not in OF_EXECUTOR}
    executor = AutoExecutor(
        sweep / PAPERS,
        cluster="slurm",
        slurm_max_num_timeout=settings.max_num_timeout,
        # A job begins in the current folder, which may be a stranger's: nothing is imported from there.
        slurm_python=f"{shlex.quote(sys.executable)} -P",
    )
    executor.update_parameters(
        **named,
        slurm_additional_parameters={"requeue": True},
        slurm_srun_args=[f"--cpus-per-task={values['cpus_per_task']}"],
    )
    try:
        for k in range(0, len(runs), MOST_IN_ARRAY):
            part = runs[k : k + MOST_IN_ARRAY]
            with _outside_of_a_job(), executor.batch():
                jobs = [executor.submit(Task(str(run), threads)) for run in part]
            note(sweep, {run.name: one.job_id for run, one in zip(part, jobs, strict=True)})
    except (FailedJobError, FailedSubmissionError) as error:
        raise RldbsError(f"SLURM does not take the jobs: {last_line(str(error).splitlines())}") from None


def _wait(sweep: Path, runs: Sequence[Path], say: Callable[[str], None]) -> None:
    """Wait until every run is done, or its job out of the queue: at two looks, for once may be a moment's."""
    waiting, absent = list(runs), set[Path]()
    said, next_look = "", 0.0
    while waiting and stopping.number is None:
        if time.monotonic() >= next_look:
            next_look = time.monotonic() + EVERY
            try:
                there = queued(sweep)
            except RldbsError as error:
                text = f"{error}; waiting until it answers"
            else:
                gone = {run for run in waiting if run.name not in there and not in_use(place_of(run))}
                waiting = [run for run in waiting if run not in gone & absent]
                absent = gone
                reasons = sorted({there[run.name] for run in waiting if there.get(run.name)})
                text = f"jobs are waiting in the queue: {', '.join(reasons)}" if reasons else ""
            if text not in ("", said):
                say(text)
            said = text
        time.sleep(PAUSE)
        waiting = [run for run in waiting if status_of(place_of(run)) != "done"]


def _given_up(sweep: Path, runs: Sequence[Path]) -> dict[Path, str]:
    """The runs that were stopped and not requeued, or did not even begin; not those that died at work."""
    jobs = jobs_of(sweep)
    ends = {}
    for run in runs:
        status = read_meta(place_of(run)).get("status")
        if status in (None, "interrupted") and run.name in jobs:
            ends[run] = f"its job {jobs[run.name]} {end_of(sweep, jobs[run.name])}"
    return ends


@contextmanager
def _outside_of_a_job() -> Iterator[None]:
    """Whoever sits in a job of their own does not pass its resources on to those that are submitted."""
    own = [name for name in os.environ if name.startswith(("SLURM_", "SRUN_")) and name != "SLURM_CONF"]
    before = {name: os.environ.pop(name) for name in own}
    try:
        yield
    finally:
        os.environ.update(before)
