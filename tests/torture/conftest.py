"""Runs that nothing disturbed, made once for all processes that test."""

import fcntl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.torture.runs import command, whole


@dataclass(frozen=True)
class Reference:
    """A run that nothing disturbed."""

    folder: Path
    time: float
    """Seconds that it took."""


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str, bool], Reference]:
    """The reference of an agent, ``hard`` or not."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def made(agent: str, hard: bool) -> Reference:
        folder = shared / f"{agent}-{'hard' if hard else 'easy'}"
        took = folder.with_suffix(".seconds")
        with open(folder.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not took.exists():
                began = time.monotonic()
                whole(command(folder, agent, hard))
                took.write_text(str(time.monotonic() - began))
        return Reference(folder, float(took.read_text()))

    return made
