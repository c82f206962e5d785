"""A clock that is set back disturbs neither names, durations nor results."""

import json
import signal
from pathlib import Path

import pytest

from rldbs.runs.find import find_unfinished, status_of
from tests.experiment.test_train import rows
from tests.torture.runs import appears, check_same, command, ended, resumed, start, strike, wait_for, whole

pytestmark = pytest.mark.torture

BACK = """
import datetime, time
_start, _time, _time_ns, _datetime = time.monotonic(), time.time, time.time_ns, datetime.datetime

def _late():
    '''Seconds by which the clock is wrong: a day, and each second it goes back by two.'''
    return 86400 + 2 * (time.monotonic() - _start)

class datetime_(_datetime):
    @classmethod
    def now(cls, tz=None):
        return _datetime.fromtimestamp(_time() - _late(), tz)

time.time = lambda: _time() - _late()
time.time_ns = lambda: int(time.time() * 1e9)
datetime.datetime = datetime_
"""
"""A sitecustomize.py with which the clock of a process runs backwards, from a day too early on."""


def test_a_clock_that_runs_backwards_changes_no_result(reference, tmp_path):
    folder = tmp_path / "bvdp-ppo" / "run"
    (tmp_path / "sitecustomize.py").write_text(BACK)
    backwards = {"PYTHONPATH": str(tmp_path)}
    process = start(command(folder))
    assert wait_for(process, appears(folder, "checkpoints/1024"))
    strike(process, signal.SIGKILL)
    ended(process)
    assert status_of(folder) == "interrupted"
    began = _meta(folder)["started"]
    process = start(resumed(folder), backwards)
    assert wait_for(process, appears(folder, "checkpoints/2048"))
    strike(process, signal.SIGTERM)
    assert ended(process)[0] == 143
    assert find_unfinished(tmp_path) == folder
    whole(resumed(folder), backwards)
    meta = _meta(folder)
    assert (meta["status"], meta["started"]) == ("done", began)
    assert meta["finished"] < began
    assert meta["training_time"] > 0
    times = [float(row["time"]) for row in rows(folder)]
    assert times == sorted(times)
    assert all(float(row["steps_per_second"]) > 0 for row in rows(folder))
    check_same(folder, reference("ppo", False).folder)


def _meta(folder: Path) -> dict[str, object]:
    meta: dict[str, object] = json.loads((folder / "meta.json").read_text())
    return meta
