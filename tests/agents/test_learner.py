"""What building a learner, and letting it learn, leaves behind."""

import tempfile
from pathlib import Path

import pytest

from rldbs.agents.learner import build_learner
from rldbs.control.loop import ClosedLoop
from tests.conftest import small_run, small_settings


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """An empty folder for everybody's temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def left(temporary: Path) -> list[str]:
    """Names of what is there, but for the one empty folder that torch makes for each user."""
    return [path.name for path in temporary.iterdir() if not path.name.startswith("torchinductor_")]


@pytest.mark.parametrize("agent", ["ppo", "sac", "lqg"])
def test_a_learner_that_nobody_watches_leaves_no_temporary_files(agent, temporary):
    settings = small_settings(agent=agent)
    learner = build_learner(settings.agent, ClosedLoop(settings.loop, settings.envs, 0), 0)
    learner.learn(256)
    assert left(temporary) == []


def test_a_whole_run_leaves_no_temporary_files(temporary, tmp_path):
    small_run(tmp_path / "run")
    assert left(temporary) == []
