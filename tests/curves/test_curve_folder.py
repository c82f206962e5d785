"""Response curves and stress tests that were interrupted go on, and end with what they would have ended with."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from rldbs.commands.curve_axes import curve_request
from rldbs.commands.curve_points import curve_settings
from rldbs.commands.curves import measure_curves as evaluate_m
from rldbs.commands.resume import resume_one
from rldbs.commands.resumed_curves import resumed_curves
from rldbs.commands.stress import stress_settings
from rldbs.core.errors import RunError, SettingError
from rldbs.curves import curve
from rldbs.curves.curve import measure_curves
from rldbs.curves.curve_content import entries
from rldbs.curves.curve_folder import named_folder, unfinished_folder
from rldbs.curves.stress_test import measure_stresses
from rldbs.process.stop import Stopped
from tests.conftest import HANGS, SMALL, call
from tests.runs.test_physics import make_older

SETTINGS = [text for text in SMALL if text.startswith(("model.", "start.", "stimulus.", "protocol.", "threads"))]
CURVES = ["agent=proportional,none", *SETTINGS, "model.neurons=20,30"]
STRESS = ["agent=proportional,none", *SETTINGS, "stress=levels,coupling"]


def settings_of(overrides):
    request = curve_request(overrides, None)
    return curve_settings(request, None) if request.stress is None else stress_settings(request, None)


def measure(settings, folder):
    folder.mkdir(exist_ok=True)
    todo = measure_stresses if hasattr(settings, "panels") else measure_curves
    todo(settings, folder, console=Console(file=StringIO(), width=100))


def files(folder):
    """All that is in a folder of curves, but for what tells when it was made."""
    every = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in every.items() if name not in ("meta.json", ".lock")}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The folder of the curves, or of the stress test, that are measured with overrides."""

    @cache
    def folder(*overrides):
        place = tmp_path_factory.mktemp("undisturbed") / "c"
        measure(settings_of(overrides), place)
        return place

    return folder


@pytest.fixture(params=[CURVES, STRESS], ids=["curves", "stress"])
def undisturbed(request, measured):
    folder = measured(*request.param)
    return request.param, files(folder), folder


def interrupt_at(monkeypatch, place, error=KeyboardInterrupt):
    """Let the measurement of the point at ``place`` end with an error; a list that grows with every measurement."""
    honest, calls = curve.measured, []

    def measured(*given):
        calls.append(given[0].config)
        if len(calls) == place:
            raise error
        return honest(*given)

    monkeypatch.setattr(curve, "measured", measured)
    return calls


def test_what_was_interrupted_goes_on_and_ends_with_equal_bytes(undisturbed, tmp_path, monkeypatch):
    overrides, wanted, _ = undisturbed
    folder = tmp_path / "a folder"
    with monkeypatch.context() as patch:
        interrupt_at(patch, 3)
        with pytest.raises(Stopped, match=r"2 of \d+ measurements kept\nGo on with: rldbs resume '.*a folder'") as stop:
            measure(settings_of(overrides), folder)
    assert stop.value.code == 130
    assert json.loads((folder / "meta.json").read_text())["status"] == "interrupted"
    kept = (folder / "curve.json").read_text().count('"deterministic"')
    left = folder / ".curve.json.0123abcd"
    left.write_text("half")
    with monkeypatch.context() as patch:
        calls = interrupt_at(patch, 2, OSError("the disk is full"))
        with pytest.raises(OSError, match="disk is full"):
            measure(resumed_curves(folder, ["threads=2"]), folder)
        assert len(calls) == kept
        assert not left.exists()
    measure(settings_of(overrides), folder)
    assert files(folder) == wanted
    meta = json.loads((folder / "meta.json").read_text())
    assert (meta["status"], len(meta["resumed"])) == ("done", 2)


def test_finished_ones_are_shown_again_and_nothing_is_measured(undisturbed, tmp_path, monkeypatch):
    overrides, wanted, finished = undisturbed
    folder = shutil.copytree(finished, tmp_path / "c")
    calls = interrupt_at(monkeypatch, 1)
    measure(settings_of(overrides), named_folder(folder, settings_of(overrides)))
    measure(resumed_curves(folder, []), folder)
    assert (calls, files(folder)) == ([], wanted)


def test_those_from_before_a_setting_came_are_gone_on_with(undisturbed, tmp_path, monkeypatch):
    overrides, wanted, finished = undisturbed
    folder = shutil.copytree(finished, tmp_path / "c")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    made_for = config.get("made_for", {})
    for section in [*made_for.values(), *(config[name] for name in config if name != "made_for")]:
        for key in ("note", "tags", "plasticity"):
            del section[key]
        del section["stimulus"]["saturation"]
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    calls = interrupt_at(monkeypatch, 1)
    measure(resumed_curves(folder, []), named_folder(folder, settings_of(overrides)))
    assert calls == []
    assert {**files(folder), "config.yaml": b""} == {**wanted, "config.yaml": b""}


def test_points_that_lack_a_metric_which_came_later_are_measured_again(undisturbed, tmp_path, monkeypatch):
    _, wanted, finished = undisturbed
    folder = shutil.copytree(finished, tmp_path / "c")
    content = json.loads((folder / "curve.json").read_text())
    del next(entry for entry in entries(content) if "deterministic" in entry)["deterministic"]["latency"]
    (folder / "curve.json").write_text(json.dumps(content))
    calls = interrupt_at(monkeypatch, 2)
    measure(resumed_curves(folder, []), folder)
    assert len(calls) == ("stresses" not in content)  # of a stress test, another point is the same measurement
    assert files(folder) == wanted


