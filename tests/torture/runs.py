"""Small runs, started as a user starts them, and ways to disturb them."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from rldbs.experiment.event_file import NAME as EVENTS
from tests.conftest import small
from tests.experiment.test_resume import HARD, same

RLDBS = str(Path(sys.executable).with_name("rldbs"))
LIMIT = 300.0
"""Seconds after which a run hangs."""
PART = re.compile(r"^\.(.+)\.[0-9a-f]{8}$")
"""The name of what is being written beside the place where it belongs."""


def command(folder: Path, agent: str = "ppo", hard: bool = False, *more: str) -> list[str]:
    """What trains a small run in ``folder``, ``hard``: with all in its environments that has a state of its own."""
    settings = [*small(agent), "steps=3072", *(HARD if hard else ()), *more]
    return [RLDBS, "train", *settings, f"hydra.run.dir={folder}"]


def start(
    arguments: list[str], environment: Mapping[str, str] | None = None, directory: Path | None = None
) -> subprocess.Popen[str]:
    """Start a command in a session of its own; what it says is collected."""
    return subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **(environment or {})},
        cwd=directory,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """How a command ends: its exit status, what it said, and what it complained about."""
    try:
        said, complaint = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, said, complaint


def whole(arguments: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Let a command come to a good end; what it said."""
    status, said, complaint = ended(start(arguments, environment))
    assert (status, complaint) == (0, ""), complaint
    return said


def resumed(folder: Path) -> list[str]:
    """What goes on with a run."""
    return [RLDBS, "resume", str(folder)]


def wait_for(process: subprocess.Popen[str], there: Callable[[], bool]) -> bool:
    """Wait until something is there; whether the process was still at work then."""
    end = time.monotonic() + LIMIT
    while process.poll() is None:
        if there():
            return True
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.0003)
    return False


def appears(folder: Path, pattern: str) -> Callable[[], bool]:
    """Whether there is a file or folder below ``folder`` whose path fits ``pattern``.

    What is being written has ``~`` in the place of the dot before its name and of the random part behind it.
    """
    return lambda: any(fnmatch(path, pattern) for path in _paths(folder))


def steps_saved(folder: Path) -> int:
    """Steps of the newest checkpoint; 0 without one."""
    return max((int(path) for path in _names(folder / "checkpoints") if path.isdecimal()), default=0)


def check_same(folder: Path, reference: Path) -> None:
    """Whether a run has ended as another one, and has left the same files."""
    same(reference, folder)
    for name in ("last", "best"):
        policies = [run / "checkpoints" / name / "policy.safetensors" for run in (folder, reference)]
        assert policies[0].read_bytes() == policies[1].read_bytes()
    assert event_steps(folder) == event_steps(reference)
    assert _rooms(folder) == _rooms(reference)


def _rooms(folder: Path) -> set[str]:
    """All paths in a run folder; one for all checkpoints, because a run that was told to stop has another one."""
    return {re.sub("checkpoints/[0-9]+", "checkpoints/0", path) for path in _paths(folder)}


def event_steps(folder: Path) -> list[int]:
    """The steps that TensorBoard finds."""
    return [event.step for event in EventFileLoader(str(folder / EVENTS)).Load()]


def strike(process: subprocess.Popen[str], number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a process that may have ended."""
    if process.poll() is None:
        process.send_signal(number)


def _paths(folder: Path, before: str = "") -> Iterator[str]:
    for name in _names(folder):
        path = before + PART.sub(r"~\1", name)
        yield path
        if not (folder / name).is_symlink():
            yield from _paths(folder / name, f"{path}/")


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
