"""Tables that fit a terminal of any width: no number is broken over two lines, and each has its name beside it."""

import re
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

NUMBER = re.compile(r"[\[(]?[-+−]?\d[\d.,]*(e[-+]?\d+)?(–[-+−]?\d[\d.,]*(e[-+]?\d+)?)?[\]),%]*")
LEAST = 20
"""Characters of a line of words, at least, where there are as many."""
GAP = 2
INDENT = 2


def print_table(
    console: Console,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: Sequence[int] = (0,),
    caption: str = "",
    shown: Callable[[str], Text] = Text,
) -> None:
    """Show a table: side by side where there is room, else each row below its name.

    Args:
        console: where to.
        title: what stands above it; empty for nothing.
        columns: the headings; that of the first column names the rows.
        rows: the cells.
        words: the columns that hold words; numbers stand at the right.
        caption: what stands below it.
        shown: how what stands in a cell looks.
    """
    if title:
        console.print(Text(title, "bold"))
    widths = _widths(columns, rows, console.width)
    if widths is None:
        for row in rows:
            _print_row(console, columns, row, shown)
    else:
        table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=any(columns))
        for k, (heading, width) in enumerate(zip(columns, widths, strict=True)):
            table.add_column(Text(heading), width=width, justify="left" if k in words else "right", overflow="fold")
        for row in rows:
            table.add_row(*map(shown, row))
        console.print(table)
    if caption:
        console.print(Text(caption, "dim"))


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """The widths of the columns: the widest give way first. None where there is no room."""
    cells = list(zip(columns, *rows, strict=True))
    widths = [max(max(map(len, cell.split("\n"))) for cell in column) for column in cells]
    least = [_least(column, width) for column, width in zip(cells, widths, strict=True)]
    room -= GAP * (len(columns) - 1)
    while sum(widths) > room:
        spare = [width - need for width, need in zip(widths, least, strict=True)]
        if max(spare) <= 0:
            return None
        widths[max(range(len(widths)), key=lambda k: (spare[k] > 0, widths[k]))] -= 1
    return widths


def _least(column: Sequence[str], width: int) -> int:
    """The least width of a column: of words some, of numbers the longest one and what belongs to it."""
    parts = [word for cell in column for word in cell.split()]
    numbers = [len(word) for word in parts if NUMBER.fullmatch(word)]
    other = max((len(word) for word in parts if not NUMBER.fullmatch(word)), default=0)
    return max([min(other if numbers else width, LEAST), *numbers])


def _print_row(console: Console, columns: Sequence[str], row: Sequence[str], shown: Callable[[str], Text]) -> None:
    """A row below its name: a line for each number, or two."""
    console.print(shown(row[0]))
    for heading, cell in zip(columns[1:], row[1:], strict=True):
        name = " ".join(heading.split())
        line = f"{name}  {cell}" if name else cell
        if not cell:
            continue
        if INDENT + len(line) <= console.width:
            console.print(Padding(shown(line), (0, 0, 0, INDENT), expand=False))
        else:
            console.print(Padding(Text(name), (0, 0, 0, INDENT), expand=False))
            indent = max(0, min(2 * INDENT, console.width - _longest(cell)))
            console.print(Padding(shown(cell), (0, 0, 0, indent), expand=False))


def _longest(cell: str) -> int:
    return max((len(word) for word in cell.split() if NUMBER.fullmatch(word)), default=0)
