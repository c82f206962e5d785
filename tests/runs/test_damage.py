"""A checkpoint that is damaged anywhere is refused, and named."""

import json
import os
import random
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.runs.checkpoint import SUMS, Checkpoint, read_checkpoint, write_checkpoint
from rldbs.sweep.sweep_folder import place_of

CASES = 500

Damage = Callable[[Path], object]


def write(folder: Path, steps: int) -> None:
    """A checkpoint of every kind of array, none of whose files is that of another number of steps."""
    rng = np.random.default_rng(steps)
    groups = {
        "policy": {"layer.weight": rng.standard_normal((4, 3)).astype(np.float32), "scale": np.array(rng.random())},
        "optimizer": {"0.step": np.array(steps, np.float32), "0.exp_avg": rng.random(5)},
        "course": {
            "clock": rng.integers(0, 99, 4),
            "words": rng.integers(0, 2**63, (2, 6)).astype(np.uint64),
            "first": rng.random(8) > 0.5,
            "bytes": rng.integers(0, 255, 11).astype(np.uint8),
            "none": np.zeros((0, 3)),
        },
    }
    write_checkpoint(place_of(folder), Checkpoint(groups, {"steps": steps, "measured": None, "time": 1.5}))


def regions(name: str, data: bytes) -> Iterator[tuple[str, int, int]]:
    """The parts of a file: what they are, where they begin and where they end."""
    yield from (("begin", 0, 4), ("end", len(data) - 4, len(data)), ("all", 0, len(data)))
    if name.endswith(".safetensors"):
        (length,) = struct.unpack("<Q", data[:8])
        yield from (("header length", 0, 8), ("header", 8, 8 + length))
        for array, entry in json.loads(data[8 : 8 + length]).items():
            begin, end = entry["data_offsets"]
            if end > begin:
                yield array, 8 + length + begin, 8 + length + end
    elif name == SUMS:
        begin = 0
        for line in data.splitlines(keepends=True):
            yield from (
                ("checksum", begin, begin + 64),
                ("gap", begin + 64, begin + 66),
                ("name", begin + 66, begin + len(line)),
            )
            begin += len(line)
    else:
        for line in data.splitlines(keepends=True):
            begin = data.index(line)
            yield f"line {line.decode().strip()}", begin, begin + len(line)


def replaced(name: str, data: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(data)


def in_place_of(name: str, make: Callable[[Path], object]) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).rename(folder.parent / f"aside-{name}")
        make(folder / name)

    return damage


def damages(folder: Path, other: Path, rng: random.Random) -> Iterator[tuple[str, Damage]]:
    """What can happen to a checkpoint; those at random places without an end, the others once."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    for name, data in files.items():
        cuts = {0, 1, 7, 8, 9, len(data) // 2, len(data) - 2, len(data) - 1}
        cuts |= {edge for _, begin, end in regions(name, data) for edge in (begin, end) if edge < len(data)}
        for cut in sorted(cuts):
            yield f"{name} cut to {cut}", replaced(name, data[:cut])
        for more in (b"\0", b"\n", data[-1:], bytes(4096), data):
            yield f"{name} with {len(more)} bytes more", replaced(name, data + more)
        yield f"{name} of the other one", replaced(name, (other / name).read_bytes())
        yield f"no {name}", lambda folder, name=name: (folder / name).unlink()
        yield f"{name} is a folder", in_place_of(name, Path.mkdir)
        yield f"{name} is a pipe", in_place_of(name, os.mkfifo)
        for target in (folder.parent / f"aside-{name}", Path("nowhere"), Path(name), other / name):
            yield f"{name} is a link to {target}", in_place_of(name, lambda path, to=target: path.symlink_to(to))
        for second in files:
            if second > name:
                yield (
                    f"{name} and {second} exchanged",
                    lambda folder, a=name, b=second: [
                        (folder / a).write_bytes(files[b]),
                        replaced(b, files[a])(folder),
                    ],
                )
    for stray in ("policy", "extra.safetensors", "SHA256SUMS~", "policy.safetensors.tmp", "\x1b[31m\n"):
        yield f"a file {stray!r} more", lambda folder, stray=stray: (folder / stray).write_bytes(b"0")
    for stray in ("deep", "11"):
        yield f"a folder {stray} more", lambda folder, stray=stray: (folder / stray).mkdir()
    yield "all of the other one", lambda folder: [shutil.copy(path, folder) for path in other.iterdir()]
    yield (
        "a link to the other one",
        lambda folder: [folder.rename(folder.with_name("x")), folder.symlink_to(other)],
    )
    yield "a link to itself", lambda folder: [folder.rename(folder.with_name("y")), folder.symlink_to("y")]
    yield "a file", lambda folder: [folder.rename(folder.with_name("z")), folder.write_bytes(b"")]
    yield "gone", shutil.rmtree
    while True:
        name = rng.choice(sorted(files))
        data = files[name]
        what, begin, end = rng.choice(list(regions(name, data)))
        at, changed = rng.randrange(begin, end), bytearray(data)
        kind = rng.choice(("bit", "swap", "zeros", "lost", "doubled"))
        if kind == "bit":
            changed[at] ^= 1 << rng.randrange(8)
        elif kind == "swap":
            to = rng.randrange(len(data))
            changed[at], changed[to] = changed[to], changed[at]
        elif kind == "zeros":
            changed[at:end] = bytes(end - at)
        elif kind == "lost":
            del changed[at]
        else:
            changed.insert(at, changed[at])
        if changed != data:
            yield f"{name}, {what}: {kind} at {at}", replaced(name, bytes(changed))


def test_every_damage_is_refused_with_the_name_of_the_checkpoint(tmp_path):
    sound, other = tmp_path / "sound" / "10", tmp_path / "other" / "20"
    write(sound, 10)
    write(other, 20)
    assert read_checkpoint(place_of(sound)).state["steps"] == 10
    wrong = []
    cases = damages(sound, other, random.Random(0))
    for k in range(CASES):
        what, damage = next(cases)
        folder = tmp_path / str(k) / "10"
        shutil.copytree(sound, folder)
        damage(folder)
        try:
            read_checkpoint(place_of(folder))
        except RunError as error:
            lines = str(error).split("\n")
            if not (str(folder) in lines[0] and len(lines) <= 2 and str(error).isprintable() and len(str(error)) < 500):
                wrong.append(f"{what}: {error}")
        except Exception as error:
            wrong.append(f"{what}: {error!r}")
        else:
            wrong.append(f"{what}: was read")
    assert wrong == []


def test_what_a_file_manager_leaves_is_no_damage(tmp_path):
    write(tmp_path / "10", 10)
    (tmp_path / "10" / ".DS_Store").write_bytes(b"0")
    assert read_checkpoint(Folder(tmp_path) / "10").state["steps"] == 10


@pytest.mark.parametrize("group", ["policy", "optimizer", "course"])
def test_a_group_is_read_alone_however_the_others_are(tmp_path, group):
    write(tmp_path / "10", 10)
    for other in {"policy", "optimizer", "course"} - {group}:
        (tmp_path / "10" / f"{other}.safetensors").write_bytes(b"")
    assert set(read_checkpoint(Folder(tmp_path) / "10", [group]).tensors) == {group}
