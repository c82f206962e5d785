"""Checkpoints: a folder of numbers, never code. Each appears whole or not at all, and carries its checksums.

``SHA256SUMS`` is as ``sha256sum`` writes and checks it. ``best`` and ``last`` are links beside the checkpoints.
"""

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from rldbs.analysis.whole_file import beside, sync_folder
from rldbs.core.errors import RunError
from rldbs.experiment.own import own_file

Tensors = Mapping[str, NDArray[Any]]

SCHEMA = 2
SUMS, STATE = "SHA256SUMS", "state.json"
MOST_STATE = 2**20
MOST_TENSORS = 2**36
"""Bytes. A file that is larger is none of ours."""
MOST_STEPS = 2**53
MALFORMED = (SafetensorError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError, RecursionError)
"""What reading a file that is not as it should be can raise."""
NAME = re.compile(r"\w[\w.]{0,199}", re.ASCII)
"""Of a group, and of an array. Any other is none of ours, and may be made to lead elsewhere or to upset a terminal."""
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


def read_checkpoint(folder: Path, groups: Sequence[str] | None = None, most: int = MOST_TENSORS) -> Checkpoint:
    """Read a checkpoint, all of it or some groups of tensors only.

    Args:
        folder: the checkpoint.
        groups: which groups of tensors; None for all.
        most: bytes that the file of a group may have.

    Raises:
        RunError: what is read is missing or damaged, something is there that does not belong to it, or another version
            wrote it.
    """
    if folder.is_symlink():
        raise RunError(f"checkpoint {folder}: is a link")
    try:
        sums = _read(folder / SUMS, MOST_STATE)
        listed = _listed(sums)
        data = _checked(folder, STATE, listed, MOST_STATE)
        state = json.loads(data)
        if state.pop("schema") != SCHEMA:
            raise RunError(f"checkpoint {folder}: written by another version of rldbs")
        there = state.pop("groups")
        names = {STATE, *(f"{group}.safetensors" for group in there)}
        if sums != _sums_text(listed) or set(listed) != names or not all(map(NAME.fullmatch, there)):
            raise RunError(f"checkpoint {folder}: damaged ({SUMS})")
        if stray := sorted(name for name in set(os.listdir(folder)) - {SUMS, *names} if not name.startswith(".")):
            raise RunError(f"checkpoint {folder}: {stray[0]!a} does not belong to it")
        steps = state["steps"]
        if type(steps) is not int or not 0 <= steps <= MOST_STEPS:
            raise RunError(f"checkpoint {folder}: damaged (steps)")
        if folder.name not in (str(steps), "best"):
            raise RunError(f"checkpoint {folder}: was written after {steps:,} steps")
        wanted = there if groups is None else groups
        if missing := [group for group in wanted if group not in there]:
            raise RunError(f"checkpoint {folder}: there is no {missing[0]} in it")
        tensors = {group: _tensors(_checked(folder, f"{group}.safetensors", listed, most)) for group in wanted}
    except FileNotFoundError as error:
        raise RunError(f"checkpoint {folder}: {Path(error.filename).name} is missing") from None
    except OSError as error:
        raise RunError(f"checkpoint {folder}: cannot be read: {error.strerror}") from None
    except MemoryError:
        raise RunError(f"checkpoint {folder}: cannot be read: there is not enough memory") from None
    except MALFORMED as error:
        raise RunError(f"checkpoint {folder}: damaged ({ascii(str(error))[1:-1]:.200})") from None
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


def by_steps(checkpoints: Path) -> list[Path]:
    """All in a folder that is named as checkpoints are, oldest first."""
    there = checkpoints.iterdir() if checkpoints.is_dir() else ()
    return sorted((path for path in there if path.name.isdecimal()), key=lambda path: int(path.name))


def numbered(checkpoints: Path) -> list[Path]:
    """The checkpoints in a folder, oldest first."""
    return [path for path in by_steps(checkpoints) if path.is_dir() and not path.is_symlink()]


def prune(checkpoints: Path, kept: int) -> None:
    """Remove all but the newest ``kept`` checkpoints and those that ``best`` and ``last`` name."""
    named = {(checkpoints / name).resolve() for name in ("best", "last")}
    for folder in numbered(checkpoints)[:-kept]:
        if folder.resolve() not in named:
            shutil.rmtree(folder)


def set_aside(folder: Path) -> Path:
    """Give a checkpoint that is of no use another name, under which it is not found; that name."""
    aside = folder.with_name(f"{folder.name}{DAMAGED}")
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside)
    else:
        aside.unlink(missing_ok=True)
    return folder.rename(aside)


def find_checkpoint(run: Path, name: str) -> Path:
    """The folder of checkpoint ``best``, ``last``, or a number of environment steps.

    Raises:
        RunError: the run has no such checkpoint, or it lies outside the run.
    """
    checkpoints = run / "checkpoints"
    folder = checkpoints / name
    if Path(name).name != name or not (folder / STATE).exists():
        there = [folder.name for folder in numbered(checkpoints)]
        there += [link for link in ("best", "last") if (checkpoints / link / STATE).exists()]
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
    with _opened(path, most) as file:
        return file.read()


def _checked(folder: Path, name: str, sums: Mapping[str, str], most: int) -> bytes:
    """The content of a file that fits its checksum; of one that does not, no more than a block is held at a time."""
    with _opened(folder / name, most) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sums[name]:
            raise ValueError(f"{name} does not fit its checksum")
        file.seek(0)
        return file.read()


def _opened(path: Path, most: int) -> BufferedReader:
    file = open(own_file(path, os.O_RDONLY), "rb")  # noqa: SIM115
    size = os.fstat(file.fileno()).st_size
    if size > most:
        file.close()
        raise OSError(errno.EFBIG, f"{path.name} has {size:,} bytes, at most {most:,} are expected")
    return file


def _tensors(data: bytes) -> Tensors:
    tensors = load_tensors(data)
    for name in tensors:
        if not NAME.fullmatch(name):
            raise ValueError(f"an array is named {name}")
    return tensors


def _sums_text(sums: Mapping[str, str]) -> bytes:
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def _listed(text: bytes) -> dict[str, str]:
    """The checksums by file name."""
    return {name: digest for digest, _, name in (line.partition("  ") for line in text.decode().splitlines())}
