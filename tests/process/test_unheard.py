"""A command does all of its work, whoever listens: `| head -1`, a full disk, a closed terminal."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import SMALL
from tests.tune.conftest import SMALL_SEARCH

RLDBS = (sys.executable, "-P", "-m", "rldbs.cli")
PROTOCOL = ("protocol.episodes=1", "protocol.free=1000", "protocol.stimulated=1500", "protocol.onset=500")
NONE = ("agent=none", "model.neurons=20", *PROTOCOL, "protocol.relaxed=500")
COMMANDS: dict[str, tuple[Sequence[str], str]] = {
    "evaluate": (("evaluate", *NONE), "runs/*/*/evaluation/final/metrics.json"),
    "curves": (("evaluate", "-m", *NONE[1:], "agent=none,proportional"), "runs/curves/*/curve.json"),
    "stress": (("evaluate", "-m", *NONE, "stress=noise"), "runs/curves/*/curve.json"),
    "simulate": (("simulate", "model.neurons=20", "steps=1000"), "runs/*/*/summary.json"),
    "compare": (("compare", "runs"), "runs/comparisons/*/comparison.json"),
    "tune": (("tune", *SMALL_SEARCH), "runs/*/*/evaluation/final/metrics.json"),
    "train": (("train", *SMALL, "steps=1024"), "runs/*/*/evaluation/final/metrics.json"),
    "sweep": (("train", "-m", *SMALL, "steps=1024", "seed=0,1"), "runs/sweeps/*/seed=1/evaluation/final/metrics.json"),
    "list": (("list", "keys"), ""),
}
"""The command, and the file that is written last."""
EACH = [pytest.param(what, marks=() if what in ("evaluate", "list") else pytest.mark.slow) for what in COMMANDS]
"""One way to speak serves all of them; each is tried where there is time."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(what: str, **streams) -> subprocess.Popen[str]:
    words, _ = COMMANDS[what]
    if what == "compare":
        subprocess.run(
            [sys.executable, "-P", "-m", "rldbs.cli", *COMMANDS["evaluate"][0]], check=True, capture_output=True
        )
    return subprocess.Popen([sys.executable, "-P", "-m", "rldbs.cli", *words], text=True, **streams)


def check_work(what: str, here: Path) -> None:
    pattern = COMMANDS[what][1]
    for path in here.glob(pattern) if pattern else ():
        json.loads(path.read_text())
        assert not list(here.rglob(".*.????????"))
        return
    assert not pattern


def status(folder: Path) -> set[str]:
    return {json.loads(path.read_text())["status"] for path in folder.rglob("meta.json")}


@pytest.mark.parametrize("what", EACH)
def test_a_reader_that_leaves_costs_nothing_and_is_no_fault(what, here):
    process = start(what, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    told = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), told) == (0, "")
    check_work(what, here)
    assert status(here) <= {"done"}


@pytest.mark.parametrize("what", EACH)
def test_where_not_all_can_be_shown_it_says_so_and_the_work_is_done(what, here):
    with open("/dev/full", "w") as full:
        process = start(what, stdout=full, stderr=subprocess.PIPE)
        assert process.stderr is not None
        told = process.stderr.read()
        process.stderr.close()
    assert process.wait() == 1
    assert told == "rldbs: standard output: No space left on device; not all could be shown\n"
    check_work(what, here)
    assert status(here) <= {"done"}


def test_nor_do_errors_that_cannot_be_shown_stop_it(here):
    with open("/dev/full", "w") as full:
        process = start("evaluate", stdout=full, stderr=full)
    assert process.wait() == 1
    check_work("evaluate", here)
