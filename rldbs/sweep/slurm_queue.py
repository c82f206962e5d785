"""What SLURM has of the jobs of a sweep, and which job is whose."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from rldbs.core.errors import RldbsError, RunError
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_json, read_text
from rldbs.runs.find import MOST_METRICS
from rldbs.runs.record import write_json

FILE = "slurm.json"
"""In the folder of a sweep: the job of every run that was submitted."""
PAPERS = ".submitit/%j"
"""There: what submitit and SLURM keep of every job, by its number."""
NUMBER = re.compile(r"[0-9]{1,18}(_[0-9]{1,18})?")
"""A job, or a job of an array."""
PATIENCE = 120
"""Seconds within which SLURM must answer."""
OF_SLURM = ("srun: ", "slurmstepd")
"""How lines begin with which SLURM itself reports the end of a job."""


def jobs_of(sweep: Path) -> dict[str, str]:
    """The job of every run that was submitted.

    Raises:
        RldbsError: the file cannot be read.
    """
    path = Folder(sweep).file(FILE)
    if Folder(sweep).kind(FILE) is None:
        return {}
    try:
        content = plain_json(read_text(path, MOST_METRICS))
    except UnreadableError as error:
        raise RldbsError(f"{path}: {error}") from None
    numbers = content.values() if isinstance(content, dict) else [None]
    if not all(isinstance(number, str) and NUMBER.fullmatch(number) for number in numbers):
        raise RldbsError(f"{path}: must hold the number of a job for every run")
    return dict(content)


def note(sweep: Path, jobs: Mapping[str, str]) -> None:
    """Write down which job was submitted for which run."""
    write_json(Folder(sweep).file(FILE), {**jobs_of(sweep), **jobs})


def queued(sweep: Path) -> dict[str, str]:
    """The runs of a sweep whose jobs are in the queue or at work, each with the reason why it waits, empty at work.

    Raises:
        RldbsError: SLURM does not answer.
    """
    jobs = jobs_of(sweep)
    if not jobs:
        return {}
    states = {}
    for line in _answer("squeue", "--me", "--array", "--noheader", "--format=%i|%T|%r").splitlines():
        number, state, reason = line.split("|", 2)
        states[number] = reason if state == "PENDING" and reason != "None" else ""
    return {run: states[number] for run, number in jobs.items() if number in states}


def arrays(sweep: Path) -> str:
    """The numbers of all jobs of a sweep, those of one array as one, for a command."""
    return ",".join(dict.fromkeys(number.partition("_")[0] for number in jobs_of(sweep).values()))


def end_of(sweep: Path, number: str) -> str:
    """How a job has ended, as far as SLURM still knows, with the last thing that it said of itself."""
    from submitit.core.utils import JobPaths

    try:
        state = re.search(r"\bJobState=(\S+)", _answer("scontrol", "show", "job", "--oneliner", number))
    except RldbsError:
        state = None
    if state is not None and state[1] == "CANCELLED":
        return "was cancelled"
    log = JobPaths(sweep / PAPERS, job_id=number).stderr
    try:
        text = Folder(sweep).file(str(log.relative_to(sweep))).read(MOST_METRICS).decode(errors="replace")
        lines = [line for line in text.splitlines() if not line.startswith(OF_SLURM)]
    except (OSError, ValueError, RunError) as error:
        lines = [str(error)]
    return f"ended as {state[1] if state else 'unknown'}: {last_line(lines)} (all it said: {log})"


def last_line(lines: Sequence[str]) -> str:
    """The last of some lines that says anything."""
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _answer(*command: str) -> str:
    """What one of SLURM's commands answers.

    Raises:
        RldbsError: it does not.
    """
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    except subprocess.CalledProcessError as error:
        raise RldbsError(f"{command[0]}: {last_line(error.stderr.splitlines())}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RldbsError(f"{command[0]}: {error}") from None
