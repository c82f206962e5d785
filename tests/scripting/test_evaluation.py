"""Evaluations, their recordings and tables as objects."""

import json
import math
import shutil
import sys
from types import ModuleType

import numpy as np
import pytest

import rldbs
from rldbs.analysis.metric_definitions import METRICS
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.errors import RunError, SettingError


@pytest.fixture
def pandas(monkeypatch):
    """In place of pandas: a frame is what it was made of."""
    module = ModuleType("pandas")
    module.DataFrame = dict
    monkeypatch.setitem(sys.modules, "pandas", module)


def test_an_evaluation_is_what_stands_in_its_folder(run):
    evaluation, folder = rldbs.load(run).evaluations["final"], run / "evaluation" / "final"
    assert (evaluation.path, evaluation.name) == (folder, "final")
    assert evaluation.metrics == json.loads((folder / "metrics.json").read_text())
    assert evaluation.config["protocol"] == rldbs.load(run).config["protocol"]
    assert evaluation.picture == folder / "suppression.png"
    assert evaluation._repr_png_() == (folder / "suppression.png").read_bytes()
    assert repr(evaluation).startswith("<Evaluation run final: ppo on bvdp, S ")
    assert repr(evaluation).endswith("; 2 populations>")


def test_one_number_for_each_metric(run):
    evaluation = rldbs.load(run).evaluations["final"]
    for policy in ("deterministic", "stochastic"):
        values, scores = evaluation.iqm(policy), evaluation.metrics[policy]
        assert values.keys() == METRICS.keys()
        for key, value in values.items():
            assert math.isnan(value) if scores[key]["iqm"] is None else value == scores[key]["iqm"]
    with pytest.raises(SettingError, match="policy='random': was not measured; there is deterministic and stochastic"):
        evaluation.iqm("random")


def test_the_recording_is_that_of_the_file(run):
    loaded, whole = rldbs.load(run), Trajectory.load(run / "evaluation" / "final" / "trajectory.npz")
    np.testing.assert_array_equal(loaded.trajectory.field, whole.field)
    np.testing.assert_array_equal(loaded.trajectory.kicks, whole.kicks)
    assert repr(loaded.trajectory).startswith("<Trajectory of 2 populations: 200 steps free, 300 steps stimulated, ")


def test_a_recording_as_a_frame_has_a_row_for_each_population_and_step(run, pandas):
    trajectory = rldbs.load(run).trajectory
    frame = trajectory.to_pandas()
    assert list(frame) == ["episode", "step", "time", "phase", "x", "y", "kick"]
    assert {len(column) for column in frame.values()} == {2 * 700}
    row = 700 + 450
    assert (frame["episode"][row], frame["step"][row], frame["phase"][row]) == (1, 450, "stimulated")
    assert frame["time"][row] == 450 * trajectory.dt
    assert (frame["y"][row], frame["kick"][row]) == (trajectory.field[1, 450, 1], trajectory.kicks[1, 450])
    assert [frame["phase"][k] for k in (199, 200, 499, 500)] == ["free", "stimulated", "stimulated", "relaxed"]


def test_oscillators_with_several_contacts_have_their_metrics_and_a_column_for_each_contact(
    pandas, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    small = {"neurons": 30, "transient": 100, "protocol.free": 500, "protocol.stimulated": 600, "protocol.onset": 200}
    protocol = {"protocol.episodes": 2, "protocol.relaxed": 200, "threads": 1}
    evaluation = rldbs.evaluate("kuramoto_populations", agent="random", **small, **protocol)
    values = evaluation.iqm()
    assert {"suppression", "order", "order_within", "firing"} <= values.keys()
    assert 0 <= values["order"] <= 1
    frame, kicks = evaluation.trajectory.to_pandas(), evaluation.trajectory.kicks
    assert [name for name in frame if name.startswith("kick")] == ["kick1", "kick2", "kick3"]
    np.testing.assert_array_equal(frame["kick3"], kicks[:, :, 2].ravel())
    assert kicks[:, :, 2].any()


def test_progress_as_a_frame_has_its_columns(run, pandas):
    progress = rldbs.load(run).progress
    assert list(progress.to_pandas()) == list(progress)


def test_without_pandas_there_is_no_frame(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    loaded = rldbs.load(run)
    for table in (loaded.progress, loaded.trajectory):
        with pytest.raises(SettingError, match="to_pandas: needs pandas, which is not installed: pip install pandas"):
            table.to_pandas()


def test_a_damaged_evaluation_is_refused(run, tmp_path):
    damaged = shutil.copytree(run, tmp_path / "damaged", symlinks=True)
    folder = damaged / "evaluation" / "final"
    for other in folder.parent.iterdir():  # what other tests have measured in the run that they share
        if other.is_dir() and other != folder:
            shutil.rmtree(other)
    (folder / "trajectory.npz").write_bytes(b"nothing")
    evaluation = rldbs.load(damaged).evaluations["final"]
    with pytest.raises(RunError, match="is not a readable trajectory"):
        evaluation.trajectory  # noqa: B018
    (folder / "trajectory.npz").unlink()
    with pytest.raises(RunError, match=r"trajectory\.npz: cannot be read"):
        evaluation.trajectory  # noqa: B018
    (folder / "config.yaml").write_text("- 1\n")
    with pytest.raises(RunError, match=r"config\.yaml: must hold keys with values"):
        evaluation.config  # noqa: B018
    (folder / "suppression.png").unlink()
    assert evaluation.picture is evaluation._repr_png_() is None
    (folder / "metrics.json").write_text("{}")
    assert rldbs.load(damaged).evaluations == {}
    with pytest.raises(RunError, match=r"final: has no metrics\.json that can be read"):
        evaluation.metrics  # noqa: B018
    assert repr(evaluation) == "<Evaluation damaged final: cannot be read>"
