"""A comparison as a page: the plain values that it is drawn from."""

from collections.abc import Mapping
from typing import Any

from rldbs.analysis.metric_definitions import EVERY_METRIC, known_metrics
from rldbs.analysis.page import page
from rldbs.compare.comparison import Comparison, Estimate, Table, pairs
from rldbs.compare.table_columns import BETTER, POPULATIONS, Cell, columns, meaning
from rldbs.files.user_file import Target, writable

TITLE = "Closed-loop controllers compared"


def write_page(comparison: Comparison, target: Target) -> None:
    """The page, whole in one file."""
    with writable(target).whole() as file:
        file.write(page(TITLE, values(comparison)).encode())


def values(comparison: Comparison) -> dict[str, Any]:
    """What the page shows, as plain values."""
    labels = dict.fromkeys(row.label for table in comparison.tables for row in table.rows)
    looks = {label: k for k, label in enumerate(labels)}
    return {
        "metrics": {
            key: {"label": metric.label, "unit": metric.unit, "better": metric.higher_is_better}
            for key, metric in ((key, EVERY_METRIC[key]) for key in _shown(comparison))
        },
        "better": f"{BETTER} …)",
        "against": comparison.reference or "row above",
        "tables": [_table(comparison, table, looks) for table in comparison.tables],
        "maps": [one.plain() | {"title": one.title, "label": one.label} for one in comparison.maps],
        "meaning": meaning(comparison),
        "left_out": [{"run": run, "why": why} for run, why in comparison.left_out],
    }


def _shown(comparison: Comparison) -> list[str]:
    """Metrics that every row of some table has, but the reward: every controller may have its own."""
    common = dict.fromkeys(key for table in comparison.tables for key in _common(table) if key != "reward")
    return known_metrics(list(common))


def _common(table: Table) -> list[str]:
    first = known_metrics(table.rows[0].estimates["deterministic"]) if table.rows else []
    return [key for key in first if all(key in row.estimates["deterministic"] for row in table.rows)]


def _table(comparison: Comparison, table: Table, looks: Mapping[str, int]) -> dict[str, Any]:
    every = columns(comparison, table)
    chosen = [column for column in every if column.heading != POPULATIONS and not column.heading.startswith(BETTER)]
    better = next((column for column in every if column.heading.startswith(BETTER)), None)
    return {
        "title": table.title,
        "task": dict(table.task),
        "populations": table.populations,
        "aim": table.sought.aim,
        "columns": [column.heading for column in chosen],
        "better": pairs(table.rows),
        "rows": [
            {
                "label": row.label,
                "look": looks[row.label],
                "seeds": list(row.seeds),
                "runs": list(row.runs),
                "differs": dict(row.differs),
                "quenched": row.quenched,
                "front": row.front,
                "cells": [_cell(column.cell(row)) for column in chosen],
                "better": _cell(better.cell(row) if better else Cell("–")),
                "metrics": {key: _ends(row.estimate(key)) for key in _common(table)},
                "compromises": row.places.tolist(),
                "learning": {axis: course.plain() for axis, course in row.learning.items()},
            }
            for row in table.rows
        ],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"text": cell.text, "order": cell.order}


def _ends(estimate: Estimate) -> list[float | None]:
    return [estimate.value, *(estimate.interval or (None, None))]
