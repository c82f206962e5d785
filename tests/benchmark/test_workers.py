"""The benchmark as a user starts it: real runs in processes of their own."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rldbs.benchmark.workers import _Process
from rldbs.files.folder import Folder
from rldbs.runs.find import read_meta
from rldbs.runs.lock import sole
from tests.benchmark.conftest import small_task
from tests.conftest import HANGS, call

TINY = ("learners=[ppo]", "controllers=[proportional]", "tasks=[small]", "seeds=1", "episodes=2", "trials=8", "jobs=2")


def words(folder: Path, directory: Path, *more: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "rldbs.cli",
        "benchmark",
        *TINY,
        f"folder={folder}",
        *more,
        "--config-dir",
        str(directory),
    ]


def run(folder: Path, directory: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words(folder, directory, *more), capture_output=True, text=True, timeout=HANGS)


def numbers(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): json.loads(path.read_text())["deterministic"]
        for path in sorted(folder.rglob("metrics.json"))
    }


def test_everything_is_done_once_and_reported(tmp_path, directory, capsys):
    folder, shown = tmp_path / "runs", tmp_path / "shown"
    first = run(folder, directory, f"report={shown}")
    assert first.returncode == 0, first.stderr
    assert "small ppo seed 0: S " in first.stdout
    text = (folder / "report" / "benchmark.md").read_text()
    assert "| `small` |" in text
    assert "2 runs, " in text
    assert (shown / "comparison.html").is_file()
    rows = csv.DictReader((shown / "comparison.csv").read_text().splitlines())
    assert {row["agent"] for row in rows} == {"ppo", "proportional"}
    before = numbers(folder)
    code, out, _ = call(words(folder, directory)[3:], capsys)
    assert code == 0
    assert "2 of 2 runs are done already" in out
    assert len((folder / "times.csv").read_text().splitlines()) == 3  # nothing ran again
    assert numbers(folder) == before


@pytest.mark.parametrize(("does", "least", "most"), [("time.sleep(1)", 0.0, 0.8), ("worked()", 0.3, 30.0)])
def test_what_a_process_uses_counts_not_how_long_it_waits(does, least, most):
    code = "import time\ndef worked():\n    while time.process_time() < 0.3: pass\n" + does
    one = _Process(None, subprocess.Popen([sys.executable, "-S", "-c", code]), 0)
    while not one.ended():
        time.sleep(0.01)
    assert least <= one.used <= most


def test_where_no_times_can_be_noted_nothing_is_started(tmp_path, directory, capsys):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "times.csv").symlink_to(tmp_path / "elsewhere")
    code, _, err = call(words(tmp_path / "runs", directory)[3:], capsys)
    assert code == 2
    assert "times.csv: must be a file, not a link or anything else" in err
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "runs" / "small").exists()


@pytest.mark.slow
def test_a_second_benchmark_has_the_same_numbers_to_the_last_digit(tmp_path, directory):
    for name in ("one", "other"):
        assert run(tmp_path / name, directory).returncode == 0
    assert numbers(tmp_path / "one") == numbers(tmp_path / "other")


@pytest.mark.slow
def test_a_run_that_fails_does_not_stop_the_others(tmp_path, directory):
    task = directory / "task" / "small.yaml"
    wild = '"steps=512", "stimulus.amplitude=100", "agent.log_std=0"'
    task.write_text(task.read_text().replace('"steps=512"', wild))
    done = run(tmp_path / "runs", directory)
    assert done.returncode == 1
    assert "small proportional: S " in done.stdout
    assert "small ppo seed 0: failed: " in done.stdout
    assert "1 of 2 runs failed" in done.stderr


@pytest.mark.slow
def test_stopped_and_gone_on_with_it_ends_as_if_it_had_not_been(tmp_path, directory):
    task = directory / "task" / "small.yaml"
    task.write_text(task.read_text().replace('"steps=512"', '"steps=40_000"'))
    assert run(tmp_path / "whole", directory).returncode == 0
    process = subprocess.Popen(words(tmp_path / "stopped", directory), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    progress = tmp_path / "stopped" / "small" / "ppo" / "s0" / "progress.csv"
    while not progress.is_file() or len(progress.read_text().splitlines()) < 4:
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=HANGS)
    assert process.returncode == 130, error
    assert b"The same command goes on with it" in error
    assert run(tmp_path / "stopped", directory).returncode == 0
    assert numbers(tmp_path / "stopped") == numbers(tmp_path / "whole")


@pytest.mark.slow
def test_killed_and_given_again_at_once_it_goes_on_and_no_log_is_cut(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory = small_task(tmp_path, "steps=10_240")
    process = subprocess.Popen(words(Path("runs"), directory, "controllers=[]"), stdout=subprocess.DEVNULL)
    run_folder, log = Path("runs/small/ppo/s0"), Path("runs/small/ppo/s0.log")
    while not (run_folder / "progress.csv").is_file() or len(log.read_text().splitlines()) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = log.read_bytes()
    again = run(Path("runs"), directory, "controllers=[]")
    assert again.returncode == 0, again.stderr
    assert "small ppo seed 0: S " in again.stdout
    assert log.read_bytes().startswith(before)
    assert read_meta(run_folder)["status"] == "done"


@pytest.mark.slow
def test_a_run_on_which_another_process_works_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory, folder = small_task(tmp_path), Folder(Path("runs/small/ppo/s0")).make()
    with sole(folder):
        process = subprocess.Popen(
            words(Path("runs"), directory, "controllers=[]"),
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert process.stdout is not None
        first = process.stdout.readline()
    rest = process.communicate(timeout=HANGS)[0]
    assert process.returncode == 0
    assert first == "small ppo seed 0: another process is at work on it; its end is waited for\n"
    assert "small ppo seed 0: S " in rest
