"""The folders, and whoever runs the commands, made once."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.strangers.folders import BENCHMARKED, MADE, interrupted, prepared

Run = Callable[[Path, Sequence[str], Mapping[str, str]], dict[str, Any]]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def run() -> Iterator[Run]:
    """Runs a command in a directory; how it has ended."""
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.strangers.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120", "PYTHONWARNINGS": "ignore", "OMP_WAIT_POLICY": "passive"},
    )
    assert server.stdin is not None
    assert server.stdout is not None

    def called(place: Path, words: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
        case = {"directory": str(place), "words": words, "environment": environment, "said": str(place / "said")}
        server.stdin.write(json.dumps(case) + "\n")
        server.stdin.flush()
        return dict(json.loads(server.stdout.readline()))

    with server:
        yield called


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """A directory with one folder of each kind but a benchmark, as the commands have left them."""
    return _made("strangers", MADE, tmp_path_factory, run)


@pytest.fixture(scope="session")
def all_folders(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """The same, with a benchmark."""
    return _made("all_strangers", (*MADE, BENCHMARKED), tmp_path_factory, run)


def _made(name: str, commands: Sequence[Sequence[str]], factory: pytest.TempPathFactory, run: Run) -> Path:
    base = factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    place = shared / name
    with open(place.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "made").exists():
            prepared(place)
            for words in commands:
                ended = run(place, words, {})
                assert ended["code"] == 0, (words, ended)
            interrupted(place)
            (place / "made").touch()
    return place
