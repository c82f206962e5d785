"""A comparison in words: the columns and cells of its tables, and what its numbers mean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rldbs.analysis.metrics import QUENCHED_ACTIVITY
from rldbs.experiment.compare.result import Comparison, Estimate, Row, Table
from rldbs.experiment.report import number

NONE = "–"
FRONT = "front"
QUENCHED = "quenched"

SOURCE = "Agarwal et al., Deep Reinforcement Learning at the Edge of the Statistical Precipice, NeurIPS 2021"


@dataclass(frozen=True)
class Column:
    """A column of the tables."""

    heading: str
    cell: Callable[[Row], str]
    rank: int = 0
    """Of columns for which there is no room, the highest rank goes first."""
    needed: Callable[[Sequence[Row]], bool] = lambda rows: True
    """Whether it tells anything about these rows."""


def columns(comparison: Comparison, table: Table) -> list[Column]:
    """The columns of a table."""
    than = comparison.reference or "row above"
    every = [
        Column("controller", lambda row: row.label),
        Column("seeds", lambda row: str(len(row.seeds)), 2),
        Column("populations", lambda row: str(table.populations), 8),
        Column("S", lambda row: spread(row.estimate("suppression"))),
        Column("S, stochastic", _stochastic, 5, lambda rows: any(_stochastic(row) != NONE for row in rows)),
        Column("mean |kick|", lambda row: middle(row.estimate("mean_abs_kick"))),
        Column("activity", lambda row: middle(row.estimate("activity"))),
        Column("net charge", lambda row: middle(row.estimate("net_charge")), 6),
        Column("time to S", _time, 7),
        Column("Pareto", mark, 3),
        Column(f"P(> {than})", _better, 4, lambda rows: any(row.better for row in rows)),
    ]
    return [column for column in every if column.needed(table.rows)]


def meaning(comparison: Comparison) -> list[str]:
    """What the numbers mean, one sentence each."""
    than = f"the row {comparison.reference}" if comparison.reference else "the row above"
    return [
        "Interquartile mean [95 % bootstrap interval] over training seeds and populations, deterministic policy.",
        "With one seed it is over populations only, and tells nothing of another training.",
        f"P: probability that a training scores a higher S on the same population than one of {than}.",
        "Pareto front: no other row has as much S for less stimulation, nor more for as much.",
        f"Quenched: activity below {QUENCHED_ACTIVITY:g}; the neurons are silenced, not desynchronised.",
        f"Method: {SOURCE}.",
    ]


def spread(estimate: Estimate) -> str:
    """A number with its interval."""
    if estimate.value is None:
        return NONE
    if estimate.interval is None:
        return number(estimate.value)
    low, high = map(number, estimate.interval)
    return f"{number(estimate.value)} [{low}, {high}]"


def middle(estimate: Estimate) -> str:
    """A number without its interval."""
    return NONE if estimate.value is None else number(estimate.value)


def mark(row: Row) -> str:
    """Where a row stands: on the front, or quenched."""
    return QUENCHED if row.quenched else FRONT if row.front else ""


def _stochastic(row: Row) -> str:
    return middle(row.estimate("suppression", "stochastic")) if "stochastic" in row.scores else NONE


def _time(row: Row) -> str:
    estimate = row.estimate("time_to_suppression")
    if estimate.value is None:
        return "never"
    every = row.scores["deterministic"]["time_to_suppression"].size
    never = f" ({estimate.missing} of {every} never)" if estimate.missing else ""
    return f"{number(estimate.value)}{never}"


def _better(row: Row) -> str:
    if row.better is None or row.better.value is None:
        return NONE
    low, high = row.better.interval or (row.better.value, row.better.value)
    return f"{row.better.value:.2f} [{low:.2f}, {high:.2f}]"
