"""Checkpoints: a folder of numbers, never code. Each appears whole or not at all, and carries its checksums.

``SHA256SUMS`` is as ``sha256sum`` writes and checks it. ``best`` and ``last`` are links beside the checkpoints.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from rldbs.core.errors import RunError
from rldbs.core.native import PHYSICS
from rldbs.files.file import File
from rldbs.files.folder import Folder
from rldbs.process.shortage import shortage
from rldbs.runs.checkpoint_name import STATE, resolved
from rldbs.runs.physics import FIRST

Tensors = Mapping[str, NDArray[Any]]

SCHEMA = 2
SUMS = "SHA256SUMS"
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
        physics: the version of the physics in which it was learned.
    """

    tensors: Mapping[str, Tensors]
    state: Mapping[str, Any]
    physics: int = PHYSICS


def write_checkpoint(folder: Folder, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, and flush it to disk. ``folder`` must not exist."""
    with folder.parent.make().whole_folder(folder.name) as unfinished:
        state = {"schema": SCHEMA, "physics": checkpoint.physics, "groups": sorted(checkpoint.tensors)}
        state |= checkpoint.state
        sums = {STATE: _write(unfinished.file(STATE), json.dumps(state, indent=1).encode())}
        for group, tensors in checkpoint.tensors.items():
            data = save_tensors({name: np.asarray(array, order="C") for name, array in tensors.items()})
            sums[f"{group}.safetensors"] = _write(unfinished.file(f"{group}.safetensors"), data)
        _write(unfinished.file(SUMS), _sums_text(sums))


def read_checkpoint(folder: Folder, groups: Sequence[str] | None = None, most: int = MOST_TENSORS) -> Checkpoint:
    """Read a checkpoint, all of it or some groups of tensors only.

    Args:
        folder: the checkpoint.
        groups: which groups of tensors; None for all.
        most: bytes that the file of a group may have.

    Raises:
        RunError: what is read is missing or damaged, something is there that does not belong to it, or another version
            wrote it.
        NoMemoryError: there is no memory for it; it is as sound as it was.
    """
    kind = folder.parent.kind(folder.name)
    if kind not in (None, "folder"):
        raise RunError(f"checkpoint {folder}: is {'a link' if kind == 'link' else 'no folder'}")
    try:
        sums = folder.file(SUMS).read(MOST_STATE)
        listed = _listed(sums)
        data = _checked(folder, STATE, listed, MOST_STATE)
        state = json.loads(data)
        if state.pop("schema") != SCHEMA:
            raise RunError(f"checkpoint {folder}: written by another version of rldbs")
        there, physics = state.pop("groups"), state.pop("physics", FIRST)
        names = {STATE, *(f"{group}.safetensors" for group in there)}
        if sums != _sums_text(listed) or set(listed) != names or not all(map(NAME.fullmatch, there)):
            raise RunError(f"checkpoint {folder}: damaged ({SUMS})")
        if stray := sorted(name for name in set(folder.names()) - {SUMS, *names} if not name.startswith(".")):
            raise RunError(f"checkpoint {folder}: {stray[0]!a} does not belong to it")
        steps = state["steps"]
        for name, number in (("steps", steps), ("physics", physics)):
            if type(number) is not int or not 0 <= number <= MOST_STEPS:
                raise RunError(f"checkpoint {folder}: damaged ({name})")
        if folder.name not in (str(steps), "best"):
            raise RunError(f"checkpoint {folder}: was written after {steps:,} steps")
        wanted = there if groups is None else groups
        if missing := [group for group in wanted if group not in there]:
            raise RunError(f"checkpoint {folder}: there is no {missing[0]} in it")
        tensors = {group: _tensors(_checked(folder, f"{group}.safetensors", listed, most)) for group in wanted}
    except FileNotFoundError as error:
        raise RunError(f"checkpoint {folder}: {Path(error.filename).name} is missing") from None
    except (OSError, MemoryError) as error:
        if told := shortage(error):  # it is as sound as it was
            raise told from None
        raise RunError(f"checkpoint {folder}: cannot be read: {getattr(error, 'strerror', error)}") from None
    except MALFORMED as error:
        raise RunError(f"checkpoint {folder}: damaged ({ascii(str(error))[1:-1]:.200})") from None
    return Checkpoint(tensors, state, physics)


def bytes_of(folder: Folder) -> int:
    """Room that a checkpoint takes."""
    return sum(status.st_size for name in folder.names() if (status := folder.status(name)) is not None)


def by_steps(checkpoints: Folder) -> list[Folder]:
    """All in a folder that is named as checkpoints are, oldest first."""
    there = [name for name in checkpoints.names() if name.isascii() and name.isdecimal()]
    return [checkpoints / name for name in sorted(there, key=lambda name: (len(name), name))]


def numbered(checkpoints: Folder) -> list[Folder]:
    """The checkpoints in a folder, oldest first."""
    return [folder for folder in by_steps(checkpoints) if checkpoints.kind(folder.name) == "folder"]


def prune(checkpoints: Folder, kept: int) -> None:
    """Remove all but the newest ``kept`` checkpoints and those that ``best`` and ``last`` name."""
    named = {checkpoints.pointed(name) for name in ("best", "last")}
    for folder in numbered(checkpoints)[:-kept]:
        if folder.name not in named:
            checkpoints.remove(folder.name)


def set_aside(folder: Folder) -> Folder:
    """Give a checkpoint that is of no use another name, under which it is not found; that name."""
    aside = f"{folder.name}{DAMAGED}"
    folder.parent.remove(aside)
    folder.parent.rename(folder.name, aside)
    return folder.parent / aside


def find_checkpoint(run: Path | Folder, name: str) -> Folder:
    """The folder of checkpoint ``best``, ``last``, or a number of environment steps.

    Raises:
        RunError: the run has no such checkpoint, or it lies elsewhere.
    """
    checkpoints = Folder.of(run) / "checkpoints"
    found = resolved(checkpoints, name)
    if found is None:
        there = [folder.name for folder in numbered(checkpoints)]
        there += [link for link in ("best", "last") if resolved(checkpoints, link) is not None]
        have = f"it has {', '.join(there)}" if there else "it has none"
        raise RunError(f"run {run}: no checkpoint {name!r}; {have}")
    return found


def _write(file: File, data: bytes) -> str:
    """Write a file to disk; its checksum."""
    with file.new() as out:
        out.write(data)
    return hashlib.sha256(data).hexdigest()


def _checked(folder: Folder, name: str, sums: Mapping[str, str], most: int) -> bytes:
    """The content of a file that fits its checksum; of one that does not, no more than a block is held at a time."""
    with folder.file(name).reading(most) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sums[name]:
            raise ValueError(f"{name} does not fit its checksum")
        file.seek(0)
        return file.read()


def _tensors(data: bytes) -> Tensors:
    tensors = load_tensors(data)
    json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")], object_pairs_hook=_once)
    for name in tensors:
        if not NAME.fullmatch(name):
            raise ValueError(f"an array is named {name}")
    return tensors


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What stands in JSON, where no name may stand twice: safetensors takes the last one without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an array is there twice")
    return found


def _sums_text(sums: Mapping[str, str]) -> bytes:
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def _listed(text: bytes) -> dict[str, str]:
    """The checksums by file name."""
    return {name: digest for digest, _, name in (line.partition("  ") for line in text.decode().splitlines())}
