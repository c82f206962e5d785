"""Reading arrays from a file that may be a stranger's: what it declares is looked at before there is memory for it."""

import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.files.file import File
from rldbs.files.user_file import reading

MOST = 2**31
"""Bytes that are read at most: of a recording of 64 populations, a million steps long."""
MOST_ITEM = 256
"""Bytes of a number, or of a word."""
KINDS = "biufU"
MALFORMED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    LookupError,
    ArithmeticError,
    OSError,
    EOFError,
    RuntimeError,
)
"""What reading a zip file that is not as it should be can raise, beside ValueError; RuntimeError where it is encrypted,
OSError where it leads to a place before its beginning."""


def read_arrays(path: str | Path | File, *kinds: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """The arrays of an npz file. Pickled content is refused.

    Args:
        path: the file.
        *kinds: what it may be: the names of the arrays that it must hold, and a letter for each of their axes. Axes
            with the same letter have the same length.

    Raises:
        OSError: it cannot be opened.
        ValueError: it is no such file, or is damaged.
    """
    with reading(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                names = sorted(member.filename for member in members)
                kinds = tuple(kind for kind in kinds if names == sorted(f"{name}.npy" for name in kind))
                if not kinds:
                    raise ValueError(f"it holds {', '.join(names)}")
                if sum(member.file_size for member in members) > MOST:
                    raise ValueError(f"it declares more than {MOST:,} bytes")
                shapes = {member.filename.removesuffix(".npy"): _declared(archive, member) for member in members}
                axes = next(
                    (kind for kind in kinds if all(len(shapes[name]) == len(kind[name]) for name in kind)), kinds[0]
                )
                lengths: dict[str, int] = {}
                for name, shape in shapes.items():
                    _check(name, shape, axes[name], lengths)
                return {name: _read(archive, f"{name}.npy") for name in axes}
        except MALFORMED as error:
            raise ValueError(str(error)) from error


def _declared(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, ...]:
    """The shape of an array, which declares what is stored."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{member.filename} is packed in another way")
    with archive.open(member) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{member.filename} is of another version")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        stored = member.file_size - file.tell()
    if dtype.kind not in KINDS or dtype.itemsize > MOST_ITEM or math.prod(shape) * dtype.itemsize != stored:
        raise ValueError(f"{member.filename} declares {dtype} {shape}, and has {stored:,} bytes")
    return tuple(shape)


def _check(name: str, shape: tuple[int, ...], axes: str, lengths: dict[str, int]) -> None:
    """Whether an array has the shape that it should; ``lengths``, those of the axes so far, is added to."""
    fits = len(shape) == len(axes) and all(
        lengths.setdefault(axis, length) == length for axis, length in zip(axes, shape, strict=True)
    )
    if not fits:
        expected = ", ".join(f"{axis}={lengths[axis]}" if axis in lengths else axis for axis in axes)
        raise ValueError(f"{name}.npy has shape {shape}, expected ({expected})")


def _read(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with archive.open(name) as file:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
        return array
