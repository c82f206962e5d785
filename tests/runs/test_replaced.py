"""Two processes in one folder: the older one, whose folder was taken away, changes nothing in the newer one's."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import HANGS, SMALL
from tests.experiment.test_resume import same

RLDBS = (sys.executable, "-P", "-m", "rldbs.cli")


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [*RLDBS, "train", *SMALL, *words, f"hydra.run.dir={folder}"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_run_whose_folder_was_taken_away_leaves_the_new_one_alone(run, tmp_path):
    folder = tmp_path / "run"
    old = start(folder, "seed=7", "steps=2_000_000")
    while not (folder / "checkpoints" / "last").exists():
        assert old.poll() is None
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    new = start(folder)
    _, told = old.communicate(timeout=HANGS)
    assert old.returncode in (1, 2)
    assert "Traceback" not in told
    assert new.wait(HANGS) == 0
    assert new.stderr is not None
    new.stderr.close()
    assert json.loads((folder / "meta.json").read_text())["seed"] == 0
    same(run, folder)
