"""Pictures have our style, whatever the folder, the user's settings or his program say; and never cost numbers."""

import json
import os
import subprocess
import sys

import matplotlib
import pytest

from rldbs.analysis.plots import own_style
from rldbs.analysis.plots.response_curves import Curve, curve_picture
from tests.analysis.test_response_curves import interval
from tests.conftest import HANGS, call
from tests.tune.conftest import SMALL_SEARCH

WORDS = ["evaluate", "agent=none", "model.neurons=20", "protocol.episodes=1", "protocol.free=1000"]
WORDS += ["protocol.stimulated=1500", "protocol.onset=500", "protocol.relaxed=500"]
CURVE = Curve("one", interval(2, 3, 4), interval(1, 1, 1), None)
EVIL = "text.usetex: True\ntext.latex.preamble: \\input{/etc/passwd}\nfigure.facecolor: red\nfont.size: 90\n"


def evaluate(folder, **environment):
    """The picture that the command draws there."""
    run = subprocess.run(
        [sys.executable, "-P", "-m", "rldbs.cli", *WORDS],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    assert run.returncode == 0, run.stderr
    return picture(folder, run.stdout + run.stderr)


def picture(folder, said):
    assert "warning" not in said
    [metrics] = folder.glob("runs/*/*/evaluation/final/metrics.json")
    assert json.loads(metrics.read_text())["episodes"] == 1
    return (metrics.parent / "suppression.png").read_bytes()


def test_no_style_of_the_folder_or_of_the_user_is_obeyed(tmp_path, monkeypatch, capsys):
    folders = [tmp_path / name for name in ("plain", "file", "pipe")]
    for folder in folders:
        folder.mkdir()
    plain, file, pipe = folders
    (file / "matplotlibrc").write_text(EVIL)
    os.mkfifo(pipe / "matplotlibrc")
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "matplotlibrc").write_text(EVIL)
    everywhere = str(tmp_path / "settings")
    monkeypatch.chdir(plain)
    code, out, err = call(WORDS, capsys)
    assert code == 0
    wanted = picture(plain, out + err)
    assert evaluate(file, MPLCONFIGDIR=everywhere, MATPLOTLIBRC=f"{everywhere}/matplotlibrc") == wanted
    assert evaluate(pipe) == wanted


def test_a_style_that_a_program_has_chosen_is_not_ours_and_is_left_as_it_was(tmp_path):
    curve_picture([CURVE], [0.1, 1.0, 10.0], "key", tmp_path / "plain.png", "title")
    with matplotlib.rc_context({"font.size": 30, "figure.facecolor": "red", "lines.linewidth": 9}):
        before = dict(matplotlib.rcParams)
        curve_picture([CURVE], [0.1, 1.0, 10.0], "key", tmp_path / "other.png", "title")
        assert dict(matplotlib.rcParams) == before
    assert (tmp_path / "other.png").read_bytes() == (tmp_path / "plain.png").read_bytes()


def test_the_style_is_put_back_also_where_drawing_fails():
    @own_style
    def fails() -> None:
        raise KeyError

    with matplotlib.rc_context({"font.size": 30}):
        with pytest.raises(KeyError):
            fails()
        assert matplotlib.rcParams["font.size"] == 30


PLOTS = "rldbs.analysis.plots"
DRAWN = {
    "evaluate": (f"{PLOTS}.population.suppression_picture", [*WORDS, "animation=true"], "metrics.json"),
    "curves": ("rldbs.curves.curve.curve_picture", ["evaluate", "-m", *WORDS[1:], "seed=0,1"], "curve.json"),
    "stress": (
        "rldbs.curves.stress_test.panels_picture",
        ["evaluate", "-m", "stress=noise", "agent=proportional", *WORDS[2:]],
        "curve.json",
    ),
    "simulate": (
        "rldbs.analysis.plots.population.free_picture",
        ["simulate", "model.neurons=20", "steps=1000"],
        "summary.json",
    ),
    "compare": ("rldbs.compare.pictures.pareto_picture", ["compare", "runs"], "comparison.json"),
    "tune": ("rldbs.tune.finish.search_picture", ["tune", *SMALL_SEARCH], "metrics.json"),
}
"""What draws, the command, and the file with its numbers."""


@pytest.mark.parametrize("what", DRAWN)
def test_a_picture_that_cannot_be_drawn_is_a_warning_and_the_numbers_are_there(what, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    name, words, numbers = DRAWN[what]
    if what == "compare":
        assert call(WORDS, capsys)[0] == 0

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no font\nat all")

    monkeypatch.setattr(name, fails)
    if what == "evaluate":
        monkeypatch.setattr(f"{PLOTS}.animation.suppression_film", fails)
    code, out, err = call(words, capsys)
    told = out + err
    assert code == 0, err
    assert told.count(": was not drawn: RuntimeError: no font at all") == (2 if what == "evaluate" else 1)
    (file,) = (path for path in tmp_path.rglob(numbers) if what != "tune" or path.parent.name == "final")
    json.loads(file.read_text())
    assert "picture  " not in out or what == "tune"
