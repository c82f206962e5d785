"""A run does not depend on somebody who listens."""

import os
import pty
import random
import subprocess
import time
from contextlib import suppress

import pytest

from rldbs.runs.find import status_of
from tests.torture.runs import appears, check_same, command, resumed, start, wait_for, whole

pytestmark = pytest.mark.torture


def test_a_run_whose_reader_leaves_goes_on(reference, tmp_path):
    process = start(command(tmp_path / "run"))
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(150) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    check_same(tmp_path / "run", reference("ppo", False).folder)


@pytest.mark.parametrize("leader", [True, False])
@pytest.mark.parametrize("moment", ["checkpoints/last", "evaluation/final"])
def test_a_run_whose_terminal_is_closed_is_saved_or_goes_on(leader, moment, reference, tmp_path):
    """The leader of a session is told by SIGHUP; whoever has left the session finds out when it writes."""
    folder = tmp_path / "run"
    master, slave = pty.openpty()
    prefix = ["setsid", "--ctty"] if leader else ["setsid"]
    process = subprocess.Popen([*prefix, *command(folder)], stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    os.set_blocking(master, False)
    wait_for(process, lambda: _read(master) or appears(folder, moment)())
    time.sleep(random.Random(moment).uniform(0, 0.3))
    os.close(master)
    status = process.wait(150)
    if status:
        assert leader
        assert status == 129
        assert status_of(folder) == "interrupted"
        whole(resumed(folder))
    check_same(folder, reference("ppo", False).folder)


def _read(master: int) -> bool:
    """Take what is shown, so that the run does not wait for its reader."""
    with suppress(BlockingIOError):
        os.read(master, 65536)
    return False
