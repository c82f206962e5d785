"""Places of neurons from a user's file, and runs that need it no longer."""

import io
import os
import shutil

import numpy as np
import pytest

import rldbs
from rldbs.config.composition import compose
from rldbs.config.position_file import listed_in
from rldbs.config.python_arguments import make_loop_settings
from rldbs.config.recorded_sections import recorded_sections
from rldbs.config.schema import simulate_settings
from rldbs.core.errors import RunError, SettingError
from tests.conftest import SMALL, call

CLUSTERED = "x,y,z,cluster\n0,0,0,1\n0.5,0,0,1\n\n0,0.25,0,2\n"
LINES = ["0 0 0 1", "0.5 0 0 1", "0 0.25 0 2"]


def array(values: object) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


@pytest.fixture
def write(tmp_path):
    def written(content: str | bytes, name: str = "cells.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return written


@pytest.mark.parametrize(
    "content",
    [
        CLUSTERED,
        "\ufeff" + CLUSTERED.replace("\n", "\r\n"),
        'cluster, Z, "y", x\n1,0,0,0\n1,0,0,.5\n2,0,2.5e-1,0\n',
        array([[0, 0, 0, 1], [0.5, 0, 0, 1], [0, 0.25, 0, 2]]),
        array(np.asfortranarray(np.array([[0, 0, 0, 1], [0.5, 0, 0, 1], [0, 0.25, 0, 2]], np.float32))),
    ],
)
def test_a_table_or_an_array_says_where_neurons_are(content, write):
    assert listed_in(write(content)) == LINES


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("", "the first line must name the columns x, y, z and, if there are clusters, cluster.*x is missing"),
        ("x,y\n0,0\n", "z is missing"),
        ("x;y;z\n0;0;0\n", "with commas between: x is missing"),
        ("0,0,0\n1,0,0\n", "x is missing"),
        ("x,y,z,size\n0,0,0,1\n", "'size' is none of them"),
        ("x,y,z,x\n0,0,0,1\n", "one is there twice"),
        ("x,y,z\n0,0,0\n0,0\n", "line 3: must have 3 values, has 2"),
        ("x,y,z\n0,0,0\n0,nan,0\n", "line 3: y='nan': must be a number"),
        ("x,y,z\n0,0,0\n0,,0\n", "line 3: y='': must be a number"),
        ("x,y,z\n0,0,0\n0,1_0,0\n", "line 3: y='1_0'"),
        ("x,y,z\n0,0,0\n0,2000,0\n", "neuron 2: y=2000: must be a number from -1000 to 1000, in mm"),
        ("x,y,z\n", "0 neurons: must be from 2 to 16384"),
        ("x,y,z\n0,0,0\n", "1 neuron: must be from 2 to 16384"),
        ("x,y,z,cluster\n0,0,0,0\n1,0,0,1\n", "neuron 1: cluster=0: must be a whole number from 1 to 64"),
        ("x,y,z,cluster\n0,0,0,2\n1,0,0,2\n", "cluster 1 has no neuron"),
        (b"\xff\xfe\x00", "neither CSV in UTF-8 nor a .npy file"),
        ("x" * (2**22 + 1), "is larger than 4 MB"),
        (array([1.0, 2.0, 3.0]), r"must be an array \(neurons, 3\) of numbers"),
        (array(np.zeros((4, 3), np.complex128)), "must be an array"),
        (array(np.array([[{}] * 3] * 2)), "must be an array"),
        (array([[0, 0, 0], [np.nan, 0, 0]]), "neuron 2: x=nan"),
        (array(np.zeros((3, 3)))[:-1], "is a damaged .npy file"),
        (b"\x93NUMPY\x09", "is a damaged .npy file"),
        (array(np.zeros((2, 3))).replace(b"(2, 3), }", b"(2, 3 }  "), "is a damaged .npy file"),
        (array(np.zeros((2, 3))).replace(b"(2, 3), }         ", b"(2000000000, 3), }"), "2000000000 neurons: must be"),
    ],
)
def test_what_is_none_is_refused_with_the_place(content, wrong, write):
    path = write(content)
    with pytest.raises(SettingError, match=wrong) as error:
        listed_in(path)
    assert str(error.value).startswith(f"tissue.file={path}: ")


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, wrong in ((tmp_path / "none.csv", "there is no such file"), (tmp_path, "must be a file"),
                        (tmp_path / "pipe", "must be a file")):  # fmt: skip
        with pytest.raises(SettingError, match=wrong):
            listed_in(str(path))


def test_neurons_are_as_many_as_the_file_says(write):
    path = write(CLUSTERED)
    overrides = ["model=kuramoto", "tissue=positions", f"tissue.file={path}"]
    config = compose("simulate", overrides)
    assert (config["tissue"]["file"], config["tissue"]["table"]) == (None, LINES)
    settings = simulate_settings(config)
    assert settings.model.neurons == 3
    assert settings.model.model.variable_names[-2:] == ("cluster2_x", "cluster2_y")
    with pytest.raises(SettingError, match=r"model\.neurons=512: tissue\.file has 3"):
        simulate_settings(compose("simulate", [*overrides, "model.neurons=512"]))
    with pytest.raises(SettingError, match=r"tissue\.file: must name a file"):
        simulate_settings(compose("simulate", overrides[:2]))


def test_python_takes_the_file_as_it_is_now(write, tmp_path):
    for content, neurons in ((CLUSTERED, 3), ("x,y,z\n0,0,0\n1,0,0\n", 2)):
        path = write(content)
        for given in (
            {"tissue": "positions", "tissue.file": tmp_path / "cells.csv"},
            {"tissue": {"name": "positions", "file": path}},
            {"tissue": "positions", "file": path},
        ):
            assert make_loop_settings("kuramoto", given).model.neurons == neurons


def test_a_run_needs_the_file_no_longer(write, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{k % 10 / 10},{k // 10 / 10},0\n" for k in range(50))
    path = write(f"x,y,z\n{rows}")
    small = [text for text in SMALL if not text.startswith("model.neurons")]
    places = ["tissue=positions", f"tissue.file={path}", "electrode=single", "reward.beta=0"]
    train = ["train", "model=bvdp", *places, *small, "steps=2048", "hydra.run.dir=run"]
    assert call(train, capsys)[0] == 0
    os.unlink(path)
    code, _, err = call(["evaluate", "run=run", "name=again"], capsys)
    assert (code, err) == (0, "")
    assert rldbs.load("run").config["model"]["neurons"] == 50
    env = rldbs.make(run="run", seed=0)
    assert env.reset()[0].shape == (80,)
    code, _, err = call(["evaluate", "run=run", f"tissue.file={path}"], capsys)
    assert code == 2
    assert "there is no such file" in err
    write(f"x,y,z\n{rows}1,1,1\n")  # other places, as far as the run itself allows them
    code, _, err = call(["evaluate", "run=run", f"tissue.file={path}"], capsys)
    assert code == 0, err


def test_a_recorded_configuration_does_not_choose_what_is_read(run, tmp_path, write):
    folder = shutil.copytree(run, tmp_path / "run", symlinks=True)
    text = (folder / "config.yaml").read_text()
    table = f"tissue:\n  name: positions\n  file: {write(CLUSTERED)}\n  table: null\n  kernel: all\n  length: 1.0\n"
    (folder / "config.yaml").write_text(text.replace("tissue:\n  name: point\n", f"{table}  normalised: false\n"))
    assert recorded_sections(folder)["tissue"]["file"]
    with pytest.raises(RunError, match=r"tissue\.file: must name a file"):
        rldbs.make(run=folder)
