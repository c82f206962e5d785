"""Runs of an older version of the physics can be measured, and are not gone on with."""

import json
import shutil
from pathlib import Path

import gymnasium
import pytest

from rldbs.core.errors import RunError
from rldbs.core.native import PHYSICS
from rldbs.environments import IDS
from rldbs.files.folder import Folder
from rldbs.runs.checkpoint import Checkpoint, find_checkpoint, read_checkpoint, write_checkpoint
from rldbs.runs.checkpoint_store import Shelf
from rldbs.runs.find import read_meta, read_metrics
from rldbs.runs.physics import physics_of
from tests.conftest import call


def make_older(folder: Path) -> None:
    """Let meta.json, and every metrics.json, be as they were before the version was written down."""
    for path in (folder / "meta.json", *folder.glob("evaluation/*/metrics.json")):
        content = json.loads(path.read_text())
        assert content.pop("physics") == PHYSICS
        path.write_text(json.dumps(content))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def older(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runs" / "bvdp-ppo" / "older"
    shutil.copytree(run, folder, symlinks=True)
    monkeypatch.chdir(tmp_path)
    make_older(folder)
    return folder


def test_a_run_a_checkpoint_and_a_measurement_say_their_physics(run):
    assert physics_of(read_meta(run)) == PHYSICS
    assert read_metrics(run, "final")["physics"] == PHYSICS
    assert read_checkpoint(find_checkpoint(run, "best"), []).physics == PHYSICS


@pytest.mark.parametrize(("meta", "version"), [({}, PHYSICS), ({"versions": {}}, 1), ({"physics": 7}, 7)])
def test_what_has_not_begun_is_of_this_physics_and_what_does_not_say_of_the_first(meta, version):
    assert physics_of(meta) == version


def test_a_run_of_older_physics_is_not_resumed(older, capsys):
    before = files(older)
    code, out, err = call(["resume", str(older), "steps=8192"], capsys)
    assert (code, out) == (2, "")
    assert "was begun with version 1 of the physics (rldbs 0.1.0); here it is 2" in err
    assert "It can still be measured" in err
    assert files(older) == before


def test_a_run_of_older_physics_is_measured_beside_what_was_measured_then(older, capsys):
    code, _, err = call(["evaluate", f"run={older}", "name=final"], capsys)
    assert code == 2
    assert "evaluation/final: is a measurement with physics=1, where it is now 2" in err
    code, _, err = call(["evaluate", f"run={older}", "name=now"], capsys)
    assert code == 0, err
    assert read_metrics(older, "now")["physics"] == PHYSICS


def test_a_checkpoint_of_older_physics_is_kept_and_not_gone_on_with(older):
    best = find_checkpoint(older, "best")
    sound = read_checkpoint(best)
    shutil.rmtree(older / "checkpoints")
    folder = Folder(older) / "checkpoints" / str(sound.state["steps"])
    write_checkpoint(folder, Checkpoint(sound.tensors, sound.state, 1))
    assert read_checkpoint(folder, ["policy"]).physics == 1
    with pytest.raises(RunError, match="version 1 of the physics"):
        Shelf(Folder(older), 2).newest(pytest.fail)
    assert folder.there()


def test_gymnasium_s_ids_rise_with_the_physics():
    assert all(name.endswith(f"-v{PHYSICS - 1}") for name in IDS)
    older = pytest.warns(DeprecationWarning, match="upgrading to version `v1`")
    with older, pytest.raises(gymnasium.error.DeprecatedEnv, match="use `rldbs/BvdP-v1`"):
        gymnasium.make("rldbs/BvdP-v0")
