"""What a stranger may have made of a file or a folder: other bytes, other values, or another kind of thing."""

import hashlib
import json
import os
import random
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    5,
    2**31,
    2**63,
    2**64,
    10**30,
    10**400,
    -(10**400),
    0.5,
    -0.0,
    1e-320,
    1e308,
    float("nan"),
    float("inf"),
    float("-inf"),
    "",
    "x",
    "5",
    "nan",
    "null",
    "done",
    "running",
    "failed",
    "last",
    "final",
    "../../outside/secret",
    "/etc/passwd",
    "..",
    ".",
    "a/b",
    "\0",
    "a\0b",
    "\ud800",
    "\udcff",
    "\x1b[31mred\x1b]0;title\x07",
    "[/red]",
    "[bold]",
    "\r\n\ttab",
    "\u202eright\u200b",
    "=1+1",
    "${oc.env:HOME}",
    "${seed}",
    "???",
    "%s{}{0}",
    "0001-01-01T00:00:00+23:00",
    "9999-12-31T23:59:59-23:00",
    "x" * 300,
    "ü" * 5000,
    [],
    [[]],
    [None],
    ["x", 5],
    list(range(1000)),
    {},
    {"": ""},
    {"deterministic": 5},
    {"a": {"b": {"c": [1]}}},
)
"""Values in place of others."""
RAW = (
    b"0x" + b"f" * 4000,
    b"9" * 4400,
    b"1e999",
    b"NaN",
    b"[" * 2000,
    b"[" * 60 + b"]" * 60,
    b"{" * 500,
    b'"\\ud800"',
    b'"\\u0000"',
    b"&a [*a]",
    b"!!python/object/apply:os.system ['touch canary']",
    b"59:" * 1300 + b"1.5",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r",
    b'"',
    b"'",
    b",,,,",
    b"\n\n---\n",
    b"<<: 5",
    b"2001-01-01",
)
"""Bytes that are put somewhere."""


def bytes_changed(path: Path, draw: random.Random) -> None:
    """Other bytes: some changed, taken away, put in, or twice."""
    data = bytearray(path.read_bytes())
    for _ in range(draw.choice((1, 1, 2, 8))):
        at = draw.randrange(len(data) + 1)
        end = min(len(data), at + draw.choice((1, 1, 10, 100)))
        put: bytes = draw.choice((b"", draw.choice(RAW), draw.randbytes(end - at), bytes(data[at:end]) * 2))
        data[at:end] = put
    path.write_bytes(data)


