"""Response curves: their points, their floor, their folder."""

import json
import shutil
from io import StringIO

import numpy as np
import pytest
import yaml
from rich.console import Console

from rldbs.analysis.trajectory import Trajectory
from rldbs.commands.curve_axes import curve_request
from rldbs.commands.curve_points import curve_settings
from rldbs.commands.evaluate import evaluation
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings
from rldbs.core.errors import DivergedError, RunError, SettingError
from rldbs.curves.curve import check_curves, measure_curves
from rldbs.experiment.evaluate import evaluate_run
from rldbs.runs.lock import LOCK
from tests.conftest import SMALL

SETTINGS = [text for text in SMALL if text.startswith(("model.", "start.", "stimulus.", "protocol."))]
FREE = ["agent=none", *SETTINGS]


def curves(overrides):
    return curve_settings(curve_request(overrides, None), None)


def measure(folder, *overrides, width=60):
    folder.mkdir()
    out = StringIO()
    content = measure_curves(curves(overrides), folder, console=Console(file=out, width=width))
    assert json.loads((folder / "curve.json").read_text()) == content
    return content, out.getvalue()


def lines(*overrides):
    """The points that overrides ask for: line → values."""
    found = {}
    for point in curves([*FREE, *overrides]).points:
        found.setdefault(point.line, []).append(point.value)
    return found


def test_a_point_has_the_numbers_of_an_evaluation_of_its_own(run, tmp_path):
    content, _ = measure(tmp_path / "curve", f"run={run}", "model.coupling=0.02,0.03")
    (curve,) = content["curves"]
    assert (content["key"], content["values"], curve["run"]) == ("model.coupling", [0.02, 0.03], str(run))
    settings, folder, _ = evaluation([f"run={run}", "model.coupling=0.02", "name=alone"], None)
    alone = evaluate_run(settings, folder, console=Console(file=StringIO()))
    for kind in ("deterministic", "stochastic"):
        assert curve["points"][0][kind] == alone[kind]
        assert curve["points"][1][kind] != alone[kind]


def test_the_floor_is_the_free_rhythm_over_that_of_the_same_populations_uncoupled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    free = [*(text for text in FREE if not text.startswith("protocol.free")), "protocol.free=400"]
    content, _ = measure(tmp_path / "curve", *free, "model.coupling=0,0.03")
    uncoupled, coupled = content["curves"][0]["points"]
    uncoupled, coupled = uncoupled["deterministic"], coupled["deterministic"]
    assert uncoupled["floor"]["values"] == [1.0, 1.0]
    assert uncoupled["suppression_over_floor"] == uncoupled["suppression"]
    std = []
    for coupling in (0, 0.03):
        evaluate_run(
            evaluate_settings(compose("evaluate", [*free, f"model.coupling={coupling}"])),
            None,
            console=Console(file=StringIO()),
        )
        (folder,) = (tmp_path / "runs" / "bvdp-none").iterdir()
        trajectory = Trajectory.load(folder / "evaluation" / "final" / "trajectory.npz")
        std.append(trajectory.x[:, trajectory.free_phase].std(axis=1))
        shutil.rmtree(folder)
    np.testing.assert_allclose(coupled["floor"]["values"], std[1] / std[0], rtol=1e-5)
    assert min(coupled["floor"]["values"]) > 2


def test_only_curves_over_the_model_show_what_uncoupled_neurons_reach(tmp_path):
    content, shown = measure(tmp_path / "curve", *FREE, "recording.length=20,80")
    first, second = (point["deterministic"]["floor"] for point in content["curves"][0]["points"])
    assert first == second
    assert "floor" not in shown.splitlines()[1]


@pytest.mark.slow
def test_several_runs_are_a_curve_each_and_stay_as_they_are(run, tmp_path):
    other = tmp_path / "other,name=x"
    shutil.copytree(run, other, symlinks=True)
    before = sorted(path for path in other.rglob("*"))
    content, shown = measure(tmp_path / "curve", f"run={run},{other}", "protocol.episodes=2,3")
    assert [curve["run"] for curve in content["curves"]] == [str(run), str(other)]
    first, second = (curve["points"] for curve in content["curves"])
    assert [p["deterministic"] for p in first] == [p["deterministic"] for p in second]
    assert [len(p["deterministic"]["suppression"]["values"]) for p in first] == [2, 3]
    assert shown.count("activity") == 2
    assert sorted(path for path in other.rglob("*")) == before


def test_a_point_that_diverges_is_missing_and_does_not_stop_the_others(tmp_path):
    folder = tmp_path / "curve"
    with pytest.raises(DivergedError, match=r"(?s)model.dt=5: .*diverged.*\n1 of 3 measurements failed"):
        measure(folder, *FREE, "model.dt=0.1,5,0.2")
    points = json.loads((folder / "curve.json").read_text())["curves"][0]["points"]
    assert ["error" in point for point in points] == [False, True, False]
    assert [(folder / point["folder"]).is_dir() for point in points] == [True, False, True]
    assert (folder / "curve.png").is_file()
    assert json.loads((folder / "meta.json").read_text())["status"] == "failed"


def test_the_folder_tells_everything(tmp_path):
    folder = tmp_path / "curve"
    measure(folder, *FREE, "model.neurons=20,30")
    inside = {path.name for path in folder.iterdir()}
    written = {"config.yaml", "meta.json", "curve.json", "curve.png", "model.neurons=20", "model.neurons=30"}
    assert inside == {*written, LOCK}
    files = {"metrics.json", "trajectory.npz", "suppression.png"}
    assert {path.name for path in (folder / "model.neurons=20").iterdir()} == files
    config = yaml.safe_load((folder / "config.yaml").read_text())
    assert {name: measured["model"]["neurons"] for name, measured in config.items()} == {
        "model.neurons=20": 20,
        "model.neurons=30": 30,
    }
    meta = json.loads((folder / "meta.json").read_text())
    assert (meta["status"], meta["command"], meta["curve"]) == ("done", "evaluate", "model.neurons")


