"""A comparison as files: Markdown, CSV, JSON and a page."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from rldbs.analysis.tradeoff import SYNCHRONY
from rldbs.compare.comparison import Comparison, Row, content
from rldbs.compare.page_values import write_page
from rldbs.compare.table_columns import columns, map_heads, map_rows, meaning
from rldbs.core.errors import visible
from rldbs.files.csv_table import BOM, csv_bytes
from rldbs.files.user_file import Target, writable
from rldbs.runs.record import write_json

Writer = Callable[[Comparison, Target], None]


def write_markdown(comparison: Comparison, target: Target) -> None:
    """The tables as they are shown, below each other."""
    _write(target, ("\n".join(_markdown(comparison)) + "\n").encode())


def write_csv(comparison: Comparison, target: Target, bom: bool = False) -> None:
    """One row for every controller of every table, every metric with its interval, full digits.

    ``bom`` puts a mark before it that it is UTF-8, without which some spreadsheets misread it.
    """
    rows = [_record(table.title, table.populations, row) for table in comparison.tables for row in table.rows]
    names = dict.fromkeys(name for row in rows for name in row)
    table = csv_bytes([list(names), *([row.get(name) for name in names] for row in rows)])
    _write(target, (BOM if bom else b"") + table)


def write_numbers(comparison: Comparison, target: Target) -> None:
    """Everything, as JSON."""
    write_json(target, content(comparison))


EVENTS = ("time_to_suppression", "latency", "energy_to_suppress", "charge_to_suppress", "relapse_time")
"""Metrics of something that may never come; the estimates are over the populations where it came."""
CSV = "comparison.csv"
WRITERS: Mapping[str, tuple[str, Writer]] = {
    "markdown": ("comparison.md", write_markdown),
    "csv": (CSV, write_csv),
    "json": ("comparison.json", write_numbers),
    "html": ("comparison.html", write_page),
}
"""For every kind of file, its name in a folder and what writes it."""


def writers(bom: bool) -> Mapping[str, tuple[str, Writer]]:
    """The same; ``bom`` as for :func:`write_csv`."""
    return {**WRITERS, "csv": (WRITERS["csv"][0], partial(write_csv, bom=bom))}


def _markdown(comparison: Comparison) -> Iterator[str]:
    for table in comparison.tables:
        chosen = columns(comparison, table)
        yield f"### {_escaped(table.title)}"
        yield ""
        yield _line(column.heading for column in chosen)
        yield f"|{'---|' * len(chosen)}"
        yield from (_line(column.cell(row).text for column in chosen) for row in table.rows)
        yield ""
    for one in comparison.maps:
        yield f"### {_escaped(one.title)}"
        yield ""
        yield _line(iter(map_heads(one)))
        yield f"|{'---|' * (1 + len(one.column_values))}"
        yield from (_line(iter(cells)) for cells in map_rows(one))
        yield ""
    yield from meaning(comparison)
    if comparison.left_out:
        yield from ("", "Left out:", "")
        yield from (f"- {_escaped(run)}: {_escaped(why)}" for run, why in comparison.left_out)


def _line(cells: Iterator[str]) -> str:
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    """Text that Markdown takes as it stands."""
    text = visible(" ".join(text.split()))
    for character in "\\`*_|<>#[]!":
        text = text.replace(character, f"\\{character}")
    return text


def _record(title: str, populations: int, row: Row) -> dict[str, object]:
    record: dict[str, object] = {
        "task": title,
        "controller": row.label,
        "agent": row.agent,
        "settings": " ".join(f"{key}={text}" for key, text in row.differs.items()),
        "seeds": " ".join(map(str, row.seeds)),
        **({"tags": " ".join(row.written.tags)} if row.written.tags else {}),
        **({"note": row.written.note} if row.written.note else {}),
        "populations": populations,
        "quenched": row.quenched,
        **({"verdict": row.verdict} if row.sought is SYNCHRONY else {}),
        "front": row.front,
        "better_than": row.against,
    }
    estimates = {"better": row.better} | {
        f"{key}{'' if kind == 'deterministic' else f'_{kind}'}": row.estimates[kind][key]
        for kind in row.estimates
        for key in row.estimates[kind]
    }
    for name, estimate in estimates.items():
        low, high = (estimate and estimate.interval) or (None, None)
        record |= {name: estimate and estimate.value, f"{name}_low": low, f"{name}_high": high}
        if name.removesuffix("_stochastic") in EVENTS:
            record[f"{name}_missing"] = estimate and estimate.missing
    return record


def _write(target: Target, content: bytes) -> None:
    with writable(target).whole() as file:
        file.write(content)
