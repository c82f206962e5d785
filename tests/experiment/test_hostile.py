"""A run folder that a stranger has made can at worst be refused: it runs nothing, and leads nowhere else."""

import hashlib
import json
import os
import pickle
import shutil
import struct
import sys
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from rldbs.commands.evaluate import evaluation
from rldbs.core.errors import RunError
from rldbs.experiment.evaluate import check_measurement
from rldbs.experiment.event_file import NAME as EVENTS
from rldbs.files.folder import Folder
from rldbs.runs.checkpoint import (
    MOST_STATE,
    STATE,
    SUMS,
    Checkpoint,
    find_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from rldbs.runs.checkpoint_store import Course
from rldbs.runs.zoo import ZOO
from tests.conftest import call
from tests.experiment.test_resume import same

Captured = pytest.CaptureFixture[str]
Files = Mapping[str, tuple[bytes, int]]

OPENED: list[str] = []
"""Files that were opened while a test watches."""
WATCHED: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if WATCHED and event == "open" and str(arguments[0]).startswith(WATCHED[-1]):
        OPENED.append(str(arguments[0]))


sys.addaudithook(_watch)


class Payload:
    """What runs when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.canary),)


def content(folder: Path) -> Files:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder next to the run that must stay as it is, and of which nothing may be read."""
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in ("file", "progress.csv", "events.out.tfevents.training", "metrics.json", "policy.safetensors"):
        (folder / name).write_bytes(name.encode() * 100_000)
    before = content(folder)
    OPENED.clear()
    WATCHED.append(str(folder))
    yield folder
    WATCHED.pop()
    assert content(folder) == before
    assert set(folder.iterdir()) == {Path(name) for name in before}
    assert OPENED == []


@pytest.fixture
def foreign(run: Path, tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run folder in which a test plays the stranger."""
    folder = tmp_path / "runs" / "bvdp-ppo" / "run"
    shutil.copytree(run, folder, symlinks=True)
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "status": "interrupted"}))
    monkeypatch.chdir(tmp_path)
    return folder


def sign(checkpoint: Path) -> None:
    """Make the checksums right: a stranger can."""
    names = sorted(path.name for path in checkpoint.iterdir() if path.name != SUMS)
    lines = [f"{hashlib.sha256((checkpoint / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (checkpoint / SUMS).write_text("".join(lines))


def put(checkpoint: Path, name: str, data: bytes) -> None:
    (checkpoint / name).write_bytes(data)
    sign(checkpoint)


def put_state(checkpoint: Path, **changes: object) -> None:
    put(checkpoint, STATE, json.dumps({**json.loads((checkpoint / STATE).read_bytes()), **changes}).encode())


def refused(arguments: list[str], capsys: Captured, *words: str) -> str:
    """That a command ends with one clear message, within 30 MB more than it had; the message."""
    tracemalloc.start()
    try:
        code, _, err = call(arguments, capsys)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert code == 2, err
    assert peak < 30 * 2**20
    lines = err.splitlines()
    assert err.startswith("rldbs: ")
    assert len(lines) <= 2
    assert all(line.isprintable() and len(line) < 600 for line in lines)
    for word in words:
        assert word in err
    return err


def tensors(header: object, data: bytes = b"") -> bytes:
    """A safetensors file that says anything."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(dtype: str, shape: list[int], begin: int, end: int) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


FORGED = {
    "header of 2^63 bytes": struct.pack("<Q", 2**63) + b"{}",
    "header beyond the file": struct.pack("<Q", 1000) + b"{}",
    "header of 20 MB": tensors(b'{"' + b"x" * 20_000_000 + b'":{}}'),
    "no header": b"",
    "deep header": tensors(b'{"a":' * 100_000),
    "overlapping": tensors({"a": entry("U8", [4], 0, 4), "b": entry("U8", [4], 0, 4)}, b"1234"),
    "out of range": tensors({"a": entry("U8", [4], 0, 400)}, b"1234"),
    "backwards": tensors({"a": entry("U8", [4], 4, 0)}, b"1234"),
    "huge": tensors({"a": entry("F64", [2**40, 2**40], 0, 0)}),
    "huge and empty": tensors({"a": entry("U8", [0, 2**63], 0, 0)}),
    "negative": tensors(b'{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}', b"1"),
    "many axes": tensors({"a": entry("U8", [1] * 100, 0, 1)}, b"1"),
    "unknown dtype": tensors({"a": entry("\x1b[31mPWN\nED", [1], 0, 1)}, b"1"),
    "half a number": tensors({"a": entry("BF16", [1], 0, 2)}, b"12"),
    "twice the same name": tensors(
        b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
        b"12",
    ),
    "path as a name": tensors({"../../x": entry("U8", [1], 0, 1)}, b"1"),
    "control characters in a name": tensors({"\x1b[31m\nPWNED": entry("U8", [1], 0, 1)}, b"1"),
    "name of 100,000 letters": tensors({"a" * 100_000: entry("U8", [1], 0, 1)}, b"1"),
}


@pytest.mark.parametrize("what", FORGED)
def test_forged_tensors_are_refused_whatever_their_checksum(tmp_path, what):
    checkpoint = tmp_path / "10"
    write_checkpoint(Folder(checkpoint), Checkpoint({"policy": {}}, {"steps": 10}))
    put(checkpoint, "policy.safetensors", FORGED[what])
    tracemalloc.start()
    try:
        with pytest.raises(RunError, match="checkpoint") as error:
            read_checkpoint(Folder(checkpoint))
        assert tracemalloc.get_traced_memory()[1] < 25 * 2**20
    finally:
        tracemalloc.stop()
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 500


def test_what_forged_tensors_say_does_not_come_to_the_terminal(foreign, capsys: Captured):
    put((foreign / "checkpoints" / "best").resolve(), "policy.safetensors", FORGED["unknown dtype"])
    refused(["evaluate", f"run={foreign}"], capsys, "damaged", "PWN")


def test_a_measurement_of_several_values_and_a_list_survive_forged_tensors(foreign, capsys: Captured):
    put((foreign / "checkpoints" / "best").resolve(), "policy.safetensors", FORGED["overlapping"])
    refused(["evaluate", "-m", f"run={foreign}", "model.neurons=20,30"], capsys, "checkpoint", "damaged")
    code, out, _ = call(["list", "runs"], capsys)
    assert code == 0
    assert "bvdp-ppo/run" in out
    assert not (foreign.parents[1] / "curves").exists()


def weights(foreign: Path) -> dict[str, np.ndarray]:
    return dict(read_checkpoint(find_checkpoint(foreign, "best"), ["policy"]).tensors["policy"])


def test_weights_that_do_not_fit_are_refused(foreign, capsys: Captured):
    checkpoint, sound = (foreign / "checkpoints" / "best").resolve(), weights(foreign)
    settings, folder, _ = evaluation([f"run={foreign}"], None)
    check_measurement(settings, folder)
    log_std = sound["log_std"]
    for change, words in (
        ({**sound, "log_std": np.full_like(log_std, np.nan)}, "log_std: not finite"),
        ({**sound, "log_std": log_std.astype(np.float64)}, "log_std: must be float32, are float64"),
        ({**sound, "log_std": log_std.astype(np.int32)}, "log_std: must be float32, are int32"),
        ({**sound, "log_std": log_std.astype(np.complex64)}, "log_std: must be float32"),
        ({name: array for name, array in sound.items() if name != "log_std"}, "log_std: shape missing"),
        ({**sound, "more": log_std}, "more: shape"),
        ({name: np.zeros((*array.shape, 2), np.float32) for name, array in sound.items()}, "shape"),
        ({f"t{k}": np.zeros(1, np.float32) for k in range(20_000)}, "shape missing"),
        ({}, "0 in all"),
    ):
        put(checkpoint, "policy.safetensors", save(change))
        with pytest.raises(RunError, match=f"policy weights.*{words}"):
            check_measurement(settings, folder)
    refused(["evaluate", f"run={foreign}"], capsys, "policy weights: 0 in all")


def test_a_configuration_with_other_layers_than_the_weights_is_refused_before_there_is_memory_for_them(foreign, capsys):
    config = (foreign / "config.yaml").read_text()
    for layers in ([17], [4096] * 16):
        (foreign / "config.yaml").write_text(config.replace("  hidden:\n  - 16\n", f"  hidden: {layers}\n"))
        refused(["evaluate", f"run={foreign}"], capsys, "policy weights")


def test_a_file_with_a_hole_of_gigabytes_takes_no_memory(foreign, capsys: Captured):
    checkpoint = (foreign / "checkpoints" / "best").resolve()
    os.truncate(checkpoint / "policy.safetensors", 2**34)
    refused(["evaluate", f"run={foreign}"], capsys, "has 17,179,869,184 bytes, at most")
    os.truncate(checkpoint / "policy.safetensors", 2**26)
    refused(["evaluate", f"run={foreign}"], capsys, "policy.safetensors does not fit its checksum")
    os.truncate(checkpoint / STATE, 2**34)
    refused(["evaluate", f"run={foreign}"], capsys, f"at most {MOST_STATE:,}")


def test_nothing_is_unpickled(run, foreign, tmp_path, capsys: Captured):
    """In the place of every file there is a pickle, under the old names; those that are no part of a run stay."""
    payload = pickle.dumps(Payload(tmp_path / "canary"))
    keep = ("config.yaml", "meta.json")
    files = [path for path in foreign.rglob("*") if path.is_file() and path.name not in keep]
    for path in files:
        path.write_bytes(payload)
    for checkpoint in (foreign / "checkpoints").glob("[0-9]*"):
        with pytest.raises(RunError, match=r"damaged"):
            read_checkpoint(Folder(checkpoint))
        sign(checkpoint)
        with pytest.raises(RunError, match=r"damaged"):
            read_checkpoint(Folder(checkpoint))
        (checkpoint / STATE).write_bytes((run / "checkpoints" / checkpoint.name / STATE).read_bytes())
        sign(checkpoint)
        with pytest.raises(RunError, match=r"damaged \(Error while deserializing"):
            read_checkpoint(Folder(checkpoint))
    refused(["evaluate", f"run={foreign}"], capsys, "damaged")
    assert call(["list", "runs"], capsys)[0] == 0
    refused(["resume", str(foreign)], capsys, "none of its checkpoints is sound")
    code, out, _ = call(["resume", str(foreign)], capsys)
    assert code == 0
    assert "There is no checkpoint: the run begins again" in out
    same(run, foreign)
    assert not (tmp_path / "canary").exists()


SOUND = {
    "steps": 10,
    "next_measurement": 20,
    "best": 10,
    "best_suppression": 2.0,
    "best_loss": -2.0,
    "measured": {"suppression": 2.0},
    "time": 1.0,
    "events": 7,
}
ABSURD = [
    *(
        {key: value}
        for key in ("steps", "next_measurement", "best")
        for value in (-1, 2**62, 10**400, "10", True, 10.0, [], {}, float("nan"))
    ),
    *({key: None} for key in ("steps", "next_measurement", "time", "events")),
    {"best": 11},
    *({"time": value} for value in (-1, float("inf"), float("nan"), "1", True, 10**400)),
    *({key: value} for key in ("best_suppression", "best_loss") for value in ("1", True, [], 10**400)),
    *({"measured": value} for value in ([], "x", {"suppression": "x"}, {"suppression": {}}, 1)),
    *({"events": length} for length in (-1, 2**62, 1.0, True, None, "0", {}, [])),
    {"more": 1},
]


def test_a_course_that_no_run_has_taken_is_refused():
    assert Course.of(SOUND).steps == 10
    assert Course.of({**SOUND, "best": None, "best_suppression": None, "measured": None}).best is None
    for change in ABSURD:
        with pytest.raises(RunError, match="how far the run had come"):
            Course.of({**SOUND, **change})
    with pytest.raises(RunError, match="how far the run had come"):
        Course.of({key: value for key, value in SOUND.items() if key != "best"})


@pytest.mark.parametrize("steps", [-1, 2**62, "4096", True, 4096.0, None, 4095, 10**400])
def test_steps_that_are_not_those_of_the_checkpoint_are_refused(foreign, steps):
    put_state(foreign / "checkpoints" / "4096", steps=steps)
    with pytest.raises(RunError, match="checkpoint"):
        read_checkpoint(Folder(foreign) / "checkpoints/4096", ["policy"])


@pytest.mark.parametrize(
    "groups", [["policy", "../../../../outside/policy"], ["policy", "a\nb"], [["policy"]], "policy", 1, None, {}, []]
)
def test_groups_that_lead_elsewhere_are_refused(foreign, outside, groups):
    checkpoint = (foreign / "checkpoints" / "best").resolve()
    put_state(checkpoint, groups=groups)
    if isinstance(groups, list) and "policy" in groups:
        for name in ("optimizer", "course"):
            (checkpoint / f"{name}.safetensors").unlink()
        sums = {STATE: (checkpoint / STATE).read_bytes(), "policy.safetensors": weights_file(foreign)}
        sums[f"{groups[1]}.safetensors"] = b"policy.safetensors" * 100_000
        lines = [f"{hashlib.sha256(sums[name]).hexdigest()}  {name}\n" for name in sorted(sums)]
        (checkpoint / SUMS).write_text("".join(lines))
    with pytest.raises(RunError, match=r"damaged|no policy"):
        read_checkpoint(Folder(checkpoint), ["policy"])


def weights_file(foreign: Path) -> bytes:
    return ((foreign / "checkpoints" / "best").resolve() / "policy.safetensors").read_bytes()


@pytest.mark.parametrize("text", [b"[" * 500_000, b'{"a":' * 150_000, b"[]", b"1", b"", b'"x"', b"\xff", b"9" * 5000])
def test_a_state_that_is_none_is_refused(foreign, text):
    put(foreign / "checkpoints" / "4096", STATE, text)
    with pytest.raises(RunError, match="damaged"):
        read_checkpoint(Folder(foreign) / "checkpoints/4096", ["policy"])


def test_a_signed_state_that_does_not_fit_the_learner_is_refused(foreign, capsys: Captured):
    checkpoint = (foreign / "checkpoints" / "last").resolve()
    course = dict(read_checkpoint(Folder(checkpoint)).tensors["course"])
    for name, value in (("num_timesteps", 2**62), ("num_timesteps", 4095), ("_n_updates", -1)):
        put(checkpoint, "course.safetensors", save({**course, name: np.array(value)}))
        refused(["resume", str(foreign)], capsys, f"checkpoint {foreign}/checkpoints/4096: does not fit the run: ")


LINKS = {
    "resume": ("progress.csv", "train.log", "tensorboard", EVENTS, ".lock", "checkpoints"),
    "evaluate": ("checkpoints", "checkpoints/4096", "evaluation", "evaluation/best"),
}

QUICK = {
    ("progress.csv", "file"),
    ("train.log", "nowhere"),
    ("train.log", "pipe"),
    ("tensorboard", "folder"),
    (EVENTS, "nowhere"),
    (".lock", "nowhere"),
    (".lock", "pipe"),
    ("checkpoints", "folder"),
    ("checkpoints/4096", "folder"),
    ("evaluation", "folder"),
    ("evaluation/best", "folder"),
}


@pytest.mark.parametrize(
    ("command", "name", "kind"),
    [
        pytest.param(command, name, kind, marks=() if (name, kind) in QUICK else pytest.mark.slow)
        for command in LINKS
        for name in LINKS[command]
        for kind in ("folder", "file", "nowhere", "pipe")
    ],
)
def test_what_leads_out_of_the_run_is_refused(foreign, outside, capsys: Captured, command, name, kind):
    """Where something was to be written, or read, there is a link to a folder, to a file or to nothing, or a pipe."""
    path = foreign / name
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to({"folder": outside, "file": outside / "file", "nowhere": outside / "new"}[kind])
    given = [str(foreign)] if command == "resume" else [f"run={foreign}"]
    refused([command, *given], capsys, str(foreign))


@pytest.mark.parametrize("name", ["meta.json", "config.yaml"])
def test_a_file_that_is_a_link_is_neither_followed_nor_replaced(foreign, outside, capsys: Captured, name):
    to = outside.parent / Path(name).name
    shutil.move(foreign / name, to)
    (foreign / name).symlink_to(to)
    before = to.read_bytes()
    shutil.rmtree(foreign / "checkpoints" / "4096")
    refused(["resume", str(foreign)], capsys, str(foreign))
    assert (to.read_bytes(), (foreign / name).is_symlink()) == (before, True)


def test_of_a_measurement_that_holds_a_link_the_folder_is_replaced_as_a_whole(run, foreign, outside, capsys: Captured):
    metrics, to = foreign / "evaluation" / "final" / "metrics.json", outside.parent / "metrics.json"
    shutil.move(metrics, to)
    metrics.symlink_to(to)
    before = to.read_bytes()
    shutil.rmtree(foreign / "checkpoints" / "4096")
    assert call(["resume", str(foreign)], capsys)[0] == 0
    assert to.read_bytes() == before
    assert not metrics.is_symlink()
    same(run, foreign)


def test_nothing_is_written_to_the_policies_of_the_package(foreign, capsys: Captured):
    zoo = ZOO / "bvdp-ppo"
    before = content(zoo)
    shutil.rmtree(foreign / "checkpoints")
    (foreign / "checkpoints").symlink_to(zoo / "checkpoints")
    refused(["evaluate", f"run={foreign}"], capsys, "must be a folder, not a link")
    refused(["resume", str(foreign)], capsys, "must be a folder, not a link")
    refused(["resume", str(zoo)], capsys, "comes with the package")
    refused(["evaluate", "run=zoo:../../outside"], capsys, "there is no such policy")
    assert content(zoo) == before
