"""Checkpoints on disk: they come back as they were, and what is damaged is refused."""

import struct

import numpy as np
import pytest

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.runs.checkpoint import (
    Checkpoint,
    _tensors,
    find_checkpoint,
    prune,
    read_checkpoint,
    write_checkpoint,
)


def example() -> Checkpoint:
    weights = {"layer.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "scalar": np.array(1.5)}
    return Checkpoint({"policy": weights, "optimizer": {}}, {"steps": 10, "measured": {"suppression": 3.0}})


def test_checkpoint_comes_back_as_it_was(tmp_path):
    write_checkpoint(Folder(tmp_path) / "checkpoints" / "10", example())
    again = read_checkpoint(Folder(tmp_path) / "checkpoints" / "10")
    assert again.state == example().state
    assert again.tensors.keys() == {"policy", "optimizer"}
    for name, array in example().tensors["policy"].items():
        np.testing.assert_array_equal(again.tensors["policy"][name], array)
        assert again.tensors["policy"][name].dtype == array.dtype


def test_checkpoint_appears_whole_or_not_at_all(tmp_path):
    broken = Checkpoint({"policy": {"a": np.zeros(3)}}, {"steps": object()})
    with pytest.raises(TypeError):
        write_checkpoint(Folder(tmp_path) / "checkpoints" / "10", broken)
    assert list((tmp_path / "checkpoints").iterdir()) == []


@pytest.mark.parametrize("file", ["policy.safetensors", "state.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "foreign"])
def test_damaged_checkpoint_is_refused_and_named(tmp_path, file, damage):
    folder = Folder(tmp_path) / "checkpoints" / "10"
    write_checkpoint(folder, example())
    path = folder.path / file
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:-3])
    else:
        path.write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(RunError, match=str(folder)):
        read_checkpoint(folder)


def test_a_file_in_which_an_array_is_there_twice_is_refused(tmp_path):
    one = b'"weights":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}'
    header = b"{" + one + b"," + one + b"}"
    data = struct.pack("<Q", len(header)) + header + bytes(8)
    with pytest.raises(ValueError, match="an array is there twice"):
        _tensors(data)
    single = b"{" + one + b"}"
    assert _tensors(struct.pack("<Q", len(single)) + single + bytes(8))["weights"] == 0.0


def test_checkpoint_of_another_version_is_refused(tmp_path, monkeypatch):
    folder = Folder(tmp_path) / "checkpoints" / "10"
    monkeypatch.setattr("rldbs.runs.checkpoint.SCHEMA", 99)
    write_checkpoint(folder, example())
    monkeypatch.undo()
    with pytest.raises(RunError, match="another version"):
        read_checkpoint(folder)


def test_newest_best_and_last_are_kept(tmp_path):
    checkpoints = Folder(tmp_path) / "checkpoints"
    for steps in range(10, 90, 10):
        write_checkpoint(checkpoints / str(steps), example())
        checkpoints.point("last", str(steps))
        if steps == 20:
            checkpoints.point("best", str(steps))
        prune(checkpoints, kept=3)
    kept = sorted(int(name) for name in checkpoints.names() if name.isdigit())
    assert kept == [20, 60, 70, 80]
    assert find_checkpoint(tmp_path, "best") == checkpoints / "20"
    assert find_checkpoint(tmp_path, "last") == checkpoints / "80"


@pytest.mark.parametrize("name", ["30", "first", "../checkpoints/10", ""])
def test_absent_checkpoint_is_refused_with_those_that_are_there(tmp_path, name):
    write_checkpoint(Folder(tmp_path) / "checkpoints" / "10", example())
    with pytest.raises(RunError, match="it has 10"):
        find_checkpoint(tmp_path, name)
