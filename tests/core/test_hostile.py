"""The core survives whatever it is handed."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import HANGS


def test_random_sequences_of_hostile_calls_are_refused_and_harm_nothing():
    """In a process of its own, so that a crash is seen. `make sanitize` plays many more."""
    command = [sys.executable, "-W", "error", "-m", "tests.core.hostile", "2000", "0"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 0, done.stderr
    assert "'refused'" in done.stdout
