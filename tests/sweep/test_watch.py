"""Whoever watches the runs of a sweep reads what may be a stranger's, and goes on watching."""

import os
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rldbs.files.folder import Folder
from rldbs.sweep import watch as watching
from rldbs.sweep.definition import Job
from rldbs.sweep.results import Results
from rldbs.sweep.sweep_folder import Sweep
from rldbs.sweep.watch import Watch, last_row
from tests.conftest import HANGS


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (b"steps,time\n64,1.5\n128,2.5\n256,3", {"steps": 128.0, "time": 2.5}),
        (b"steps,time\n64,\n", {"steps": 64.0}),
        (b"steps,time\nmany,nan\n", {}),
        (b"steps,time\n1e999,1\n", {"time": 1.0}),
        (b"steps,time\n1\r2,3\n", {"steps": 1.0}),
        (b"\xff,\xff\n\xff,1\n", {"�": 1.0}),
        (b"steps", {}),
        (b"", {}),
    ],
)
def test_of_the_last_row_only_the_numbers_are_read(content, row, tmp_path):
    (tmp_path / "progress.csv").write_bytes(content)
    assert last_row(Folder(tmp_path)) == row


@pytest.mark.parametrize("kind", ["a link to a device", "a pipe", "a folder"])
def test_of_what_is_no_file_nothing_is_read(kind, tmp_path):
    path = tmp_path / "progress.csv"
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    assert last_row(Folder(tmp_path)) == {}


def test_a_look_that_fails_does_not_end_the_watch(monkeypatch, tmp_path):
    """A run whose row could not be written is taken down when there is room again."""
    monkeypatch.setattr(watching, "PAUSE", 0.01)
    job = Job("run", ())
    sweep = Sweep(tmp_path, "2026-01-01T12:00:00+00:00", {}, (), (job,), (), "")
    results = Results(sweep, [])
    full = [True]

    def add(self: Results, job: Job, reason: str = "") -> None:
        if full[0]:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Results, "add", add)
    with Watch(sweep, [job], 0, results, Console(file=StringIO())) as watch:
        (tmp_path / "run").mkdir()
        Path("run/meta.json").write_text('{"status": "done"}')
        time.sleep(0.2)
        assert watch.left == [job]
        full[0] = False
        end = time.monotonic() + HANGS
        while watch.left and time.monotonic() < end:
            time.sleep(0.01)
        assert watch.left == []