@pytest.mark.slow
def test_every_measurement_has_its_film_where_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("rldbs.analysis.plots.animation.FRAMES", 3)
    measure(tmp_path / "curve", *FREE, "model.neurons=20,30", "animation=true")
    assert len(list((tmp_path / "curve").glob("*/suppression.gif"))) == 2


def test_the_table_is_whole_on_sixty_columns(tmp_path):
    _, shown = measure(tmp_path / "curve", *FREE, "model.neurons=20,3000")
    rows = shown.splitlines()
    assert rows[1].split() == ["neurons", "S", "activity", "mean", "|kick|", "floor"]
    assert [row.split()[0] for row in rows[2:4]] == ["20", "3000"]
    assert all(len(row) <= 60 for row in rows if str(tmp_path) not in row)


def test_the_axis_is_the_first_key_with_numbers_and_all_else_are_curves():
    assert lines("recording.variable=x,y", "model.neurons=20,30") == {
        "recording.variable=x": [20, 30],
        "recording.variable=y": [20, 30],
    }
    assert lines("model.neurons=range(10,13)", "model.coupling=0.5,1") == {
        "model.coupling=0.5": [10, 11, 12],
        "model.coupling=1": [10, 11, 12],
    }
    assert lines("recording.variable=x,y") == {"none": ["x", "y"]}
    assert lines("recording.centered=true,false") == {"none": ["true", "false"]}


def test_runs_alone_are_the_axis(run, tmp_path):
    shutil.copytree(run, tmp_path / "b", symlinks=True)
    settings = curves([f"run={run},{tmp_path / 'b'}"])
    assert [point.value for point in settings.points] == [str(run), str(tmp_path / "b")]
    assert settings.key == "run"


def test_controllers_beside_runs_are_in_the_environment_of_the_first(run, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(run, other, symlinks=True)
    text = (other / "config.yaml").read_text()
    (other / "config.yaml").write_text(text.replace("amplitude: 0.1", "amplitude: 0.2"))
    points = curves([f"run={run},{other}", "agent=proportional,none", "model.neurons=20,30"]).points
    assert [point.line for point in points[::2]] == [str(run), str(other), "proportional", "none"]
    assert [point.settings.loop.stimulus.amplitude for point in points[::2]] == [0.1, 0.2, 0.1, 0.1]
    assert [point.run for point in points[::2]] == [run, other, None, None]
    assert {point.settings.protocol for point in points} == {points[0].settings.protocol}
    alone = curves([f"run={run}", "agent=none"])
    assert (alone.key, [point.value for point in alone.points]) == ("controller", [str(run), "none"])


def test_all_points_are_checked_against_the_weights(run):
    settings = curves([f"run={run}", "recording.length=80,20"])
    with pytest.raises(RunError, match="policy weights"):
        check_curves(settings.points)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["model.neurons=20,0"], r"in the measurement with model.neurons=0"),
        (["model.neurons=20,20"], "20 is there twice"),
        (["model.neurons=20"], "One key needs several"),
        (["model.neurons=20,30", "name=x"], "name their folders themselves"),
        (["model.neurons=20,30", "hydra/launcher=joblib"], "one after the other; threads=N"),
        (["model.neurons=20,30", "hydra.run.dir=x"], "hydra.sweep.dir=DIR"),
        (["model.neurons=20,30", "hydra.sweep.dir=x,y"], "take one value"),
        (["model.neurons=interval(1,2)"], "needs single values"),
    ],
)
def test_mistakes_are_told_before_anything_is_measured(overrides, words):
    with pytest.raises(SettingError, match=words):
        curves([*FREE, *overrides])


def test_curves_are_of_what_is_sought_of_their_model(tmp_path):
    short = ["protocol.free=300", "protocol.stimulated=900", "protocol.onset=300", "protocol.relaxed=0"]
    short += ["protocol.episodes=2", "model.transient=100", "start.populations=2"]
    content, shown = measure(tmp_path / "rates", "model=stn_gpe", "agent=constant", "agent.size=0,4", *short)
    assert "burst time" in shown.splitlines()[1]
    assert "burst_time" in content["curves"][0]["points"][0]["deterministic"]
    _, shown = measure(
        tmp_path / "R", "model=kuramoto", "model.neurons=27", "model.coupling=0,20", "agent=none", *short
    )
    assert shown.splitlines()[1].split()[:2] == ["coupling", "R"]
    assert "floor" not in shown.splitlines()[1]


def test_controllers_alone_have_one_table_and_a_line_each(tmp_path):
    words = ["model=kuramoto", "model.neurons=27", "agent=none,constant"]
    short = ["protocol.episodes=1", "protocol.free=600", "protocol.stimulated=600", "protocol.onset=100"]
    content, shown = measure(tmp_path / "agents", *words, *short, "model.transient=100")
    assert [curve["label"] for curve in content["curves"]] == ["none", "constant"]
    heads = [line.split() for line in shown.splitlines() if line.split()[:1] == ["agent"]]
    assert heads == [["agent", "R", "activity", "mean", "|kick|"]]
    assert "2 controllers on kuramoto" in shown


def test_runs_of_one_agent_are_lines_of_their_own(run, tmp_path):
    shutil.copytree(run, tmp_path / "b", symlinks=True)
    points = curves([f"run={run},{tmp_path / 'b'}"]).points
    assert [(point.line, point.run) for point in points] == [(str(run), run), (str(tmp_path / "b"), tmp_path / "b")]
