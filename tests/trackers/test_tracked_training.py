"""Training with a tracker: what it is told, under which name, when a run goes on, and that no result depends on it."""

import json
from io import StringIO
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare, content
from rldbs.config.composition import compose
from rldbs.config.schema import check_training, train_settings
from rldbs.core import plugins
from rldbs.core.errors import SettingError
from rldbs.experiment.train import resume
from rldbs.runs.listed_runs import listed_runs
from rldbs.sweep.run_sweep import run_sweep
from rldbs.trackers import installed
from rldbs.trackers.tracker import TRACKERS
from tests.conftest import SMALL, call, small_run, small_settings
from tests.trackers.recorded import TOLD, Recorded


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    """A tracker in memory, beside ours."""
    TOLD.clear()
    monkeypatch.setattr(TRACKERS, "own", {**TRACKERS.own, "recorded": Recorded})


def settings(overrides=(), fails=""):
    config = compose("train", [*SMALL, *overrides])
    return train_settings({**config, "tracker": {"name": "recorded", "fails": fails}})


def trained(folder, overrides=(), fails=""):
    from rldbs.experiment.train import train

    folder.mkdir(parents=True)
    said = StringIO()
    train(settings(overrides, fails), folder, Console(file=said, width=200))
    return said.getvalue()


def told(what):
    return [one for kind, one in TOLD if kind == what]


def progress(folder):
    """What of progress.csv does not depend on the clock."""
    table = np.genfromtxt(folder / "progress.csv", delimiter=",", names=True)
    return [table[name].tobytes() for name in table.dtype.names if not {"time", "per"} & {*name.split("_")}]


def test_it_is_told_the_settings_each_row_and_the_results_and_nothing_depends_on_it(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "bvdp-ppo" / "a"
    trained(folder, ["note=first", "tags=[a,b]"])
    (begun,) = told("follow")
    assert (begun.name, begun.sweep, begun.note, begun.tags) == ("bvdp-ppo/a", None, "first", ("a", "b"))
    assert begun.settings()["agent.rollout"] == 64
    assert begun.id == json.loads((folder / "meta.json").read_text())["tracked"]
    rows = told("row")
    assert [steps for steps, _ in rows] == [*range(512, 4097, 512)]
    assert rows[-1][1]["suppression"] > 0
    (kept,) = told("keep")
    assert {"config.yaml", "progress.csv", "evaluation/final/metrics.json", "checkpoints/best/state.json"} <= {*kept}
    assert all(path.is_file() for path in kept.values())
    assert told("end") == ["done"]
    assert progress(folder) == progress(run)


def test_a_run_that_goes_on_is_the_same_run(tmp_path):
    trained(tmp_path / "run", ["steps=1024"])
    resume(settings(["steps=2048"]), tmp_path / "run", Console(file=StringIO()))
    first, second = told("follow")
    assert first.id == second.id
    assert [steps for steps, _ in told("row")] == [512, 1024, 1536, 2048]


def test_a_tracker_that_fails_leaves_the_training_as_it_is(run, tmp_path):
    said = trained(tmp_path / "run", fails="row")
    assert said.count("tracker=recorded: OSError: no row") == 1
    assert progress(tmp_path / "run") == progress(run)
    assert json.loads((tmp_path / "run" / "meta.json").read_text())["status"] == "done"


def test_runs_of_a_sweep_are_named_after_what_varies_and_stand_together(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own" / "tracker").mkdir(parents=True)
    (tmp_path / "own" / "tracker" / "recorded.yaml").write_text("name: recorded\nfails: ''\n")
    few = [*SMALL, "steps=512", "tracker=recorded", "seed=0,1", "hydra.sweep.dir=runs/sweeps/mine"]
    run_sweep(few, tmp_path / "own")
    assert [(one.name, one.sweep) for one in told("follow")] == [
        ("seed=0", "sweeps/mine"),
        ("seed=1", "sweeps/mine"),
    ]
    assert len({one.id for one in told("follow")}) == 2


def test_it_parts_no_rows_of_a_comparison(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_run(tmp_path / "runs" / "bvdp-ppo" / "a", ["steps=512"])
    trained(tmp_path / "runs" / "bvdp-ppo" / "b", ["steps=512", "seed=1"])
    (table,) = content(compare(collect(["runs/bvdp-ppo/a", "runs/bvdp-ppo/b"])))["tables"]
    assert len(table["rows"]) == 1


def test_what_mlflow_keeps_is_not_taken_for_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "runs" / "mlflow" / "runs-artifacts" / "1"
    kept.mkdir(parents=True)
    (kept / "config.yaml").touch()
    assert listed_runs() == []


@pytest.mark.parametrize("name", ["mlflow", "wandb"])
def test_one_that_is_not_installed_is_refused_before_anything_is_made(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(installed, "find_spec", lambda module: None)
    status, _, said = call(["train", f"tracker={name}"], capsys)
    wanted = (
        f"rldbs: tracker={name}: needs {name}, which is not installed: pip install {name}, or '.[{name}]' in a clone\n"
    )
    assert (status, said) == (2, wanted)
    assert list(tmp_path.iterdir()) == []
    assert train_settings(
        compose("train", [f"tracker={name}"])
    ).tracker.lacks  # a run that goes on elsewhere only says so


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tracker=mlflow", "tracker.uri=ftp://there"], r"tracker.uri=ftp://there: must be sqlite:///PATH, or"),
        (["tracker=mlflow", "tracker.project=''"], r"tracker.project=: must be 1 to 100 letters"),
        (["tracker=wandb", "tracker.mode=sometimes"], r"tracker.mode=sometimes: must be offline or online"),
        (["tracker=tensorboard"], r"there is no tracker tensorboard"),
    ],
)
def test_mistakes_are_told(words, told):
    with pytest.raises(SettingError, match=told):
        check_training(compose("train", words), words)


def test_searches_have_none(capsys):
    status, _, said = call(["tune", "tracker=wandb"], capsys)
    assert status == 2
    assert "tracker" in said


def test_a_package_may_bring_one(monkeypatch):
    named = SimpleNamespace(
        name="mine", value="tests.trackers.recorded:Recorded", dist=SimpleNamespace(name="p", version="1")
    )
    monkeypatch.setattr(plugins, "entry_points", lambda group: [named] if group == "rldbs.trackers" else [])
    plugins._named.cache_clear()
    try:
        assert TRACKERS["mine"] is Recorded
    finally:
        plugins._named.cache_clear()


def test_small_runs_have_none():
    assert small_settings().tracker is None