def test_the_same_command_finds_the_newest_that_is_not_at_its_end(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        interrupt_at(patch, 2)
        with pytest.raises(Stopped):
            evaluate_m(CURVES, None)
    (folder,) = Path("runs/curves").iterdir()
    assert unfinished_folder(settings_of(CURVES)) == folder
    assert unfinished_folder(settings_of([*CURVES, "protocol.episodes=3"])) is None
    evaluate_m(CURVES, None)
    assert list(Path("runs/curves").iterdir()) == [folder]
    assert json.loads((folder / "meta.json").read_text())["status"] == "done"
    assert unfinished_folder(settings_of(CURVES)) is None
    with pytest.raises(RunError, match="no run to resume"):
        resume_one("last", [])
    with pytest.raises(SettingError, match=r"protocol.episodes=3: resumed curves stay what they are; only threads"):
        resume_one(str(folder), ["protocol.episodes=3"])


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("protocol.episodes=3", "protocol.episodes=2, where it should now be 3"),
        ("model.neurons=20,40", r"values=\[20, 30\], not \[20, 40\]"),
        ("recording.delay=0,1", "key='model.neurons', not 'recording.delay'"),
    ],
)
def test_other_curves_in_a_named_folder_are_refused_with_what_differs(measured, tmp_path, other, words):
    folder = shutil.copytree(measured(*CURVES), tmp_path / "c")
    before = files(folder), (folder / "meta.json").read_bytes()
    key = other.partition("=")[0]
    overrides = [text for text in CURVES if not text.startswith((f"{key}=", "model.neurons" if "," in other else "-"))]
    with pytest.raises(RunError, match=words):
        evaluate_m([*overrides, other, f"hydra.sweep.dir={folder}"], None)
    assert (files(folder), (folder / "meta.json").read_bytes()) == before


def test_curves_of_older_physics_are_not_gone_on_with(measured, tmp_path):
    folder = shutil.copytree(measured(*CURVES), tmp_path / "c")
    make_older(folder)
    before = files(folder)
    with pytest.raises(RunError, match="version 1 of the physics"):
        evaluate_m([*CURVES, f"hydra.sweep.dir={folder}"], None)
    assert files(folder) == before


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_real_process_that_is_stopped_in_the_middle_goes_on(tmp_path, monkeypatch, number):
    monkeypatch.chdir(tmp_path)
    words = [*CURVES, "protocol.episodes=32", "model.neurons=1000,1001"]
    folder, python = tmp_path / "c", [sys.executable, "-P", "-m", "rldbs.cli"]
    command = [*python, "evaluate", "-m", *words, f"hydra.sweep.dir={folder}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + HANGS
    while time.monotonic() < until and not (folder / "model.neurons=1000").is_dir() and process.poll() is None:
        if any("deterministic" in path.read_text() for path in folder.glob("curve.json")):
            break
        time.sleep(0.01)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=HANGS)
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert f"measurements kept\nGo on with: rldbs resume {folder}" in said
    ended = subprocess.run([*python, "resume", str(folder)], capture_output=True, text=True, check=True)
    assert str(folder / "curve.png") in ended.stdout
    measure(settings_of(words), tmp_path / "undisturbed")
    assert files(folder) == files(tmp_path / "undisturbed")


def _change(value, *way):
    def change(content):
        for key in way[:-1]:
            content = content[key]
        content[way[-1]] = value

    return change


CURVE_DAMAGE = [
    *(_change(value, key) for key in ("values", "episodes", "curves") for value in (None, 5, [], "x", {})),
    *(_change(value, "key") for value in (None, 5, [])),
    _change([{}], "curves"),
    _change("x", "curves", 0, "points"),
    _change("../../x", "curves", 0, "points", 0, "folder"),
    _change("meta.json", "curves", 0, "points", 0, "folder"),
    _change(True, "curves", 0, "points", 0, "value"),
    _change(5, "curves", 0, "run"),
    _change(5, "curves", 0, "label"),
    _change([], "curves", 0, "settings"),
    _change({}, "curves", 0, "points", 0, "deterministic"),
    _change({"iqm": "x"}, "curves", 0, "points", 0, "deterministic", "suppression"),
    _change(None, "curves", 0, "points", 0, "deterministic", "mean_abs_kick"),
]


@pytest.mark.parametrize("change", CURVE_DAMAGE)
def test_a_strangers_curves_are_refused_in_words(change, begun, tmp_path, capsys):
    folder = shutil.copytree(begun, tmp_path / "c")
    content = json.loads((folder / "curve.json").read_text())
    change(content)
    (folder / "curve.json").write_text(json.dumps(content))
    code, _, err = call(["resume", str(folder)], capsys)
    assert (code, err.startswith("rldbs: ")) == (2, True), err


@pytest.mark.parametrize("value", [None, 5, {}, "x", [1]])
@pytest.mark.parametrize("section", ["model", "agent", "protocol", "seed", "start", "checkpoint"])
def test_a_strangers_settings_are_refused_in_words(section, value, begun, tmp_path, capsys):
    folder = shutil.copytree(begun, tmp_path / "c")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    next(iter(config.values()))[section] = value
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    code, _, err = call(["resume", str(folder)], capsys)
    if (section, value) not in (("seed", 5), ("checkpoint", 5)):  # these may be
        assert (code, err.startswith("rldbs: ")) == (2, True), err


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The folder of curves of which one point is measured."""
    folder = tmp_path_factory.mktemp("begun") / "c"
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(patch, 2)
        with pytest.raises(Stopped):
            measure(settings_of(CURVES), folder)
    return folder
