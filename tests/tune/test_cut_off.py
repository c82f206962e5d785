"""Wherever a search is cut off, it goes on to what one has that was never disturbed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rldbs.commands.resume import resume_one
from rldbs.runs.find import complete
from tests.tune.conftest import SMALL_SEARCH, searched

PROGRAM = """
import os, sys
from rldbs.commands.tune import tune_one
left = int(sys.argv[1])

def watch(event, arguments):
    # every flush to disk, renaming and opening for writing is a place to die at
    global left
    told = event in ("open", "os.rename") and isinstance(arguments[0], (str, bytes))
    name = os.fsdecode(arguments[0]) if told else ""
    ours = ("trials.", "tune.log", "meta.json", "front.csv", "tuned.yaml", "metrics.json", "config.yaml", ".final")
    if any(part in name for part in ours) and (event == "os.rename" or arguments[2] & (os.O_WRONLY | os.O_RDWR)):
        left -= 1
        if left < 0:
            os._exit(9)

for name in ("write", "fsync"):
    def dying(*arguments, call=getattr(os, name)):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return call(*arguments)
    setattr(os, name, dying)
sys.addaudithook(watch)
tune_one([*sys.argv[2:]], None)
print("left", left)
"""
FILES = ("trials.csv", "tune.log", "front.csv", "tuned.yaml", "evaluation/final/metrics.json")
FRONT = ("tune.objective=front",)


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return searched(tmp_path_factory.mktemp("whole") / "run", FRONT)


def cut(folder: Path, after: int) -> int:
    words = [*SMALL_SEARCH, *FRONT, f"hydra.run.dir={folder}"]
    return subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(after), *words], capture_output=True, check=False
    ).returncode


PLACES = (62,)
"""Writes after which it dies where there is little time: one in the middle."""


@pytest.mark.parametrize(
    "after", [pytest.param(k, marks=() if k in PLACES else pytest.mark.slow) for k in range(0, 100, 2)]
)
def test_a_search_that_dies_at_any_write_goes_on_to_the_same_files(whole, tmp_path, monkeypatch, after):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "run"
    died = cut(folder, after)
    if not (folder / "config.yaml").is_file():
        assert after < 10
        shutil.rmtree(folder, ignore_errors=True)
        assert cut(folder, 10**6) == 0
    elif died:
        assert died == 9
        if not complete(folder):  # it may have died after its very last word
            resume_one(str(folder), [])
    assert content(folder) == content(whole)
    assert not [path for path in folder.rglob(".*") if path.name != ".lock"]


@pytest.mark.parametrize("lost", [1, 4])
def test_what_only_the_journal_has_comes_into_the_table_and_the_log(whole, tmp_path, monkeypatch, lost):
    """As where the process died after its last trial: nothing is left to try."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(whole, tmp_path / "run")
    for name in ("trials.csv", "tune.log"):
        lines = (tmp_path / "run" / name).read_text().splitlines(keepends=True)
        (tmp_path / "run" / name).write_text("".join(lines[:-lost]))
    meta = (tmp_path / "run" / "meta.json").read_text()
    (tmp_path / "run" / "meta.json").write_text(meta.replace('"status": "done"', '"status": "running"'))
    resume_one("run", [])
    assert content(tmp_path / "run") == content(whole)
    assert os.path.isfile(tmp_path / "run" / "trials.png")
