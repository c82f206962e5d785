"""A file in which a user says where neurons are: a table in CSV, or an array of NumPy's."""

import csv
import io
import math
from collections.abc import Mapping
from tokenize import TokenError
from typing import Any

import numpy as np

from rldbs.core.coupling_modes import MOST
from rldbs.core.errors import SettingError, shown
from rldbs.core.listed_positions import listed
from rldbs.files.user_file import content

KEY = "tissue.file"
COLUMNS = ("x", "y", "z")
CLUSTER = "cluster"
MOST_BYTES = 2**22
ARRAY = b"\x93NUMPY"
"""How a file of NumPy's begins."""


def with_positions(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration in which what ``tissue.file`` holds stands itself: from there on, nobody needs the file.

    It is for what the user has said. A recorded configuration may be a stranger's, who must not choose what is read.

    Raises:
        SettingError: the file cannot be read, or says no such thing.
    """
    tissue = config.get("tissue")
    if not isinstance(tissue, Mapping) or tissue.get("name") != "positions" or not isinstance(tissue.get("file"), str):
        return config
    return {**config, "tissue": {**tissue, "file": None, "table": listed_in(tissue["file"])}}


def listed_in(path: str) -> list[str]:
    """The lines of :mod:`.listed_positions` for what stands in a file.

    Args:
        path: of a table in CSV with the columns x, y, z, in mm, and, if there are clusters, cluster, whose first row
            names them; or of a .npy of NumPy's, (neurons, 3), or with clusters (neurons, 4).

    Raises:
        SettingError: it cannot be read, or is no such file.
    """
    data = content(path, KEY, MOST_BYTES)
    try:
        rows = _array(data) if data.startswith(ARRAY) else _table(data)
        clusters = [row[3] for row in rows] if rows and len(rows[0]) == 4 else None
        return listed([row[:3] for row in rows], clusters)
    except SettingError as error:
        raise SettingError(f"{KEY}={path}: {error}") from None


def _array(data: bytes) -> list[list[float]]:
    file = io.BytesIO(data)
    wanted = "must be an array (neurons, 3) of numbers, x, y, z in mm, or (neurons, 4), with the cluster"
    try:
        header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, kind = header[np.lib.format.read_magic(file)](file)
        fits = len(shape) == 2 and shape[1] in (3, 4) and kind.kind in "fiu"
        if fits and shape[0] <= MOST:  # before room is made for it
            file.seek(0)
            rows: list[list[float]] = np.load(file, allow_pickle=False).astype(np.float64).tolist()
            return rows
    except (ValueError, KeyError, EOFError, OverflowError, SyntaxError, TokenError):  # NumPy has all of these
        raise SettingError("is a damaged .npy file") from None
    if fits:
        raise SettingError(f"{shape[0]} neurons: must be from 2 to {MOST}")
    raise SettingError(f"{wanted}; is {shape} of {kind}")


def _table(data: bytes) -> list[list[float]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingError("is neither CSV in UTF-8 nor a .npy file") from None
    lines = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        _check_header(header)
        return [_numbers(header, row, lines.line_num) for row in lines if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise SettingError(f"line {lines.line_num} is no CSV: {error}") from None


def _check_header(header: list[str]) -> None:
    wanted = f"must name the columns {', '.join(COLUMNS)} and, if there are clusters, {CLUSTER}"
    missing = [name for name in COLUMNS if name not in header]
    other = [name for name in header if name not in (*COLUMNS, CLUSTER)]
    if missing or other:
        wrong = f"{missing[0]} is missing" if missing else f"{shown(other[0])} is none of them"
        raise SettingError(f"the first line {wanted}, with commas between: {wrong}")
    if len(set(header)) < len(header):
        raise SettingError(f"the first line {wanted}: one is there twice")


def _numbers(header: list[str], row: list[str], line: int) -> list[float]:
    """A row's x, y, z and, where it has one, cluster."""
    if len(row) != len(header):
        raise SettingError(f"line {line}: must have {len(header)} values, has {len(row)}")
    found = {}
    for name, cell in zip(header, row, strict=True):
        try:
            found[name] = float(cell)
        except ValueError:
            found[name] = math.nan
        if not math.isfinite(found[name]) or "_" in cell:
            raise SettingError(f"line {line}: {name}={shown(cell)}: must be a number")
    return [found[name] for name in (*COLUMNS, CLUSTER) if name in found]
