"""A run that is killed, and resumed, ends as one that was not."""

import random
import shutil
import signal
import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rldbs.experiment.train import resume, train
from rldbs.runs.find import status_of
from tests.conftest import small_settings
from tests.experiment.test_resume import HARD
from tests.torture.conftest import Reference
from tests.torture.runs import appears, check_same, command, ended, resumed, start, strike, wait_for

MOMENTS = (
    "config.yaml",
    "checkpoints/~1024",
    "checkpoints/~2048/course.safetensors",
    "checkpoints/2048",
    "checkpoints/~last",
    "checkpoints/~best",
    "checkpoints/3072",
    "~meta.json",
    "evaluation/final/~suppression.png",
    "evaluation/final/~metrics.json",
)
"""What is just being written, or has just been written, when the run is killed."""


@pytest.mark.parametrize("agent", ["ppo", pytest.param("sac", marks=pytest.mark.slow)])
def test_a_killed_run_ends_as_one_that_was_not(agent, tmp_path):
    """One of the cases below, small enough for every day."""
    small = ("steps=1536", "checkpoints.every=512")
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    process = start(command(killed, agent, True, *small))
    assert wait_for(process, appears(killed, "checkpoints/512"))
    strike(process, signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL
    settings, silent = small_settings([*HARD, *small], agent), Console(file=StringIO())
    resume(settings, killed, silent)
    undisturbed.mkdir()
    train(settings, undisturbed, silent)
    check_same(killed, undisturbed)


@pytest.mark.torture
@pytest.mark.parametrize("case", range(20))
@pytest.mark.parametrize("agent", ["ppo", "sac"])
def test_a_run_killed_at_any_moment_ends_as_one_that_was_not(agent, case, reference, tmp_path):
    chance, undisturbed = random.Random(f"{agent} {case}"), reference(agent, case % 2 == 1)
    busy = 0.85 * undisturbed.time  # after that, it only leaves
    kills = [_after(chance.uniform(0, busy)) for _ in range(3 if case % 5 == 4 else 1)]
    _killed(kills, agent, case, undisturbed, tmp_path / "run")


@pytest.mark.torture
@pytest.mark.parametrize("case", range(len(MOMENTS)))
def test_a_run_killed_while_it_writes_ends_as_one_that_was_not(case, reference, tmp_path):
    agent, folder = ("ppo", "sac")[case % 2], tmp_path / "run"
    kill = _when(appears(folder, MOMENTS[case]))
    _killed([kill], agent, case, reference(agent, case % 2 == 1), folder)


Kill = Callable[[subprocess.Popen[str]], object]


def _killed(kills: list[Kill], agent: str, case: int, undisturbed: Reference, folder: Path) -> None:
    """Start a run, kill it some times, let it end, and compare."""
    for kill in kills:
        process = _go_on(folder, agent, case % 2 == 1)
        kill(process)
        strike(process, signal.SIGKILL)
        status = ended(process)[0]
        assert status in (-signal.SIGKILL, 0)
        if status_of(folder) == "done":  # it was only about to leave, or had left
            break
    else:
        status, _, complaint = ended(_go_on(folder, agent, case % 2 == 1))
        assert (status, complaint) == (0, "")
    check_same(folder, undisturbed.folder)


def _go_on(folder: Path, agent: str, hard: bool) -> subprocess.Popen[str]:
    """Resume a run, or begin it again where it has not come far enough for that."""
    if (folder / "config.yaml").exists():
        return start(resumed(folder))
    shutil.rmtree(folder, ignore_errors=True)
    return start(command(folder, agent, hard))


def _after(seconds: float) -> Kill:
    def wait(process: subprocess.Popen[str]) -> None:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    return wait


def _when(there: Callable[[], bool]) -> Kill:
    return lambda process: wait_for(process, there)
