"""Runs as objects."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

import rldbs
from rldbs.core.errors import RunError, SettingError
from rldbs.runs.zoo import ZOO


def test_a_run_has_what_stands_in_its_folder(run):
    loaded = rldbs.load(run)
    assert (loaded.path, Path(loaded)) == (run, run)
    assert loaded.config == yaml.safe_load((run / "config.yaml").read_text())
    assert loaded.metrics == json.loads((run / "evaluation" / "final" / "metrics.json").read_text())
    assert loaded.evaluations["final"].metrics == loaded.metrics
    assert (loaded.status, loaded.name, loaded.meta["steps"]) == ("done", "bvdp-ppo/run", 4096)
    assert loaded.checkpoints == (2048, 3072, 4096)
    assert repr(loaded).startswith("<Run bvdp-ppo/run: ppo on bvdp, seed 0, done, 4,096 of 4,096 steps, S ")


def test_progress_has_the_numbers_of_its_table(run):
    with open(run / "progress.csv") as file:
        rows = list(csv.DictReader(file))
    progress = rldbs.load(run).progress
    assert list(progress) == list(rows[0])
    assert (len(progress), progress.rows) == (23, len(rows))
    for name, column in progress.items():
        assert column.dtype == np.float64
        np.testing.assert_array_equal(column, [float(row[name] or "nan") for row in rows])
    assert np.isnan(progress["suppression"]).any()


def test_runs_are_found_by_every_name_that_they_have(run, tmp_path, monkeypatch):
    copied = shutil.copytree(run, tmp_path / "runs" / "bvdp-ppo" / "20260101-s0", symlinks=True)
    monkeypatch.chdir(tmp_path)
    for name in ("last", "2026", "bvdp-ppo/20260101-s0", "runs/bvdp-ppo/20260101-s0", copied):
        assert rldbs.load(name).path == copied
    assert rldbs.load().path == copied
    assert rldbs.load("2026", directory=tmp_path / "runs").path == copied
    assert rldbs.load(rldbs.load()).path == copied


def test_a_run_is_where_it_was_whatever_the_current_folder_becomes(run, tmp_path, monkeypatch):
    monkeypatch.chdir(run.parent)
    loaded = rldbs.load("run")
    monkeypatch.chdir(tmp_path)
    assert loaded.progress.rows == 8


def test_a_policy_of_the_zoo_is_a_run_without_a_story():
    loaded = rldbs.load("zoo:bvdp-ppo")
    assert (loaded.name, loaded.path, loaded.evaluations) == ("zoo:bvdp-ppo", ZOO / "bvdp-ppo", {})
    assert repr(loaded) == "<Run zoo:bvdp-ppo: ppo on bvdp, seed 1>"
    with pytest.raises(RunError, match=r"zoo:bvdp-ppo: has no measurement of its own; rldbs\.evaluate\(run\)"):
        loaded.metrics  # noqa: B018
    with pytest.raises(RunError, match=r"zoo:bvdp-ppo: has no progress\.csv"):
        loaded.progress  # noqa: B018


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        (3, SettingError, r"run=3: must be a name or a path"),
        ("zoo:none", RunError, r"zoo:none: there is no such policy; there are zoo:bvdp-lqg"),
        ("nowhere", RunError, r"nowhere: there are no training runs under .*; start one with: rldbs train"),
    ],
)
def test_what_is_no_run_is_refused(name, error, words, tmp_path):
    with pytest.raises(error, match=words):
        rldbs.load(name, tmp_path)


def test_a_run_whose_settings_cannot_be_read_is_refused(run, tmp_path):
    damaged = shutil.copytree(run, tmp_path / "damaged", symlinks=True)
    (damaged / "config.yaml").write_text("model: !!python/name:os.system\n")
    with pytest.raises(RunError, match=r"config\.yaml: .* is not taken"):
        rldbs.load(damaged)
    config = yaml.safe_load((run / "config.yaml").read_text())
    (damaged / "config.yaml").write_text(yaml.safe_dump({**config, "agent": "ppo"}))
    with pytest.raises(RunError, match=r"config\.yaml: agent=ppo: must hold keys with values"):
        rldbs.load(damaged)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("steps,time\n1\n", r"its rows are not equally long"),
        ("steps,time\n1,many\n", r"is no table of numbers: could not convert string to float"),
        ("steps,steps\n1,2\n", r"its rows are not equally long"),
        ("steps\n\0\n", r"it has a zero byte"),
    ],
)
def test_a_damaged_table_is_refused(run, tmp_path, content, words):
    damaged = shutil.copytree(run, tmp_path / "damaged", symlinks=True)
    (damaged / "progress.csv").write_text(content)
    with pytest.raises(RunError, match=words):
        rldbs.load(damaged).progress  # noqa: B018
    (damaged / "progress.csv").unlink()
    (damaged / "progress.csv").symlink_to("/dev/zero")
    with pytest.raises(RunError, match=r"has no progress\.csv"):
        rldbs.load(damaged).progress  # noqa: B018


def test_a_table_without_rows_has_its_columns(run, tmp_path):
    begun = shutil.copytree(run, tmp_path / "begun", symlinks=True)
    (begun / "progress.csv").write_text("steps,time\n")
    progress = rldbs.load(begun).progress
    assert ({name: len(column) for name, column in progress.items()}, progress.rows) == ({"steps": 0, "time": 0}, 0)
    with pytest.raises(KeyError, match="there is no such column; there are steps, time"):
        progress["reward"]


def test_environments_of_a_run_are_those_in_which_it_was_trained(run):
    loaded = rldbs.load(run)
    env, venv = loaded.make_env(seed=5, threads=2), loaded.make_vec(num_envs=3, seed=5)
    np.testing.assert_array_equal(env.reset()[0], venv.reset()[0][0])
    assert env.loop.settings.stimulus.amplitude == loaded.config["stimulus"]["amplitude"] == 0.1
    assert loaded.make_vec(2, coupling=0.02).loop.settings.model.coupling == 0.02


def test_neither_torch_nor_a_learner_is_loaded_for_what_a_run_has_learned():
    code = (
        "import sys, rldbs; run = rldbs.load('zoo:bvdp-ppo'); env = run.make_env(seed=0, neurons=30, transient=50)\n"
        "action, state = run.policy.predict(env.reset()[0]); env.step(action)\n"
        "print([name for name in ('torch', 'stable_baselines3', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
