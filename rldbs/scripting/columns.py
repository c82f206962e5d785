"""Tables as arrays by the names of their columns."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.core.errors import RunError, SettingError
from rldbs.files.file import File
from rldbs.files.untrusted_text import MOST, UnreadableError, plain_csv, read_text

MOST_TABLE = 64 * MOST
"""Bytes of a table."""


class Columns(Mapping[str, NDArray[np.float64]]):
    """The columns of a table, each float64 (rows,), by name. What a row leaves empty is NaN.

    Example:
        >>> columns = Columns({"steps": np.array([1.0, 2.0])})
        >>> columns["steps"]
        array([1., 2.])
    """

    def __init__(self, columns: Mapping[str, NDArray[np.float64]]) -> None:
        self._columns = dict(columns)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        try:
            return self._columns[name]
        except KeyError:
            raise KeyError(f"{name!r}: there is no such column; there are {', '.join(self._columns)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def rows(self) -> int:
        """Numbers in each column."""
        return next((len(column) for column in self._columns.values()), 0)

    def __repr__(self) -> str:
        return f"<{self.rows} rows of {', '.join(self._columns)}>"

    def to_pandas(self) -> Any:
        """The same as a ``pandas.DataFrame``.

        Raises:
            SettingError: pandas is not installed.
        """
        return data_frame(self._columns)


def read_columns(file: File) -> Columns:
    """The table of numbers in a CSV file.

    Raises:
        RunError: it cannot be read, or is no such table.
    """
    try:
        text = read_text(file, MOST_TABLE)
        rows, names = list(plain_csv(text)), text.partition("\n")[0].rstrip("\r").split(",")
        if any(len(row) != len(names) for row in rows):
            raise UnreadableError("is no table: its rows are not equally long")
        values = [[float(row[name] or "nan") for name in names] for row in rows]
    except UnreadableError as error:
        raise RunError(f"{file}: {error}") from None
    except ValueError as error:
        raise RunError(f"{file}: is no table of numbers: {ascii(str(error))[1:-1]:.200}") from None
    table = np.array(values, np.float64).reshape(len(rows), len(names))
    return Columns({name: table[:, k].copy() for k, name in enumerate(names)})


def data_frame(columns: Mapping[str, object]) -> Any:
    """Columns by name as a ``pandas.DataFrame``.

    Raises:
        SettingError: pandas is not installed.
    """
    try:
        pandas = import_module("pandas")
    except ImportError:
        raise SettingError("to_pandas: needs pandas, which is not installed: pip install pandas") from None
    return pandas.DataFrame(dict(columns))
