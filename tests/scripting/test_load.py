"""``rldbs.load`` of what is no training run: searches, response curves, sweeps, comparisons."""

import csv
import shutil
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import rldbs
from rldbs.commands.curve_axes import curve_request
from rldbs.commands.curve_points import curve_settings
from rldbs.commands.stress import stress_settings
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare
from rldbs.compare.file_formats import write_csv
from rldbs.core.errors import RunError
from rldbs.curves.curve import measure_curves
from rldbs.curves.stress_test import measure_stresses
from rldbs.files.folder import Folder
from rldbs.sweep.run_sweep import run_sweep
from tests.conftest import SMALL
from tests.tune.conftest import searched

CURVE = ["agent=proportional,none", *(text for text in SMALL if text.startswith(("model.", "start.", "protocol.")))]


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    return searched(tmp_path_factory.mktemp("searches") / "bvdp-proportional-tune" / "one", ["tune.most_kick=0.02"])


@pytest.fixture(scope="module")
def front_search(tmp_path_factory):
    place = tmp_path_factory.mktemp("fronts") / "bvdp-proportional-tune" / "one"
    return searched(place, ["tune.objective=front", "tune.most_kick=0.02"])


def rows(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def test_a_search_has_its_trials_as_rows_and_the_best_of_them(search):
    loaded, there = rldbs.load(search), rows(search / "trials.csv")
    assert isinstance(loaded, rldbs.Search)
    assert loaded.trials.rows == 12
    assert list(loaded.trials["state"]) == [row["state"] for row in there]
    np.testing.assert_array_equal(loaded.trials["suppression"], [float(row["suppression"]) for row in there])
    kept = [row for row in there if row["state"] == "kept"]
    assert 0 < len(kept) < 12
    top = max(kept, key=lambda row: float(row["suppression"]))
    assert loaded.best["trial"] == int(top["trial"])
    assert loaded.best["agent.gain"] == loaded.tuned["agent"]["gain"]
    assert loaded.metrics["deterministic"]["suppression"]["iqm"] > 0
    assert loaded.trajectory.x.shape[0] == 2
    assert loaded.runs == {}
    assert (loaded.status, loaded.meta["trials"]) == ("done", 12)
    assert repr(loaded).startswith(
        "<Search bvdp-proportional-tune/one: proportional on bvdp, done, 12 of 12 trials, S "
    )


def test_no_trial_beats_one_of_the_front_in_both(search):
    loaded = rldbs.load(search)
    price, gain = loaded.front["mean_abs_kick"], loaded.front["suppression"]
    assert (np.diff(price) > 0).all()
    assert (np.diff(gain) > 0).all()
    kept = loaded.trials.where(loaded.trials["state"] == "kept")
    for cost, won in zip(kept["mean_abs_kick"], kept["suppression"], strict=True):
        assert ((price <= cost) & (gain >= won)).any()


def test_a_whole_front_has_what_was_measured_again(front_search):
    front, there = rldbs.load(front_search).front, rows(front_search / "front.csv")
    assert sorted(front["trial"]) == sorted(float(row["trial"]) for row in there)
    unseen = {float(row["trial"]): float(row["suppression_unseen"] or "nan") for row in there}
    np.testing.assert_array_equal(front["suppression_unseen"], [unseen[number] for number in front["trial"]])
    assert list(front.to_pandas().columns) == list(front)


def test_searches_are_found_by_their_names(search, tmp_path, monkeypatch):
    shutil.copytree(search, tmp_path / "runs" / "bvdp-proportional-tune" / "20260101-s0", symlinks=True)
    monkeypatch.chdir(tmp_path)
    for name in ("bvdp-proportional-tune/2026", "20260101-s0", "runs/bvdp-proportional-tune/20260101-s0"):
        assert isinstance(rldbs.load(name), rldbs.Search)
    with pytest.raises(RunError, match="there are no training runs"):
        rldbs.load("last")


def test_a_search_that_is_not_done_says_so(search, tmp_path):
    part = shutil.copytree(search, tmp_path / "part", symlinks=True)
    shutil.rmtree(part / "evaluation")
    with pytest.raises(RunError, match="has not come to its end; rldbs resume"):
        _ = rldbs.load(part).metrics
    (part / "trials.csv").write_text("trial,state\n0,kept\n")
    with pytest.raises(RunError, match=r"trials.csv: has no column suppression"):
        _ = rldbs.load(part).best
    (part / "trials.csv").unlink()
    with pytest.raises(RunError, match=r"trials.csv"):
        _ = rldbs.load(part).trials


def measured(folder, words):
    folder.mkdir(parents=True)
    request = curve_request(words, None)
    settings = curve_settings(request, None) if request.stress is None else stress_settings(request, None)
    todo = measure_curves if request.stress is None else measure_stresses
    todo(settings, folder, console=Console(file=StringIO(), width=100))
    return folder


def test_curves_have_a_row_for_each_point(tmp_path):
    folder = measured(tmp_path / "curves", [*CURVE, "model.neurons=20,30"])
    loaded = rldbs.load(folder)
    assert isinstance(loaded, rldbs.Results)
    table = loaded.table
    assert list(table["agent"]) == ["proportional", "proportional", "none", "none"]
    assert list(table["value"]) == [20, 30, 20, 30]
    assert set(table["key"]) == {"model.neurons"}
    assert set(table["policy"]) == {"deterministic"}
    assert np.isfinite(table["suppression"]).all()
    assert list(table["error"]) == [""] * 4
    assert loaded.to_pandas().pivot_table("suppression", "value", "curve").shape == (2, 2)
    assert repr(loaded) == "<Results curves: curves, 4 rows>"
    (folder / "curve.json").write_text('{"curves": 3}')
    with pytest.raises(RunError, match="is not that of response curves"):
        _ = loaded.table


def test_a_stress_test_has_a_row_for_each_level_of_each_stress(tmp_path):
    table = rldbs.load(measured(tmp_path / "stress", [*CURVE, "stress=coupling"])).table
    assert set(table["stress"]) == {"coupling"}
    assert table.rows == 2 * len(set(table["value"]))


def test_a_sweep_and_a_comparison_are_their_tables(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_sweep([*SMALL, "steps=512", "seed=0,1", "hydra.sweep.dir=runs/sweeps/mine"], None)
    for name in ("mine", "runs/sweeps/mine", tmp_path / "runs" / "sweeps" / "mine"):
        loaded = rldbs.load(name)
        assert (loaded.kind, list(loaded.table["seed"])) == ("sweep", [0, 1])
    assert list(loaded.table["status"]) == ["done", "done"]
    assert rldbs.load("runs/sweeps/mine/seed=1").config["seed"] == 1
    write_csv(compare(collect(["runs/sweeps/mine"])), Folder(tmp_path).file("comparison.csv"), bom=True)
    table = rldbs.load(tmp_path).table
    assert (table.rows, next(iter(table)), table["seeds"][0], table["agent"][0]) == (1, "task", "0 1", "ppo")


def test_a_folder_that_holds_nothing_is_refused(tmp_path):
    with pytest.raises(RunError, match="is not the folder of a training run"):
        rldbs.load(tmp_path)
    with pytest.raises(RunError, match="holds no curves, no sweep and no comparison"):
        rldbs.Results(tmp_path)
