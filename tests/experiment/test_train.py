"""What a training run leaves behind, and that the same seed leaves the same."""

import csv
import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import yaml
from rich.console import Console

from rldbs.analysis.metric_definitions import METRICS
from rldbs.core.errors import DivergedError
from rldbs.experiment.progress_columns import COLUMNS
from rldbs.experiment.train import train
from rldbs.runs.checkpoint import find_checkpoint, read_checkpoint
from tests.conftest import small_run, small_settings


def rows(folder: Path) -> list[dict[str, str]]:
    with open(folder / "progress.csv", newline="") as file:
        return list(csv.DictReader(file))


def without_clock(table: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if "time" not in k and "per_second" not in k} for row in table]


def test_run_folder_holds_the_whole_story(run):
    for name in ("config.yaml", "meta.json", "train.log", "progress.csv", "tensorboard", "evaluation/final"):
        assert (run / name).exists()
    meta = json.loads((run / "meta.json").read_text())
    assert meta["status"] == "done"
    assert (meta["model"], meta["agent"], meta["seed"], meta["steps"], meta["steps_done"]) == (
        "bvdp",
        "ppo",
        0,
        4096,
        4096,
    )
    assert meta["finished"] >= meta["started"]
    assert meta["versions"]["torch"]
    assert any(path.name.startswith("events.out.tfevents") for path in (run / "tensorboard").iterdir())


def test_config_is_complete_and_resolved(run):
    text = (run / "config.yaml").read_text()
    assert "${" not in text
    config = yaml.safe_load(text)
    assert config["model"]["neurons"] == 50
    assert config["start"]["seed"] == config["seed"] == 0


def test_progress_has_a_row_for_each_rollout_and_measurements_where_they_were_made(run):
    table = rows(run)
    assert tuple(table[0]) == COLUMNS
    assert [int(row["steps"]) for row in table] == [512 * k for k in range(1, 9)]
    measured = [int(row["steps"]) for row in table if row["suppression"]]
    assert measured == [1024, 2048, 3072, 4096]
    assert all(row["value_loss"] and row["reward"] for row in table)


def test_checkpoints_hold_numbers_and_no_code(run):
    names = {path.name for path in (run / "checkpoints").iterdir()}
    assert {"best", "last", "4096"} <= names
    for path in run.rglob("*"):
        assert path.suffix not in (".pkl", ".pt", ".pth", ".zip")
    last = read_checkpoint(find_checkpoint(run, "last"))
    assert last.state["steps"] == 4096
    assert last.tensors["policy"].keys() >= {"log_std", "action_net.weight"}
    assert last.tensors["optimizer"]
    assert last.tensors["course"]["returns.count"] > 4096


def test_metrics_have_every_key_for_both_policies(run):
    metrics = json.loads((run / "evaluation" / "final" / "metrics.json").read_text())
    assert (metrics["schema"], metrics["model"], metrics["agent"], metrics["episodes"]) == (1, "bvdp", "ppo", 2)
    for kind in ("deterministic", "stochastic"):
        assert metrics[kind].keys() == METRICS.keys()
        for value in metrics[kind].values():
            assert len(value["values"]) == 2
    assert metrics["deterministic"]["rms_kick"] != metrics["stochastic"]["rms_kick"]


def test_same_seed_leaves_the_same_numbers_whatever_the_threads(run, tmp_path):
    again = tmp_path / "again"
    small_run(again, ["threads=2"])
    assert without_clock(rows(again)) == without_clock(rows(run))
    first, second = (read_checkpoint(find_checkpoint(folder, "last")) for folder in (run, again))
    for name, weights in first.tensors["policy"].items():
        np.testing.assert_array_equal(weights, second.tensors["policy"][name])
    metrics = [(folder / "evaluation" / "final" / "metrics.json").read_text() for folder in (run, again)]
    assert metrics[0] == metrics[1]


def test_another_seed_leaves_others(run, tmp_path):
    other = tmp_path / "other"
    small_run(other, ["seed=1"])
    assert rows(other)[0]["reward"] != rows(run)[0]["reward"]


def test_best_is_the_checkpoint_with_the_highest_eligible_suppression(run):
    measured = {float(row["suppression"]): int(row["steps"]) for row in rows(run) if row["suppression"]}
    assert read_checkpoint(find_checkpoint(run, "best")).state["steps"] == measured[max(measured)]


def test_policy_that_stimulates_too_much_is_never_the_best(tmp_path):
    folder = tmp_path / "run"
    small_run(folder, ["checkpoints.most_kick=1e-9", "steps=2048"])
    assert not any(row["best_suppression"] for row in rows(folder))


def test_failed_run_says_why_and_keeps_its_checkpoints(tmp_path):
    settings = small_settings(["agent.learning_rate=1", "agent.max_grad_norm=1000", "stimulus.amplitude=100"])
    with pytest.raises(DivergedError) as caught:
        train(settings, tmp_path, Console(file=StringIO()))
    meta = json.loads((tmp_path / "meta.json").read_text())
    assert meta["status"] == "failed"
    what, mend, kept = str(caught.value).split("\n")
    assert what in meta["error"]
    assert mend.startswith("Lower stimulus.amplitude=100")
    assert kept == "What was learned in the first 4,096 steps is kept"
    assert find_checkpoint(tmp_path, "last").name == "4096"
    assert meta["finished"]


@pytest.mark.parametrize("agent", ["ppo", "sac"])
def test_measuring_on_the_way_does_not_change_what_is_learned(agent, tmp_path, monkeypatch):
    monkeypatch.setattr("rldbs.experiment.train.evaluate_run", lambda *_, **__: {})
    often, seldom = tmp_path / "often", tmp_path / "seldom"
    small_run(often, ["steps=1536", "checkpoints.every=512"], agent)
    small_run(seldom, ["steps=1536", "checkpoints.every=1536"], agent)
    assert [int(row["steps"]) for row in rows(often) if row["suppression"]] == [512, 1024, 1536]
    assert [int(row["steps"]) for row in rows(seldom) if row["suppression"]] == [1536]
    first, second = (read_checkpoint(find_checkpoint(folder, "last")) for folder in (often, seldom))
    for group in ("policy", "optimizer"):
        for name, array in first.tensors[group].items():
            np.testing.assert_array_equal(array, second.tensors[group][name])
