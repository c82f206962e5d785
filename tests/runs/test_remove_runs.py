"""Run folders go when they are named and asked for, whole; what is at work, or no run folder, stays."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.runs import remove_runs as module
from rldbs.runs.lock import sole
from rldbs.runs.remove_runs import removable, remove_runs
from tests.conftest import HANGS, call


@pytest.fixture
def here(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    for name in ("20260101-120000-s0-aaaa", "20260102-120000-s0-bbbb"):
        shutil.copytree(run, Path("runs/bvdp-ppo") / name, symlinks=True)
    return tmp_path / "runs" / "bvdp-ppo"


def names(folder):
    return sorted(path.name[-4:] for path in folder.iterdir())


@pytest.mark.parametrize("text", ["20260101", "bvdp-ppo/20260101", "runs/bvdp-ppo/20260101-120000-s0-aaaa/"])
def test_a_run_goes_and_no_other(here, text, capsys):
    status, out, _ = call(["remove", text, "--yes"], capsys)
    assert status == 0
    assert "removed  " in out
    assert names(here) == ["bbbb"]


def test_without_a_terminal_nobody_is_asked_and_nothing_goes(here, capsys):
    status, _, err = call(["remove", "20260101"], capsys)
    assert (status, names(here)) == (2, ["aaaa", "bbbb"])
    assert "--yes removes without asking" in err


@pytest.mark.parametrize(("answer", "left"), [("n\n", ["aaaa", "bbbb"]), ("y\n", ["bbbb"]), ("\x04", ["aaaa", "bbbb"])])
def test_on_a_terminal_it_asks(here, answer, left):
    master, slave = pty.openpty()
    words = [Path(sys.executable).with_name("rldbs"), "remove", "20260101"]
    process = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    os.write(master, answer.encode())
    assert process.wait(HANGS) == 0
    os.close(master)
    assert names(here) == left


def test_what_is_at_work_stays_and_with_it_all_that_was_named(here, capsys):
    with sole(Folder(here / "20260102-120000-s0-bbbb")):
        status, _, err = call(["remove", "20260101", "20260102", "--yes"], capsys)
    assert status == 2
    assert "is at work" in err
    assert names(here) == ["aaaa", "bbbb"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("last", "name what is to be removed"),
        ("zoo:hr-ppo", "comes with the package"),
        ("2026", "fits 2 runs"),
        ("bvdp-pppo/20260101-120000-s0-aaaa", "Did you mean"),
        ("runs", "is no run folder"),
        ("runs/bvdp-ppo", "is no run folder"),
        (".", "is no run folder"),
        ("linked", "is a link"),
        ("file", "is no run folder"),
        ("outer", "holds inner, which is none of its own"),
    ],
)
def test_what_is_no_run_stays(here, text, message):
    Path("linked").symlink_to(here / "20260101-120000-s0-aaaa")
    Path("file").touch()
    shutil.copytree(here / "20260101-120000-s0-aaaa", "outer", symlinks=True)
    shutil.copytree(here / "20260102-120000-s0-bbbb", "outer/inner", symlinks=True)
    with pytest.raises(RunError, match=message):
        removable([text])


def test_a_folder_that_cannot_be_emptied_is_gone_from_its_place(here, monkeypatch):
    found = removable(["20260101"])

    def fail(self, name):
        raise OSError(5, "Input/output error", name)

    monkeypatch.setattr(module.Folder, "remove", fail)
    with pytest.raises(OSError, match="Input/output"):
        remove_runs(found)
    assert not (here / "20260101-120000-s0-aaaa").exists()
    assert [run.run.name for run in removable(["20260102"])] == ["bvdp-ppo/20260102-120000-s0-bbbb"]
