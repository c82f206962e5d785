"""Checkpoints: a folder of numbers, never code. Each appears whole or not at all."""

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from rldbs.core.errors import RunError

Tensors = Mapping[str, NDArray[Any]]

SCHEMA = 1
KEPT = 3
"""Newest checkpoints that are kept, beside the best and the last."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds.

    Attributes:
        tensors: named groups of named arrays; one ``<group>.safetensors`` each.
        state: numbers and texts that are not arrays, ``state.json``.
    """

    tensors: Mapping[str, Tensors]
    state: Mapping[str, Any]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint. ``folder`` must not exist."""
    folder.parent.mkdir(exist_ok=True)
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    beside.mkdir()
    try:
        for group, tensors in checkpoint.tensors.items():
            data = save_tensors({name: np.asarray(array, order="C") for name, array in tensors.items()})
            _write(beside / f"{group}.safetensors", data)
        state = {"schema": SCHEMA, "groups": sorted(checkpoint.tensors), **checkpoint.state}
        _write(beside / "state.json", json.dumps(state, indent=1).encode())
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        RunError: it is missing or damaged, or another version wrote it.
    """
    try:
        state = json.loads((folder / "state.json").read_bytes())
        if state.pop("schema") != SCHEMA:
            raise RunError(f"checkpoint {folder}: written by another version of rldbs")
        tensors = {group: load_tensors((folder / f"{group}.safetensors").read_bytes()) for group in state.pop("groups")}
    except FileNotFoundError as error:
        raise RunError(f"checkpoint {folder}: {Path(error.filename).name} is missing") from None
    except (SafetensorError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise RunError(f"checkpoint {folder}: damaged ({error})") from None
    return Checkpoint(tensors, state)


def point(link: Path, folder: Path) -> None:
    """Let ``link`` beside ``folder`` name it, replacing what it named before."""
    beside = link.with_name(f".{link.name}.{secrets.token_hex(4)}")
    beside.symlink_to(folder.name)
    os.replace(beside, link)


def prune(checkpoints: Path) -> None:
    """Remove all but the newest ``KEPT`` checkpoints and those that ``best`` and ``last`` name."""
    named = {(checkpoints / name).resolve() for name in ("best", "last")}
    numbered = sorted((f for f in checkpoints.iterdir() if f.name.isdigit()), key=lambda f: int(f.name))
    for folder in numbered[:-KEPT]:
        if folder.resolve() not in named:
            shutil.rmtree(folder)


def find_checkpoint(run: Path, name: str) -> Path:
    """The folder of checkpoint ``best``, ``last``, or a number of environment steps.

    Raises:
        RunError: the run has no such checkpoint.
    """
    checkpoints = run / "checkpoints"
    folder = checkpoints / name
    if not (folder / "state.json").is_file() or Path(name).name != name:
        there = sorted(f.name for f in checkpoints.glob("[!.]*")) if checkpoints.is_dir() else []
        have = f"it has {', '.join(there)}" if there else "it has none"
        raise RunError(f"run {run}: no checkpoint {name!r}; {have}")
    return folder.resolve()


def _write(path: Path, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
