"""The policies that come with the package."""

import os
import shutil
import subprocess
import sys
from functools import partial
from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from safetensors.numpy import load_file

from rldbs.commands.evaluate import evaluation
from rldbs.config.composition import compose
from rldbs.config.schema import train_settings
from rldbs.core.errors import RunError
from rldbs.core.models import MODELS
from rldbs.experiment.evaluate import evaluate_run
from rldbs.files.folder import Folder
from rldbs.process.threads import cores
from rldbs.runs.add_to_zoo import ship
from rldbs.runs.find import find_run
from rldbs.runs.zoo import ZOO, zoo

SHORT = (
    "model.neurons=300",
    "protocol.episodes=2",
    "protocol.free=1000",
    "protocol.stimulated=3500",
    "protocol.onset=2500",
    "protocol.relaxed=300",
)


def test_there_is_a_network_and_a_regulator_for_each_model():
    assert set(zoo()) == {f"{model}-{agent}" for model in MODELS for agent in ("lqg", "ppo")}


@pytest.mark.parametrize("name", zoo())
def test_a_policy_is_small_and_holds_numbers_and_the_command_that_made_it(name):
    folder = zoo()[name]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".yaml", ".txt", ".json", ".safetensors", ""}
    assert sum(path.stat().st_size for path in files) < 300_000
    command = (folder / "command.txt").read_text().split()
    assert command[:2] == ["rldbs", "train"]
    settings = train_settings(compose("train", command[2:]))
    assert f"{settings.loop.model.name}-{settings.config['agent']['name']}" == name


@pytest.mark.slow
@pytest.mark.skipif(cores() < 2, reason="needs two cores")
def test_a_policy_has_the_same_numbers_whatever_the_cores(tmp_path):
    """32 populations: with fewer, products are too small to be parted among threads."""
    measured = []
    for use in ({min(os.sched_getaffinity(0))}, os.sched_getaffinity(0)):
        words = ["evaluate", "run=zoo:bvdp-ppo", *SHORT, "protocol.episodes=32", "threads=1", "json=out.json"]
        command = [sys.executable, "-m", "rldbs.cli", *words]
        subprocess.run(
            command, check=True, capture_output=True, cwd=tmp_path, preexec_fn=partial(os.sched_setaffinity, 0, use)
        )
        measured.append((tmp_path / "out.json").read_bytes())
    assert measured[0] == measured[1]


def test_a_policy_suppresses_and_nothing_is_written_into_it(tmp_path, monkeypatch):
    name = "bvdp-ppo"
    monkeypatch.chdir(tmp_path)
    before = sorted(zoo()[name].rglob("*"))
    settings, run, _ = evaluation([f"run=zoo:{name}", *SHORT], None)
    metrics = evaluate_run(settings, run, console=Console(file=StringIO()))
    assert metrics["deterministic"]["suppression"]["iqm"] > 10
    assert metrics["deterministic"]["activity"]["iqm"] > 0.8
    assert sorted(zoo()[name].rglob("*")) == before
    [folder] = (tmp_path / "runs" / name).iterdir()
    assert (folder / "evaluation").is_dir()


def test_an_unknown_policy_is_refused_with_those_that_there_are():
    with pytest.raises(RunError, match=r"run=zoo:hr: there is no such policy; there are .*zoo:hr-ppo"):
        find_run("zoo:hr")


def test_shipping_keeps_the_best_weights_and_leaves_the_rest(run, tmp_path):
    ship(run, Folder(tmp_path) / "small", "rldbs train seed=0")
    kept = load_file(tmp_path / "small" / "checkpoints" / "best" / "policy.safetensors")
    for name, array in load_file(run / "checkpoints" / "best" / "policy.safetensors").items():
        np.testing.assert_array_equal(kept[name], array)
    assert not (tmp_path / "small" / "checkpoints" / "best" / "optimizer.safetensors").exists()
    shutil.copytree(tmp_path / "small", tmp_path / "runs" / "small")
    assert find_run(str(tmp_path / "runs" / "small")) == tmp_path / "runs" / "small"
    assert not (ZOO / "small").exists()
