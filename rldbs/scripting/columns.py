"""Tables as arrays by the names of their columns."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.core.errors import RunError, SettingError
from rldbs.files.file import File
from rldbs.files.untrusted_text import MOST, UnreadableError, plain_csv, read_text

MOST_TABLE = 64 * MOST
"""Bytes of a table."""


class Columns(Mapping[str, NDArray[Any]]):
    """The columns of a table, each float64 (rows,), by name. What a row leaves empty is NaN.

    Of a table that has words, too, columns with any that are no numbers are arrays of ``str``, empty where a row is.

    Example:
        >>> columns = Columns({"steps": np.array([1.0, 2.0])})
        >>> columns["steps"]
        array([1., 2.])
    """

    def __init__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        self._columns = dict(columns)

    def __getitem__(self, name: str) -> NDArray[Any]:
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

    def row(self, number: int) -> dict[str, Any]:
        """A row, by the names of the columns; from 0 on."""
        return {name: column[number].item() for name, column in self._columns.items()}

    def where(self, rows: NDArray[Any]) -> "Columns":
        """Some rows: their numbers in the wanted order, or whether each is one of them."""
        return Columns({name: column[rows] for name, column in self._columns.items()})

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
    names, rows = _read(file)
    try:
        values = [[float(row[name] or "nan") for name in names] for row in rows]
    except ValueError as error:
        raise RunError(f"{file}: is no table of numbers: {ascii(str(error))[1:-1]:.200}") from None
    table = np.array(values, np.float64).reshape(len(rows), len(names))
    return Columns({name: table[:, k].copy() for k, name in enumerate(names)})


def read_table(file: File, words: Collection[str]) -> Columns:
    """The table of numbers and words in a CSV file; columns of which ``words`` names hold words, whatever is in them.

    Raises:
        RunError: it cannot be read, or is no table.
    """
    names, rows = _read(file)
    return columns_of({name: [row[name] for row in rows] for name in names}, words)


def columns_of(cells: Mapping[str, Sequence[str]], words: Collection[str]) -> Columns:
    """Columns of texts: those that hold numbers alone become numbers, but for those that ``words`` names."""
    return Columns({name: _column(texts, name in words) for name, texts in cells.items()})


def _column(texts: Sequence[str], words: bool) -> NDArray[Any]:
    try:
        if words:
            return np.array(texts, np.str_)
        return np.array([float(text or "nan") for text in texts], np.float64)
    except ValueError:
        return np.array(texts, np.str_)


def _read(file: File) -> tuple[list[str], list[dict[str, str]]]:
    try:
        text = read_text(file, MOST_TABLE).removeprefix("\ufeff")  # a mark for spreadsheets
        rows, names = list(plain_csv(text)), next(csv.reader([text.partition("\n")[0]]), [])
        if any(len(row) != len(names) for row in rows):
            raise UnreadableError("is no table: its rows are not equally long")
    except UnreadableError as error:
        raise RunError(f"{file}: {error}") from None
    return names, rows


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
