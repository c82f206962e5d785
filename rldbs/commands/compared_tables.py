"""What ``rldbs compare`` writes and shows: the tables on the terminal, the files."""

import sys
import textwrap
from collections.abc import Sequence

from rldbs.commands.compare import Request
from rldbs.compare.collect import collect
from rldbs.compare.comparison import Comparison, Table, compare
from rldbs.compare.file_formats import writers
from rldbs.compare.find_folders import shown_name
from rldbs.compare.table_columns import POPULATIONS, Column, columns, map_heads, map_rows, meaning
from rldbs.compare.write import write
from rldbs.core.errors import visible
from rldbs.files.folder import Folder
from rldbs.process.plurals import counted
from rldbs.process.terminal import complain, show, show_table
from rldbs.runs.new_folder import given_folder, new_folder
from rldbs.runs.places import COMPARISONS
from rldbs.sweep.sweep_folder import Sweep


def write_tables(request: Request) -> None:
    """Compare, write the files and show the tables.

    Raises:
        RunError: there is nothing that has been measured.
    """
    runs, varied = list(request.runs), {}
    if request.sweep is not None:
        runs.append(str(request.sweep.folder))
        varied = _varied(request.sweep)
    collection = collect(runs, request.evaluation)
    comparison = compare(collection, request.reference, request.evaluation, varied)
    folder = Folder(new_folder(COMPARISONS, None) if request.folder is None else given_folder(request.folder))
    try:
        write(comparison, folder, complain, request.bom)
        for kind, file in request.files.items():
            writers(request.bom)[kind][1](comparison, file)
    finally:
        folder.remove_if_empty()
    _show(comparison)
    show(f"tables   {visible(str(folder.file('comparison.md')))}")
    show(f"page     {visible(str(folder.file('comparison.html')))}")


def _varied(sweep: Sweep) -> dict[str, dict[str, str]]:
    """For every run of a sweep, by its name, the keys that vary, with their values."""
    return {shown_name(sweep.run(job).path): dict(zip(sweep.keys, job.values, strict=True)) for job in sweep.jobs}


def _show(comparison: Comparison) -> None:
    width = _width()
    for table in comparison.tables:
        chosen = fitting(columns(comparison, table), table, width)
        show_table(
            f"{visible(table.title)} · {counted(table.populations, 'unseen population')}",
            [column.heading for column in chosen],
            [[column.cell(row).text for column in chosen] for row in table.rows],
        )
    for one in comparison.maps:
        show_table(one.title, map_heads(one), map_rows(one))
    for line in meaning(comparison):
        show(line if width is None else textwrap.fill(line, width))
    for run, why in comparison.left_out:
        complain(f"left out: {run}: {why}")


def _width() -> int | None:
    """Characters that a line may have; None where nobody looks at lines."""
    if not sys.stdout.isatty():
        return None
    from rldbs.process.console import screen

    return screen().width


def fitting(chosen: Sequence[Column], table: Table, width: int | None) -> list[Column]:
    """The columns for which there is room; all of them where ``width`` is None."""
    kept = [column for column in chosen if column.heading != POPULATIONS]  # they stand in the title
    while width is not None and max(column.rank for column in kept) > 0:
        widths = [max(len(c.heading), *(len(c.cell(row).text) for row in table.rows)) for c in kept]
        if sum(widths) + 2 * len(kept) <= width:
            break
        kept.remove(max(kept, key=lambda column: column.rank))
    return kept
