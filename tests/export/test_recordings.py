"""What a run has recorded, as tables and as NWB: the same numbers, with units and times."""

import csv
import io
import json
import shutil
import sys

import numpy as np
import pynwb
import pytest
from nwbinspector import inspect_nwbfile

from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.raster import crossings
from rldbs.analysis.trajectory import Trajectory
from rldbs.cli import main
from tests.conftest import call

SHORT = ("protocol.episodes=2", "protocol.free=600", "protocol.stimulated=800", "protocol.relaxed=200", "threads=1")
BRAIN = (
    *SHORT,
    "protocol.free=800",
    "protocol.stimulated=1000",
    "protocol.relaxed=0",
    "protocol.onset=100",
    "model.transient=100",
)
IN_TISSUE = ("tissue=line", "electrode=four", "electrode.sites=[[0,0,0],[1,0,0]]", "note='kept apart'")
PHASES = (*SHORT, "protocol.onset=100", "model.neurons=39", "model.transient=600")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with a measurement of one contact, one of three, and free oscillators."""
    place = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for words in (
            ["evaluate", "agent=pd", "model=bvdp", "hydra.run.dir=one", *PHASES],
            ["evaluate", "agent=acd", "model=kuramoto_populations", "hydra.run.dir=three", *PHASES],
            ["evaluate", "agent=open_loop", "model=bvdp", "hydra.run.dir=sites", *IN_TISSUE, *PHASES],
            ["evaluate", "agent=high_frequency", "model=so2012", "hydra.run.dir=cells", *BRAIN],
            ["simulate", "model=so2012", "steps=1500", "model.transient=100", "hydra.run.dir=brain", "threads=1"],
            ["simulate", "model=kuramoto", "model.neurons=27", "steps=900", "hydra.run.dir=free", "threads=1"],
        ):
            with pytest.raises(SystemExit) as end:
                main(words)
            assert not end.value.code
    return place


@pytest.fixture(autouse=True)
def at_the_desk(desk, monkeypatch):
    monkeypatch.chdir(desk)


def exported(capsys, *words):
    code, out, err = call(["export", *words], capsys)
    assert (code, err) == (0, ""), err
    return out


def rows(content):
    return list(csv.reader(io.StringIO(content)))


def test_a_table_has_a_row_for_each_population_and_step(capsys, tmp_path):
    exported(capsys, "run=three", "format=csv", f"folder={tmp_path / 'out'}")
    head, *table = rows((tmp_path / "out" / "acd_kuramoto_populations.csv").read_text())
    recorded = Trajectory.load("three/evaluation/final/trajectory.npz")
    assert head[:7] == ["population", "step", "time (ms)", "phase", "x", "y", "rate (Hz)"]
    assert head[-3:] == ["kick1 (rad/s)", "kick2 (rad/s)", "kick3 (rad/s)"]
    steps = recorded.steps
    assert len(table) == 2 * steps
    values = np.array([[float(cell) for cell in row[4:]] for row in table]).reshape(2, steps, -1)
    assert np.array_equal(values[:, :, :-3].astype(np.float32), recorded.field.astype(np.float32))
    assert np.array_equal(values[:, :, -3:], recorded.kicks)
    assert recorded.kicks.any()
    stimulated = ["stimulated"] * recorded.stimulated
    assert [row[3] for row in table[:steps]] == [*["free"] * 600, *stimulated, *["relaxed"] * recorded.relaxed]
    assert [float(row[2]) for row in table[:3]] == [0.0, 2.5, 5.0]


def test_spikes_are_where_the_raster_crosses_the_threshold(capsys, tmp_path):
    exported(capsys, "run=one", "format=csv", f"folder={tmp_path / 'out'}", "name=mine")
    recorded = Trajectory.load("one/evaluation/final/trajectory.npz")
    steps, neurons = crossings(recorded.raster, recorded.threshold)
    head, *table = rows((tmp_path / "out" / "mine_spikes.csv").read_text())
    assert head == ["population", "neuron", "time"]
    found = {(int(neuron), round(float(time) / (recorded.dt * recorded.raster_stride))) for _, neuron, time in table}
    assert found == set(zip(neurons.tolist(), steps.tolist(), strict=True))
    assert found


def test_of_neurons_in_tissue_there_is_a_column_for_each_site_and_contact(capsys, tmp_path):
    for name in ("csv", "nwb"):
        assert "open_loop on bvdp" in exported(capsys, "run=sites", f"format={name}", f"folder={tmp_path / name}")
    recorded = Trajectory.load("sites/evaluation/final/trajectory.npz")
    head, *table = rows((tmp_path / "csv" / "open_loop_bvdp.csv").read_text())
    assert head[3:] == ["phase", "x", "y", "x1", "x2", "kick1", "kick2", "kick3", "kick4"]
    values = np.array([[float(cell) for cell in row[4:]] for row in table]).reshape(2, recorded.steps, -1)
    assert np.array_equal(values[:, :, :4].astype(np.float32), recorded.field.astype(np.float32))
    assert np.array_equal(values[:, :, 4:], recorded.kicks)
    assert (np.abs(recorded.kicks).max(axis=(0, 1)) > 0).all()
    with pynwb.NWBHDF5IO(tmp_path / "nwb" / "open_loop_bvdp.nwb", "r") as file:
        session = file.read()
        assert session.session_description.startswith("open_loop on bvdp. ")
        assert session.acquisition["x2"].description == "membrane potential, at site 2"
        assert set(session.stimulus) == {f"kick{c}" for c in range(1, 5)}
        assert {series.unit for series in session.stimulus.values()} == {"n.a."}


def test_a_mark_for_spreadsheets_stands_where_it_is_asked_for(capsys, tmp_path):
    for bom in ("true", "false"):
        exported(capsys, "run=free", "format=csv", f"bom={bom}", f"folder={tmp_path / bom}")
        for file in (tmp_path / bom).glob("*.csv"):
            assert file.read_bytes().startswith(b"\xef\xbb\xbf") == (bom == "true")
    assert (tmp_path / "true" / "free_kuramoto.csv").read_text("utf-8-sig").startswith("population,step,time (ms)")


def test_nwb_holds_the_same_numbers_with_times_in_seconds(capsys, tmp_path):
    exported(capsys, "run=three", "format=nwb", f"folder={tmp_path / 'out'}")
    recorded = Trajectory.load("three/evaluation/final/trajectory.npz")
    with pynwb.NWBHDF5IO(tmp_path / "out" / "acd_kuramoto_populations.nwb", "r") as file:
        session = file.read()
        for k, name in enumerate(recorded.variables):
            series = session.acquisition[name]
            assert np.array_equal(series.data[:].T, recorded.field[:, :, k])
            assert (series.rate, series.starting_time) == (400.0, 0.0)
        assert session.acquisition["rate"].unit == "Hz"
        for c in range(3):
            series = session.stimulus[f"kick{c + 1}"]
            assert np.array_equal(series.data[:].T, recorded.kicks[:, :, c])
            assert series.unit == "rad/s"
        times = [(row.start_time, row.stop_time, row.tags[0]) for row in session.epochs[:].itertuples()]
        end = 1.5 + recorded.stimulated * 0.0025
        whole = end + recorded.relaxed * 0.0025
        assert times == [(0.0, 1.5, "free"), (1.5, end, "stimulated"), (end, pytest.approx(whole), "relaxed")]
        steps, neurons = crossings(recorded.raster, recorded.threshold)
        first = session.units.get_unit_spike_times(0)
        assert first == pytest.approx(steps[neurons == 0] * recorded.raster_stride * 0.0025)
        assert "model:\n" in session.source_script


def test_currents_of_cells_and_their_spikes_have_times_of_their_own(capsys, tmp_path):
    for name in ("csv", "nwb"):
        exported(capsys, "run=cells", f"format={name}", f"folder={tmp_path / name}", "name=mine")
    recorded = Trajectory.load("cells/evaluation/final/trajectory.npz")
    each = recorded.kicks_per_step
    assert each > 1
    head, *table = rows((tmp_path / "csv" / "mine.csv").read_text())
    kick = head.index("kick (µA/cm²)")
    found = np.array([float(row[kick]) for row in table]).reshape(2, recorded.steps)
    assert np.array_equal(found, recorded.largest_kicks)
    assert np.abs(found).max() == np.abs(recorded.kicks).max() > 0
    with pynwb.NWBHDF5IO(tmp_path / "nwb" / "mine.nwb", "r") as file:
        session = file.read()
        assert np.array_equal(session.stimulus["kick"].data[:].T, recorded.kicks)
        assert session.stimulus["kick"].rate == pytest.approx(each * 1000.0 / recorded.dt)
        of_first = recorded.spikes[(recorded.spikes[:, 0] == 0) & (recorded.spikes[:, 2] == 0)]
        times = session.units.get_unit_spike_times(0)
        assert times == pytest.approx(of_first[:, 1] * recorded.dt / 1000.0 / each)
        assert len(session.units) == 40


@pytest.mark.parametrize("run", ["one", "three", "sites", "cells", "free", "brain"])
def test_nwb_passes_its_inspector(capsys, tmp_path, run):
    exported(capsys, f"run={run}", "format=nwb", f"folder={tmp_path / 'out'}")
    (file,) = (tmp_path / "out").iterdir()
    found = {each.check_function_name: each.importance.name for each in inspect_nwbfile(nwbfile_path=file)}
    assert not {"ERROR", "CRITICAL", "PYNWB_VALIDATION"} & set(found.values()), found


def test_a_simulation_keeps_its_arrays_by_name(capsys):
    free = FreeRecording.load("free/field.npz")
    assert (free.variables, free.time_unit, free.dt) == (("x", "y", "rate"), "ms", 0.5)
    assert free.time.tolist() == [0.5 * k for k in range(900)]
    assert free.field.shape == (1, 900, 3)
    assert free.raster.shape == (900, 27)
    assert "free" in exported(capsys, "run=free", "format=csv", "folder=again")


WRONG = [
    (["format=csv", "run=nothing"], "run=nothing: there are no runs with a recording under runs/"),
    (["format=csv", "run=one", "model.neurons=3"], "model.neurons=3: a recording stands as it is"),
    (["format=csv", "run=one", "evaluation=other"], "evaluation=other: say which, one has final"),
    (["format=csv", "run=free", "evaluation=final"], "evaluation=final: free was not measured"),
    (["format=csv", "run=one", "bom=maybe"], "bom=maybe: must be true or false"),
    (["format=nwb", "run=one", "bom=true"], "bom=true: is for tables of text, format=csv"),
    (["format=csv", "run=one", "name=../x"], "name='../x': must be a name"),
    (["format=csv", "run=one", "folder=one"], "one: there is something in it"),
    (["format=csv", "run=one", "folder="], "folder=: must name something"),
    (["format=csv", "run=zoo:bvdp-ppo"], "run=zoo:bvdp-ppo: has no recording"),
]


@pytest.mark.parametrize(("words", "told"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_cannot_be_written_is_told(words, told, capsys, desk):
    before = sorted(path.name for path in desk.iterdir())
    code, _, err = call(["export", *words], capsys)
    assert code in (1, 2)
    assert told in err
    assert sorted(path.name for path in desk.iterdir()) == before


def test_a_damaged_recording_is_told(capsys, desk, tmp_path):
    for name, file in (("one", "evaluation/final/trajectory.npz"), ("free", "field.npz")):
        shutil.copytree(desk / name, tmp_path / name)
        (tmp_path / name / file).write_bytes(b"PK")
        code, _, err = call(["export", "format=csv", f"run={tmp_path / name}"], capsys)
        assert code
        assert file.rpartition("/")[2] in err
    (tmp_path / "one" / "meta.json").write_text(json.dumps({"command": "evaluate"}))
    (tmp_path / "one" / "evaluation" / "final" / "config.yaml").write_text("model: {name: 3}")
    assert "model" in call(["export", "format=csv", f"run={tmp_path / 'one'}"], capsys)[2]


def test_without_pynwb_it_says_how_to_get_it(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynwb", None)
    assert "needs pynwb, which is not installed: pip install" in call(["export", "run=one", "format=nwb"], capsys)[2]
