"""A comparison in words: the columns and cells of its tables, and what its numbers mean."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from rldbs.analysis.metric_definitions import EVERY_METRIC, QUENCHED_ACTIVITY, VERDICTS
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.tradeoff import BURSTS, LASTING, RELAY, SUPPRESSION, SYNCHRONY, Tradeoff
from rldbs.compare.comparison import Comparison, Estimate, Row, Table
from rldbs.compare.heat_maps import HeatMap

NONE = "–"
POPULATIONS = "populations"
BETTER = "P(>"

OWN: Mapping[Tradeoff, Sequence[tuple[str, int]]] = {
    RELAY: (("rms_kick", 0), ("rate_stn", 6), ("rate_gpe", 9), ("rate_gpi", 9), ("error_index_free", 7)),
    LASTING: (("time_to_last", 0), ("charge", 6), ("coupling_stimulated", 7), ("synchrony_after", 6)),
    BURSTS: (("rms_kick", 0), ("burst_duration", 6), ("beta_power", 6), ("peak_frequency", 9), ("burst_time_free", 7)),
}
"""What stands beside what is sought of models of which S is not what stimulation is for, with ranks of columns."""

MAP = "S, of oscillators R, over what varies: interquartile mean over all runs and populations with these values."
SOURCE = "Agarwal et al., Deep Reinforcement Learning at the Edge of the Statistical Precipice, NeurIPS 2021"


@dataclass(frozen=True)
class Cell:
    """What stands in a table."""

    text: str
    order: float | str | None = None
    """What the rows are sorted by; None comes last."""


@dataclass(frozen=True)
class Column:
    """A column of the tables."""

    heading: str
    cell: Callable[[Row], Cell]
    rank: int = 0
    """Of columns for which there is no room, the highest rank goes first."""
    needed: Callable[[Sequence[Row]], bool] = lambda rows: True
    """Whether it tells anything about these rows."""


def columns(comparison: Comparison, table: Table) -> list[Column]:
    """The columns of a table."""
    than, aim = comparison.reference or "row above", EVERY_METRIC[table.sought.aim].label
    every = [
        Column("controller", lambda row: Cell(row.label, row.label)),
        Column("seeds", lambda row: Cell(str(len(row.seeds)), len(row.seeds)), 2),
        Column(POPULATIONS, lambda row: Cell(str(table.populations), table.populations), 8),
        Column(aim, lambda row: spread(row.estimate(row.sought.aim))),
        Column(f"{aim}, stochastic", _stochastic, 5, lambda rows: any("stochastic" in row.scores for row in rows)),
        *(Column(EVERY_METRIC[key].label, partial(_middle, key), rank) for key, rank in OWN.get(table.sought, ())),
        Column("mean |kick|", lambda row: middle(row.estimate("mean_abs_kick")), 9 if table.sought in OWN else 0),
        *(_of_oscillators() if table.sought is SYNCHRONY else ()),
        Column("activity", _activity),
        Column("net charge", lambda row: middle(row.estimate("net_charge")), 6),
        Column("time to suppression", _time, 7, lambda rows: table.sought is SUPPRESSION),
        Column("Pareto", _front, 3),
        Column(f"{BETTER} {than})", _better, 4, lambda rows: any(row.better for row in rows)),
        Column("tags", lambda row: Cell(" ".join(row.written.tags)), 1, lambda rows: any(r.written.tags for r in rows)),
        Column("note", lambda row: Cell(row.written.note), 9, lambda rows: any(row.written.note for row in rows)),
    ]
    return [column for column in every if column.needed(table.rows)]


def _of_oscillators() -> Iterator[Column]:
    """What tells oscillators that have desynchronised from a rhythm that has moved, or been arrested."""
    yield Column("verdict", lambda row: Cell(row.verdict, row.verdict))
    for key in ("order_over_floor", "suppression", "total_power", "peak_frequency", "firing"):
        yield Column(EVERY_METRIC[key].label, partial(_middle, key), 9)


def _middle(key: str, row: Row) -> Cell:
    return middle(row.estimate(key)) if key in row.estimates["deterministic"] else Cell(NONE)


def meaning(comparison: Comparison) -> list[str]:
    """What the numbers mean, one sentence each."""
    than = f"the row {comparison.reference}" if comparison.reference else "the row above"
    better, as_good = "higher S", "as much S"
    told = {SYNCHRONY: "R", RELAY: "EI", LASTING: "charge to last", BURSTS: "burst time"}
    others = [name for sought, name in told.items() if any(table.sought is sought for table in comparison.tables)]
    if others:
        better, as_good = f"higher S or lower {' or '.join(others)}", f"as good an S or {' or '.join(others)}"
    found = {row.verdict for table in comparison.tables for row in table.rows} - {""}
    return [
        "Interquartile mean [95 % bootstrap interval] over training seeds and populations, deterministic policy.",
        "With one seed it is over populations only, and tells nothing of another training.",
        f"P: probability that a training scores a {better} on the same population than one of {than}.",
        f"Pareto front: no other row, nor a compromise that a search has found, has {as_good} for less stimulation.",
        f"Quenched: activity below {QUENCHED_ACTIVITY:g}; the neurons are silenced, not desynchronised.",
        *(f"Verdict {name}: {words}." for name, words in VERDICTS.items() if name in found),
        f"Method: {SOURCE}.",
        *([MAP] if comparison.maps else []),
    ]


def map_heads(one: HeatMap) -> list[str]:
    """The first line of a heat map as a table."""
    return [one.row_key or one.column_key, *one.column_values]


def map_rows(one: HeatMap) -> list[list[str]]:
    """The lines of a heat map as a table."""
    return [
        [value or one.label, *(_map_cell(one, i, j) for j in range(len(one.column_values)))]
        for i, value in enumerate(one.row_values)
    ]


def _map_cell(one: HeatMap, i: int, j: int) -> str:
    if not one.runs[i, j] or not np.isfinite(one.reached[i, j]):
        return NONE
    return three_digits(float(one.reached[i, j])) + (" quenched" if one.quenched[i, j] else "")


def spread(estimate: Estimate) -> Cell:
    """A number with its interval."""
    if estimate.value is None or estimate.interval is None:
        return middle(estimate)
    low, high = map(three_digits, estimate.interval)
    return Cell(f"{three_digits(estimate.value)} [{low}, {high}]", estimate.value)


def middle(estimate: Estimate) -> Cell:
    """A number without its interval."""
    return Cell(NONE if estimate.value is None else three_digits(estimate.value), estimate.value)


def _activity(row: Row) -> Cell:
    """The activity, and whether the row is quenched: that stands where there is room for nothing else, too."""
    cell = middle(row.estimate("activity"))
    return Cell(f"{cell.text} quenched", cell.order) if row.quenched else cell


def _front(row: Row) -> Cell:
    return Cell("front", 1) if row.front else Cell("", 0)


def _stochastic(row: Row) -> Cell:
    return middle(row.estimate(row.sought.aim, "stochastic")) if "stochastic" in row.scores else Cell(NONE)


def _time(row: Row) -> Cell:
    estimate = row.estimate("time_to_suppression")
    if estimate.value is None:
        return Cell("never")
    every = row.scores["deterministic"]["time_to_suppression"].size
    never = f" ({estimate.missing} of {every} never)" if estimate.missing else ""
    return Cell(f"{three_digits(estimate.value)}{never}", estimate.value)


def _better(row: Row) -> Cell:
    if row.better is None or row.better.value is None:
        return Cell(NONE)
    low, high = row.better.interval or (row.better.value, row.better.value)
    return Cell(f"{row.better.value:.2f} [{low:.2f}, {high:.2f}]", row.better.value)
