"""A run that is told to stop saves itself, says how it goes on, and ends as one that was not stopped."""

import json
import random
import shutil
import signal
import time

import pytest

from tests.experiment.test_train import rows
from tests.torture.runs import appears, check_same, command, ended, resumed, start, steps_saved, strike, wait_for, whole

pytestmark = pytest.mark.torture


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("agent", ["ppo", "sac"])
def test_a_stopped_run_saves_its_rollout(agent, number, reference, tmp_path):
    folder, chance = tmp_path / "run", random.Random(f"{agent} {number}")
    process = start(command(folder, agent))
    assert wait_for(process, appears(folder, "progress.csv"))
    time.sleep(chance.uniform(0, 0.3))
    strike(process, number)
    status, _, complaint = ended(process)
    assert status == 128 + number
    assert f"rldbs resume {folder}" in complaint
    assert _status(folder) == "interrupted"
    assert int(rows(folder)[-1]["steps"]) == steps_saved(folder) > 0
    whole(resumed(folder))
    check_same(folder, reference(agent, False).folder)


@pytest.mark.parametrize("case", range(3))
def test_two_signals_stop_at_once_and_harm_nothing(case, reference, tmp_path):
    agent, hard = ("ppo", "sac")[case % 2], case > 1
    folder, chance = tmp_path / "run", random.Random(case)
    process = start(command(folder, agent, hard))
    assert wait_for(process, appears(folder, "checkpoints/last"))
    time.sleep(chance.uniform(0, 0.5))
    strike(process, signal.SIGINT)
    time.sleep(0.01)
    strike(process, signal.SIGINT)
    status, _, complaint = ended(process)
    assert (status, complaint.count("\n")) == (130, 1), complaint
    assert f"steps is kept; go on with: rldbs resume {folder}" in complaint
    assert _status(folder) == "interrupted"
    whole(resumed(folder))
    check_same(folder, reference(agent, hard).folder)


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("", signal.SIGTERM),
        ("", signal.SIGINT),
        ("meta.json", signal.SIGTERM),
        ("config.yaml", signal.SIGTERM),
        ("config.yaml", signal.SIGINT),
        ("evaluation/~final", signal.SIGTERM),
        ("evaluation/~final/~trajectory.npz", signal.SIGINT),
    ],
)
def test_a_run_stopped_before_and_after_it_learns_goes_on(moment, number, reference, tmp_path):
    folder = tmp_path / "run"
    process = start(command(folder))
    if moment:
        assert wait_for(process, appears(folder, moment))
    else:
        time.sleep(1)
    strike(process, number)
    status, _, complaint = ended(process)
    assert status in (128 + number, *((-number,) if not moment else ()))  # the interpreter itself may just begin
    assert "Traceback" not in complaint
    if (folder / "config.yaml").exists():
        assert f"rldbs resume {folder}" in complaint
        assert _status(folder) == "interrupted"
        whole(resumed(folder))
    else:
        assert "rldbs resume" not in complaint
        shutil.rmtree(folder, ignore_errors=True)
        whole(command(folder))
    check_same(folder, reference("ppo", False).folder)


def _status(folder):
    return json.loads((folder / "meta.json").read_text())["status"]
