"""A run whose checkpoints are damaged goes on from the last sound one, and ends as if nothing had happened."""

import json
import shutil
from pathlib import Path

import pytest

from rldbs.runs.checkpoint import find_checkpoint
from tests.conftest import call
from tests.experiment.test_resume import same

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """The finished run, as if it had been interrupted after its last checkpoint."""
    folder = tmp_path / "copy"
    shutil.copytree(run, folder, symlinks=True)
    shutil.rmtree(folder / "evaluation")
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "status": "interrupted"}))
    return folder


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("course.safetensors", cut),
        pytest.param("policy.safetensors", flip, marks=pytest.mark.slow),
        pytest.param("SHA256SUMS", Path.unlink, marks=pytest.mark.slow),
        pytest.param("state.json", flip, marks=pytest.mark.slow),
    ],
)
def test_a_damaged_newest_checkpoint_is_named_and_set_aside(run, copy, capsys: Captured, file, damage):
    newest = copy / "checkpoints" / "4096"
    damage(newest / file)
    code, out, _ = call(["resume", str(copy)], capsys)
    assert code == 0
    assert f"checkpoint {newest}: " in out
    assert f"It is set aside as {newest}.damaged" in out
    assert ", from step 3,072 on" in out
    assert newest.with_name("4096.damaged").is_dir()
    same(run, copy)


def test_where_no_checkpoint_is_sound_the_run_begins_again_when_that_is_wanted(run, copy, capsys: Captured):
    for file in (copy / "checkpoints").glob("[0-9]*/state.json"):
        cut(file)
    code, out, err = call(["resume", str(copy)], capsys)
    assert code == 2
    assert out.count("It is set aside as") == len(list((run / "checkpoints").glob("[0-9]*")))
    assert f"from the beginning: rldbs resume {copy}" in err
    code, out, _ = call(["resume", str(copy)], capsys)
    assert code == 0
    assert "There is no checkpoint: the run begins again" in out
    same(run, copy)


def test_what_stands_where_a_checkpoint_will_be_is_set_aside(run, copy, tmp_path, capsys: Captured):
    """A link in place of a checkpoint is not written through, nor taken for one."""
    checkpoints, outside = copy / "checkpoints", tmp_path / "outside"
    shutil.move(checkpoints / "4096", outside)
    before = {path.name: path.read_bytes() for path in outside.iterdir()}
    (checkpoints / "4096").symlink_to(outside)
    (checkpoints / "4096.damaged").symlink_to(outside)
    (checkpoints / "9999").write_bytes(b"a file")
    code, out, _ = call(["resume", str(copy)], capsys)
    assert code == 0
    assert f"checkpoint {checkpoints / '4096'}: is a link" in out
    assert f"checkpoint {checkpoints / '9999'}: " in out
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == before
    assert not (checkpoints / "4096").is_symlink()
    same(run, copy)


@pytest.mark.parametrize("name", ["best", "3072"])
def test_evaluate_refuses_a_damaged_checkpoint(copy, capsys: Captured, name):
    folder = find_checkpoint(copy, name)
    cut(folder.path / "policy.safetensors")
    code, out, err = call(["evaluate", f"run={copy}", f"checkpoint={name}"], capsys)
    assert (code, out) == (2, "")
    assert err == f"rldbs: checkpoint {folder}: damaged (policy.safetensors does not fit its checksum)\n"
    assert not (copy / "evaluation").exists()
