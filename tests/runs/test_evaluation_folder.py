"""A measurement appears as a whole, and none takes the place of another one."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.runs.evaluation_folder import new_measurement
from rldbs.runs.lock import sole
from tests.conftest import call

SHORT = ("protocol.episodes=2", "protocol.free=1000", "protocol.stimulated=1500", "protocol.onset=500")


@pytest.fixture
def mine(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runs" / "bvdp-ppo" / "run"
    shutil.copytree(run, folder, symlinks=True)
    for other in (folder / "evaluation").iterdir():  # measurements of other tests
        if other.is_dir() and other.name != "final":
            shutil.rmtree(other)
    monkeypatch.chdir(tmp_path)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["final", "mine"])
def test_a_name_that_is_taken_is_kept_by_what_was_measured_first(mine, capsys, name):
    if name == "mine":
        assert call(["evaluate", f"run={mine}", "name=mine"], capsys)[0] == 0
    before = content(mine / "evaluation" / name)
    code, out, err = call(["evaluate", f"run={mine}", f"name={name}", "recording.relative_noise=1"], capsys)
    assert (code, out) == (2, "")
    assert f"evaluation/{name}: is a measurement with recording.relative_noise=" in err
    assert "name=NAME" in err
    assert content(mine / "evaluation" / name) == before
    other = "2048" if os.readlink(mine / "checkpoints" / "best") != "2048" else "3072"
    code, _, err = call(["evaluate", f"run={mine}", f"name={name}", f"checkpoint={other}"], capsys)
    assert code == 2
    assert "is a measurement with checkpoint after steps=" in err


@pytest.mark.parametrize("name", ["final", "mine"])
def test_the_same_measurement_may_be_made_again_and_has_the_same_numbers(mine, capsys, name):
    if name == "mine":
        assert call(["evaluate", f"run={mine}", "name=mine"], capsys)[0] == 0
    metrics = mine / "evaluation" / name / "metrics.json"
    before = json.loads(metrics.read_text())
    code, _, err = call(["evaluate", f"run={mine}", f"name={name}"], capsys)
    assert code == 0, err
    assert json.loads(metrics.read_text()) == before
    assert {path.name for path in (mine / "evaluation").iterdir()} == {"final", name, ".lock"}


def test_what_was_measured_otherwise_has_a_name_of_its_own(mine, capsys):
    for words in ([], ["recording.relative_noise=1"], ["checkpoint=2048"], ["checkpoint=2048", "model.coupling=0.05"]):
        assert call(["evaluate", f"run={mine}", *words], capsys)[0] == 0
    names = {"final", "best", "best,recording.relative_noise=1", "2048", "2048,model.coupling=0.05", ".lock"}
    assert {path.name for path in (mine / "evaluation").iterdir()} == names


@pytest.mark.parametrize("config", [None, "", "[]\n", "seed: 0\n"])
def test_a_measurement_of_which_nobody_knows_what_it_is_of_is_kept(mine, capsys, config):
    path = mine / "evaluation" / "final" / "config.yaml"
    path.unlink()
    if config is not None:
        path.write_text(config)
    before = content(path.parent)
    code, _, err = call(["evaluate", f"run={mine}", "name=final", "recording.relative_noise=1"], capsys)
    assert code == 2
    assert "nobody knows what was measured there" in err
    assert content(path.parent) == before


def test_it_appears_as_a_whole_or_not_at_all(tmp_path):
    run = Folder(tmp_path)
    with pytest.raises(KeyError), new_measurement(run, "one") as folder:  # noqa: PT012
        (folder.path / "metrics.json").write_text("1")
        raise KeyError
    assert [path.name for path in (tmp_path / "evaluation").iterdir()] == [".lock"]
    for text in ("first", "second"):
        with new_measurement(run, "one") as folder:
            (folder.path / text).write_text(text)
            assert not (tmp_path / "evaluation" / "one" / text).exists()
        assert content(tmp_path / "evaluation" / "one") == {text: text.encode()}
    assert {path.name for path in (tmp_path / "evaluation").iterdir()} == {".lock", "one"}


def test_what_a_killed_process_left_goes_and_what_is_there_stays(tmp_path):
    with new_measurement(Folder(tmp_path), "one") as folder:
        (folder.path / "metrics.json").write_text("1")
    (tmp_path / "evaluation" / ".one.0123abcd").mkdir()
    (tmp_path / "evaluation" / ".one.0123abcd" / "metrics.json").write_text("half")
    with new_measurement(Folder(tmp_path), "two") as folder:
        (folder.path / "metrics.json").write_text("2")
    assert {path.name for path in (tmp_path / "evaluation").iterdir()} == {".lock", "one", "two"}


def test_two_processes_with_one_name_do_not_mix(tmp_path):
    """The second one waits, and its measurement is there as a whole."""
    program = (
        "import sys, time\nfrom pathlib import Path\n"
        "from rldbs.runs.evaluation_folder import new_measurement\nfrom rldbs.files.folder import Folder\n"
        f"with new_measurement(Folder(Path({str(tmp_path)!r})), 'one') as folder:\n"
        "    for k in range(20):\n"
        "        (folder.path / str(k)).write_text(sys.argv[1])\n"
        "        time.sleep(0.02)\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, who]) for who in ("a", "b")]
    assert [process.wait() for process in processes] == [0, 0]
    assert len({path.read_text() for path in (tmp_path / "evaluation" / "one").iterdir()}) == 1
    assert len(list((tmp_path / "evaluation" / "one").iterdir())) == 20


def test_whoever_waits_too_long_gives_up(tmp_path):
    folder = Folder(tmp_path)
    with sole(folder):
        began = time.monotonic()
        with pytest.raises(RunError, match="another process is at work"), sole(folder, 0.2):
            pass
        assert time.monotonic() - began >= 0.15


@pytest.mark.parametrize("words", [["agent=pd", "model.neurons=20"], ["run=zoo:bvdp-ppo", "model.neurons=20"]])
def test_a_measurement_that_goes_into_no_run_has_the_folder_that_is_named(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    words = ["evaluate", *words, *SHORT, "protocol.relaxed=500", "hydra.run.dir=mine/one"]
    assert call(words, capsys)[0] == 0
    [metrics] = Path("mine/one").glob("evaluation/*/metrics.json")
    assert json.loads(Path("mine/one/meta.json").read_text())["command"] == "evaluate"
    assert not os.path.exists("runs")
    before = metrics.read_bytes()
    code, _, err = call(words, capsys)
    assert code == 2
    assert "there is something in it" in err
    assert metrics.read_bytes() == before


def test_a_run_can_be_measured_into_a_folder_of_its_own(mine, capsys):
    before = {path.name for path in (mine / "evaluation").iterdir()}
    assert call(["evaluate", f"run={mine}", "hydra.run.dir=elsewhere"], capsys)[0] == 0
    assert Path("elsewhere/evaluation/best/metrics.json").is_file()
    assert {path.name for path in (mine / "evaluation").iterdir()} == before
