"""How the program ends when it is told to."""

import subprocess
import sys

import pytest

LATE = """
import atexit, os, signal
from rldbs.cli import main

atexit.register(lambda: os.kill(os.getpid(), signal.{name}))  # ours comes before it
main(["--version"])
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_comes_on_the_way_out_changes_nothing(name):
    ended = subprocess.run(
        [sys.executable, "-c", LATE.format(name=name)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (0, "")
