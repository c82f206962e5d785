"""Runs that are started or resumed at the same moment do not disturb each other."""

import json
import signal

import pytest

from tests.experiment.test_resume import same
from tests.torture.runs import appears, check_same, command, ended, resumed, start, strike, wait_for

pytestmark = pytest.mark.torture


def test_runs_started_at_once_have_folders_and_results_of_their_own(tmp_path):
    arguments = [part for part in command(tmp_path) if "hydra.run.dir" not in part]
    arguments += ["steps=1024", "checkpoints.every=512"]
    processes = [start(arguments, directory=tmp_path) for _ in range(32)]
    for process in processes:
        status, _, complaint = ended(process)
        assert (status, complaint) == (0, "")
    folders = list((tmp_path / "runs" / "bvdp-ppo").iterdir())
    assert len(folders) == 32
    for folder in folders:
        assert json.loads((folder / "meta.json").read_text())["status"] == "done"
        same(folders[0], folder)


@pytest.mark.parametrize("agent", ["ppo", "sac"])
def test_of_two_that_resume_a_run_one_goes_on(agent, reference, tmp_path):
    folder = tmp_path / "run"
    process = start(command(folder, agent))
    assert wait_for(process, appears(folder, "checkpoints/1024"))
    strike(process, signal.SIGKILL)
    ended(process)
    processes = [start(resumed(folder)) for _ in range(2)]
    first, second = sorted(ended(process)[::2] for process in processes)
    assert first == (0, "")
    refused = (2, f"rldbs: {folder}: another process is at work on it; wait for its end, or stop it\n")
    assert second in (refused, (0, ""))  # which finds it whole where it comes after the other's end
    check_same(folder, reference(agent, False).folder)
