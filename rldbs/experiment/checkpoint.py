"""Checkpoints: a folder of numbers, never code. Each appears whole or not at all, and carries its checksums.

``SHA256SUMS`` is as ``sha256sum`` writes and checks it. ``best`` and ``last`` are links beside the checkpoints.
"""

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from rldbs.analysis.whole_file import beside, sync_folder
from rldbs.core.errors import RunError

Tensors = Mapping[str, NDArray[Any]]

SCHEMA = 2
SUMS, STATE = "SHA256SUMS", "state.json"
MOST_STATE = 2**20
MOST_TENSORS = 2**36
"""Bytes. A file that is larger is none of ours."""
DAMAGED = ".damaged"
"""Added to the name of a checkpoint that was found to be so."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds.

    Attributes:
        tensors: named groups of named arrays; one ``<group>.safetensors`` each.
        state: numbers and texts, ``state.json``; ``steps``, the environment steps so far, is always among them.
    """

    tensors: Mapping[str, Tensors]
    state: Mapping[str, Any]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, and flush it to disk. ``folder`` must not exist."""
    folder.parent.mkdir(exist_ok=True)
    unfinished = beside(folder)
    unfinished.mkdir()
    try:
        state = {"schema": SCHEMA, "groups": sorted(checkpoint.tensors), **checkpoint.state}
        sums = {STATE: _write(unfinished / STATE, json.dumps(state, indent=1).encode())}
        for group, tensors in checkpoint.tensors.items():
            data = save_tensors({name: np.asarray(array, order="C") for name, array in tensors.items()})
            sums[f"{group}.safetensors"] = _write(unfinished / f"{group}.safetensors", data)
        _write(unfinished / SUMS, _sums_text(sums))
        sync_folder(unfinished)
        unfinished.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def read_checkpoint(folder: Path, groups: Sequence[str] | None = None) -> Checkpoint:
    """Read a checkpoint, all of it or some groups of tensors only.

    Raises:
        RunError: what is read is missing or damaged, or another version wrote it.
    """
    try:
        sums = _read(folder / SUMS, MOST_STATE)
        listed = _listed(sums)
        data = _checked(folder, STATE, listed, MOST_STATE)
        state = json.loads(data)
        if state.pop("schema") != SCHEMA:
            raise RunError(f"checkpoint {folder}: written by another version of rldbs")
        there = state.pop("groups")
        if sums != _sums_text(listed) or set(listed) != {STATE, *(f"{group}.safetensors" for group in there)}:
            raise RunError(f"checkpoint {folder}: damaged ({SUMS})")
        if not isinstance(state["steps"], int) or state["steps"] < 0:
            raise RunError(f"checkpoint {folder}: damaged (steps)")
        tensors = {
            group: load_tensors(_checked(folder, f"{group}.safetensors", listed, MOST_TENSORS))
            for group in (there if groups is None else groups)
        }
    except FileNotFoundError as error:
        raise RunError(f"checkpoint {folder}: {Path(error.filename).name} is missing") from None
    except OSError as error:
        raise RunError(f"checkpoint {folder}: cannot be read: {error.strerror}") from None
    except (SafetensorError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise RunError(f"checkpoint {folder}: damaged ({error})") from None
    return Checkpoint(tensors, state)


def bytes_of(folder: Path) -> int:
    """Room that a checkpoint takes."""
    return sum(path.stat().st_size for path in folder.iterdir())


def point(link: Path, folder: Path) -> None:
    """Let ``link`` beside ``folder`` name it, replacing what it named before."""
    unfinished = beside(link)
    unfinished.symlink_to(folder.name)
    os.replace(unfinished, link)
    sync_folder(link.parent)


def numbered(checkpoints: Path) -> list[Path]:
    """The checkpoints in a folder, oldest first."""
    folders = checkpoints.iterdir() if checkpoints.is_dir() else ()
    return sorted((f for f in folders if f.name.isdecimal() and not f.is_symlink()), key=lambda f: int(f.name))


def prune(checkpoints: Path, kept: int) -> None:
    """Remove all but the newest ``kept`` checkpoints and those that ``best`` and ``last`` name."""
    named = {(checkpoints / name).resolve() for name in ("best", "last")}
    for folder in numbered(checkpoints)[:-kept]:
        if folder.resolve() not in named:
            shutil.rmtree(folder)


def set_aside(folder: Path) -> Path:
    """Give a checkpoint that is of no use another name, under which it is not found; that name."""
    aside = folder.with_name(f"{folder.name}{DAMAGED}")
    if aside.exists():
        shutil.rmtree(aside)
    return folder.rename(aside)


def find_checkpoint(run: Path, name: str) -> Path:
    """The folder of checkpoint ``best``, ``last``, or a number of environment steps.

    Raises:
        RunError: the run has no such checkpoint, or it lies outside the run.
    """
    checkpoints = run / "checkpoints"
    folder = checkpoints / name
    if Path(name).name != name or not (folder / STATE).exists():
        there = sorted(f.name for f in checkpoints.glob("[!.]*")) if checkpoints.is_dir() else []
        have = f"it has {', '.join(there)}" if there else "it has none"
        raise RunError(f"run {run}: no checkpoint {name!r}; {have}")
    found = folder.resolve()
    if found.parent != run.resolve() / "checkpoints":
        raise RunError(f"run {run}: checkpoint {name!r} is a link to {found}, outside the run")
    return found


def _write(path: Path, data: bytes) -> str:
    """Write a file to disk; its checksum."""
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(data).hexdigest()


def _read(path: Path, most: int) -> bytes:
    """The content of a regular file; nothing else is opened, and nothing larger is read."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, f"{path.name} is not a file")
    if found.st_size > most:
        raise OSError(errno.EFBIG, f"{path.name} has {found.st_size:,} bytes, more than any checkpoint")
    return path.read_bytes()


def _checked(folder: Path, name: str, sums: Mapping[str, str], most: int) -> bytes:
    data = _read(folder / name, most)
    if hashlib.sha256(data).hexdigest() != sums[name]:
        raise ValueError(f"{name} does not fit its checksum")
    return data


def _sums_text(sums: Mapping[str, str]) -> bytes:
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def _listed(text: bytes) -> dict[str, str]:
    """The checksums by file name."""
    return {name: digest for digest, _, name in (line.partition("  ") for line in text.decode().splitlines())}