def cut_off(path: Path, draw: random.Random) -> None:
    """The end is missing."""
    size = path.stat().st_size
    os.truncate(path, draw.choice((0, 1, size // 2, max(0, size - 1), draw.randrange(size + 1))))


def values_changed(path: Path, draw: random.Random) -> None:
    """Other values, keys or levels, by the kind of the file."""
    {".json": _json, ".journal": _journal, ".yaml": _yaml, ".csv": _csv}.get(path.suffix, bytes_changed)(path, draw)


def _json(path: Path, draw: random.Random) -> None:
    path.write_text(json.dumps(_other(json.loads(path.read_text()), draw)))


def _journal(path: Path, draw: random.Random) -> None:
    lines = path.read_text().splitlines()
    k = draw.randrange(len(lines))
    what = draw.randrange(6)
    if what == 0:
        del lines[k]
    elif what == 1:
        lines.insert(draw.randrange(len(lines)), lines[k])
    else:
        lines[k] = json.dumps(_other(json.loads(lines[k]), draw))
    path.write_text("".join(f"{line}\n" for line in lines))


def _yaml(path: Path, draw: random.Random) -> None:
    if draw.random() < 0.3:  # as it cannot be written
        lines = path.read_bytes().splitlines()
        k = draw.randrange(len(lines))
        lines[k] = lines[k].partition(b":")[0] + b": " + draw.choice(RAW)
        path.write_bytes(b"\n".join(lines))
        return
    changed = _other(yaml.safe_load(path.read_text()), draw)
    path.write_bytes(yaml.safe_dump(changed, sort_keys=False).encode("utf-8", "surrogatepass"))


def _csv(path: Path, draw: random.Random) -> None:
    rows = [line.split(",") for line in path.read_text().split("\n")]
    row = draw.choice(rows)
    what = draw.randrange(5)
    if what == 0:
        row.pop(draw.randrange(len(row)))
    elif what == 1:
        rows.insert(draw.randrange(len(rows)), [str(draw.choice(ODD)) for _ in row])
    elif what == 2:
        row[draw.randrange(len(row))] = "x" * 200_000
    else:
        row[draw.randrange(len(row))] = str(draw.choice(ODD))
    path.write_bytes("\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass"))


def _other(value: Any, draw: random.Random) -> Any:
    """A value with something else somewhere in it."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key = draw.choice([*value])
        what = draw.random()
        if what < 0.08:
            return {name: inner for name, inner in value.items() if name != key}
        if what < 0.16:
            return {**value, str(draw.choice(ODD)): draw.choice(ODD)}
        return {**value, key: _other(value[key], draw)}
    if isinstance(value, list) and value and draw.random() < 0.8:
        k = draw.randrange(len(value))
        what = draw.random()
        middle = [] if what < 0.1 else [value[k]] * 2 if what < 0.2 else [_other(value[k], draw)]
        return [*value[:k], *middle, *value[k + 1 :]]
    odd = draw.choice(ODD)
    if draw.random() < 0.05:
        for _ in range(draw.choice((40, 200))):
            odd = [odd]
    return odd


def other_kind(path: Path, draw: random.Random) -> None:
    """Something else in its place, or nothing: a link out of the folder, a pipe, a device, a socket, a giant."""
    outside = path.parent
    while not (outside / "outside").is_dir():
        outside = outside.parent
    outside /= "outside"
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    choices: list[Callable[[], object]] = [
        lambda: path.symlink_to(outside / "secret"),
        lambda: path.symlink_to(outside / "folder"),
        lambda: path.symlink_to(outside / "none"),
        lambda: path.symlink_to(outside / draw.choice(("meta.json", "config.yaml"))),
        lambda: path.symlink_to(path.name),
        lambda: path.symlink_to("/dev/zero"),
        lambda: os.mkfifo(path),
        lambda: path.mkdir(),
        lambda: path.touch(),
        lambda: (path.touch(), os.truncate(path, draw.choice((2**21, 2**30, 2**38)))),
        lambda: _socket(path),
        lambda: None,
    ]
    if os.geteuid() == 0:
        choices.append(lambda: os.mknod(path, 0o20666, os.makedev(1, 5)))  # /dev/zero
    draw.choice(choices)()


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the path of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


LARGE = 2**26
"""Bytes of a file that a stranger has made larger than memory may be."""


def sums_made_fit(path: Path) -> None:
    """Let the checksums of a checkpoint be those of its files, as a stranger would."""
    folder = path.parent
    files = [file for file in folder.iterdir() if file.is_file() and file.name != "SHA256SUMS"]
    names = sorted(file.name for file in files if file.stat().st_size < LARGE)
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(sums))


def mutate(folder: Path, draw: random.Random) -> list[str]:
    """Change something in a folder, in one place or in several; what was done."""
    said = []
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        texts = [path for path in paths if path.suffix in (".json", ".yaml", ".csv", ".journal")]
        places = sorted(path for path in folder.rglob("*") if path.is_dir() or path.is_symlink())
        path = draw.choice(texts if texts and draw.random() < 0.75 else [*paths, *places] or [folder])
        plain = path.is_file() and not path.is_symlink() and path.stat().st_size < 2**20
        how = draw.choice((values_changed, values_changed, bytes_changed, cut_off, other_kind)) if plain else other_kind
        try:
            how(path, draw)
        except (ValueError, TypeError, IndexError, yaml.YAMLError):  # an earlier change has left nothing to change so
            how = bytes_changed
            how(path, draw)
        fit = path.name != "SHA256SUMS" and "checkpoints" in path.parts and path.is_file() and not path.is_symlink()
        if fit and draw.random() < 0.5:
            sums_made_fit(path)
        said.append(f"{how.__name__} {path.relative_to(folder)}")
    return said
