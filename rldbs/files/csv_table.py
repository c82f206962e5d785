"""Tables in CSV, in which a text stays text, whatever opens them."""

import csv
import io
from collections.abc import Iterable, Sequence

from rldbs.core.errors import visible

BOM = b"\xef\xbb\xbf"
"""What some spreadsheets must see at the beginning, to know that a text is UTF-8."""
FORMULA = tuple("=+-@＝＋－＠")
"""With what the cells begin that a spreadsheet works out."""


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows of a table, each on a line: numbers as they are, None as nothing, and no text that is worked out.

    Example:
        >>> csv_bytes([["-0.5", "=1+1", "bvdp, pd", None, -2]])
        b'-0.5,\\'=1+1,"bvdp, pd",,-2\\n'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """A value as it stands in a cell; what would be a formula has an apostrophe before it, as in spreadsheets."""
    if not isinstance(value, str):
        return value
    text = visible(value)
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
