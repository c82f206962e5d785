"""Stress tests, measured."""

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rldbs.commands.curve_axes import curve_request
from rldbs.commands.evaluate import evaluation
from rldbs.commands.stress import stress_settings
from rldbs.curves.stress_test import measure_stresses
from rldbs.experiment.evaluate import evaluate_run


@pytest.fixture(scope="module")
def measured(run, tmp_path_factory):
    """The folder of a stress test of two controllers, what it says of it, and the tables."""
    folder, out = tmp_path_factory.mktemp("stress"), StringIO()
    settings = stress_settings(curve_request([f"run={run}", "agent=proportional", "stress=levels,model"], None), None)
    content = measure_stresses(settings, folder, console=Console(file=out, width=100))
    assert json.loads((folder / "curve.json").read_text()) == content
    return folder, content, out.getvalue()


def points(content, stress, curve):
    (panel,) = (panel for panel in content["stresses"] if panel["name"] == stress)
    return panel["curves"][curve]["points"]


def test_an_unstressed_point_has_the_numbers_of_an_evaluation(run, measured):
    settings, of_run, _ = evaluation([f"run={run}", "name=unstressed"], None)
    alone = evaluate_run(settings, of_run, console=Console(file=StringIO()))
    for stress in ("levels", "model"):
        point = points(measured[1], stress, 0)[0]
        assert point["deterministic"] == alone["deterministic"]
        assert "stochastic" not in point


def test_a_device_rounds_the_kicks_of_trained_policies_too(measured):
    rounded = [value for point in points(measured[1], "levels", 0)[1:] for value in _kicks(point, step=0.1)]
    assert all(value == pytest.approx(round(value)) for value in rounded)
    assert not any(value == pytest.approx(round(value)) for value in _kicks(points(measured[1], "levels", 0)[0], 0.1))


def _kicks(point, step):
    """The sum of all kicks of the 200 steps after onset, in steps of the device, in each population."""
    return [200 * value / (step * 0.1) for value in point["deterministic"]["mean_abs_kick"]["values"]]


def test_the_floor_stands_where_the_model_is_varied(measured):
    floors = [point["deterministic"]["floor"]["iqm"] for point in points(measured[1], "model", 0)]
    assert len(set(floors)) == len(floors)


def test_tables_and_picture_show_every_controller_under_every_stress(run, measured):
    folder, _, shown = measured
    assert [line.split()[0].rpartition("/")[2] for line in shown.splitlines()[2:4]] == [run.name, "proportional"]
    assert shown.count("proportional") == 2
    assert "step between two kicks" in shown
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    meta = json.loads((folder / "meta.json").read_text())
    assert (meta["status"], meta["stress"]) == ("done", ["levels", "model"])


def test_a_population_that_diverges_under_stress_is_a_result(tmp_path):
    overrides = ["agent=none", "stress=coupling", "model.neurons=20", "model.coupling=30", "model.transient=100"]
    overrides += ["model.dt=0.5", "protocol.episodes=2", "protocol.free=200", "protocol.stimulated=300"]
    overrides += ["protocol.onset=100", "start.populations=2"]
    out = StringIO()
    settings = stress_settings(curve_request(overrides, None), None)
    with np.errstate(all="ignore"):
        content = measure_stresses(settings, tmp_path, console=Console(file=out, width=100))
    assert ["error" in point for point in points(content, "coupling", 0)][-1]
    assert "diverged" in out.getvalue()
