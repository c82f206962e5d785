"""Many runs at once, on all cores: how long they take, and what is left when all processes are killed."""

import csv
import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rldbs.experiment.train import train
from rldbs.process.threads import cores
from rldbs.runs.find import read_meta, read_metrics
from tests.conftest import HANGS, small_settings
from tests.sweep.conftest import BRIEF

pytestmark = pytest.mark.slow

RLDBS = (sys.executable, "-m", "rldbs.cli")
SWEEP = (*RLDBS, "train", "-m", *BRIEF)
PARALLEL = ("hydra/launcher=joblib", "hydra.sweep.dir=study")
RUNS = 24


def run(*words):
    """How long a command takes, in seconds."""
    began = time.monotonic()
    answer = subprocess.run(words, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return time.monotonic() - began


def done():
    """Runs of the sweep that are done, each with the time of its meta.json."""
    metas = Path("study").glob("*/meta.json")
    return {path.parent.name: path.stat().st_mtime_ns for path in metas if read_meta(path.parent)["status"] == "done"}


@pytest.mark.skipif(cores() < 2, reason="needs two cores")
def test_many_runs_share_the_cores_without_loss():
    single = sum(run(*RLDBS, "train", *BRIEF, f"seed={seed}") for seed in range(RUNS))
    together = run(*SWEEP, f"seed=range({RUNS})", *PARALLEL, "hydra.launcher.n_jobs=2")
    assert together <= 1.25 * single / 2


def test_what_is_killed_goes_on_and_nothing_is_done_twice():
    command = (*SWEEP, "steps=8192", f"seed=range({RUNS})", *PARALLEL)
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(done()) < RUNS // 3:
        assert process.poll() is None
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = done()
    assert RUNS // 3 <= len(before) < RUNS
    run(*command)
    assert len(done()) == RUNS
    assert before.items() <= done().items()
    assert not any("resumed" in read_meta(Path("study") / name) for name in before)


def test_a_worker_that_is_killed_costs_only_its_run():
    command = (*SWEEP, "steps=16384", "seed=range(4)", *PARALLEL, "hydra.launcher.n_jobs=2")
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, text=True)
    while not any(read_meta(path.parent).get("steps_done") for path in Path("study").glob("*/meta.json")):
        assert process.poll() is None
        time.sleep(0.1)
    running = (read_meta(path.parent) for path in Path("study").glob("*/meta.json"))
    os.kill(next(meta["pid"] for meta in running if meta["status"] == "running"), signal.SIGKILL)
    said, _ = process.communicate()
    assert process.returncode == 0, said
    assert "A process has died" in said
    assert len(done()) == 4


def test_a_thousand_runs_cost_little_beside_their_own_time(tmp_path):
    settings = small_settings(BRIEF)
    own = []
    for k in range(21):
        (tmp_path / f"own{k}").mkdir()
        began = time.monotonic()
        train(settings, tmp_path / f"own{k}", Console(file=StringIO()))
        own.append(time.monotonic() - began)
    at_once = min(2, cores())
    whole = run(*SWEEP, "seed=range(1000)", *PARALLEL, f"hydra.launcher.n_jobs={at_once}")
    overhead = whole / 1000 - sorted(own)[10] / at_once
    assert overhead <= 0.3
    with open("study/results.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(int(row["seed"]) for row in rows) == list(range(1000))
    assert {row["status"] for row in rows} == {"done"}
    for row in rows[::50]:
        measured = read_metrics(Path("study") / row["run"], "final")["deterministic"]["suppression"]["iqm"]
        assert float(row["suppression"]) == pytest.approx(measured, rel=1e-9)


@pytest.mark.parametrize(("number", "send"), [(signal.SIGINT, os.killpg), (signal.SIGTERM, os.kill)])
def test_a_sweep_that_is_told_to_stop_saves_its_runs_and_goes_on(number, send):
    command = (*SWEEP, "steps=65536", "seed=range(3)", *PARALLEL, "hydra.launcher.n_jobs=2")
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    while len([*Path("study").glob("*/progress.csv")]) < 2:
        assert process.poll() is None
        time.sleep(0.1)
    send(process.pid, number)
    _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 128 + number
    assert "Go on with: rldbs resume study" in said
    states = {path.parent.name: read_meta(path.parent)["status"] for path in Path("study").glob("*/meta.json")}
    assert states == {"seed=0": "interrupted", "seed=1": "interrupted"}
    run(*RLDBS, "resume", "study")
    assert len(done()) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_sweep_alone_reaches_its_runs(number):
    command = (*SWEEP, "steps=10_000_000", "seed=range(3)", *PARALLEL, "hydra.launcher.n_jobs=2")
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    while len([*Path("study").glob("*/progress.csv")]) < 2:
        assert process.poll() is None
        time.sleep(0.1)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 128 + number
    assert "The runs that had begun have saved themselves" in said
    metas = [read_meta(path.parent) for path in Path("study").glob("*/meta.json")]
    assert [meta["status"] for meta in metas] == ["interrupted"] * 2
    assert all(meta["steps_done"] > 0 for meta in metas)
