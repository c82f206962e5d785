"""What a comparison says: a table for every task, its rows from the best to the least: by S, by R, or by EI."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis import pooled_statistics as statistics
from rldbs.analysis.metric_definitions import QUENCHED_ACTIVITY
from rldbs.analysis.tradeoff import SUPPRESSION, SYNCHRONY, TRADED, Tradeoff, tradeoff_of
from rldbs.compare.collect import Collection
from rldbs.compare.grouping import Group, Task, group
from rldbs.compare.heat_maps import HeatMap, heat_maps
from rldbs.compare.learning_curves import Learning, learning
from rldbs.core.errors import SettingError
from rldbs.runs.json_fields import FINAL, KINDS
from rldbs.runs.labels import Labels

SCHEMA = 1

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float | None
    """None where nothing is known."""
    interval: statistics.Interval
    missing: int = 0
    """Values that are not known and were left out."""

    @property
    def number(self) -> float:
        """The value, NaN where there is none."""
        return float("nan") if self.value is None else self.value


@dataclass(frozen=True)
class Row:
    """One controller, over all its seeds and populations."""

    label: str
    agent: str
    differs: Mapping[str, str]
    """Settings in which it differs from others with its agent."""
    seeds: tuple[int, ...]
    runs: tuple[str, ...]
    scores: Mapping[str, Mapping[str, Array]]
    """For every kind of policy, every metric: (seeds, populations)."""
    estimates: Mapping[str, Mapping[str, Estimate]]
    """For every kind of policy, every metric."""
    learning: Mapping[str, Learning]
    """What is sought by ``steps`` and by ``time``; nothing where its training is not at hand."""
    compromises: Mapping[str, Array] = field(default_factory=lambda: dict.fromkeys(TRADED, np.empty(0)))
    """Other settings of the same controller that a search has measured: of each metric that it may be about (points,),
    NaN where it was not."""
    sought: Tradeoff = SUPPRESSION
    """What its table is about."""
    verdict: str = ""
    """What stimulation has done to oscillators, by the verdicts on its runs."""
    front: bool = False
    """Whether no other row, nor a compromise of one, has a better aim for as little stimulation; never for one that is
    quenched."""
    better: Estimate | None = None
    """Probability that it scores higher than the row it is held against; None where there is none."""
    against: str | None = None
    """The label of that row."""
    written: Labels = field(default_factory=Labels)
    """The notes and tags of its runs."""

    def estimate(self, key: str, kind: str = "deterministic") -> Estimate:
        return self.estimates[kind][key]

    @property
    def places(self) -> Array:
        """Aim and price of the compromises, (points, 2)."""
        return np.column_stack([self.compromises[self.sought.aim], self.compromises[self.sought.price]])

    @property
    def gain(self) -> float:
        """The aim, its sign so that more of it is better; NaN where there is none."""
        return self.sought.gain(self.estimate(self.sought.aim).number)

    @property
    def quenched(self) -> bool:
        """Whether its neurons are silenced rather than desynchronised."""
        return self.estimate("activity").number < QUENCHED_ACTIVITY or self.verdict == "quenched"


@dataclass(frozen=True)
class Table:
    """Controllers on one task."""

    title: str
    task: Mapping[str, str]
    populations: int
    rows: tuple[Row, ...]
    sought: Tradeoff = SUPPRESSION
    """S against stimulation; of oscillators R, of networks of cells the error index against the RMS current."""


@dataclass(frozen=True)
class Comparison:
    """Everything that is shown and written."""

    evaluation: str
    reference: str | None
    tables: tuple[Table, ...]
    left_out: tuple[tuple[str, str], ...]
    """Runs that do not count, each with the reason."""
    maps: tuple[HeatMap, ...] = ()
    """Where a sweep is compared: what was reached over the keys that vary."""


def compare(
    collection: Collection,
    reference: str | None = None,
    evaluation: str = FINAL,
    varied: Mapping[str, Mapping[str, str]] | None = None,
) -> Comparison:
    """Put what has been measured into tables, one for every task.

    Args:
        collection: what has been measured.
        reference: label of the row that all others of its table are held against; without it, each against the one
            above it.
        evaluation: the name of the measurement.
        varied: for the runs of a sweep, by their names, the keys that vary in it, with their values.

    Raises:
        SettingError: no table has a row ``reference``.
    """
    tasks, twice = group(collection.measured)
    labels = list(dict.fromkeys(one.label for task in tasks for one in task.groups))
    if reference is not None and reference not in labels:
        raise SettingError(f"reference={reference}: there is no such row; there are {', '.join(labels)}")
    tables = tuple(_table(task, reference) for task in tasks)
    maps = heat_maps(collection.measured, varied or {})
    return Comparison(evaluation, reference, tables, (*collection.left_out, *twice), maps)


def content(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain values, ready for strict JSON."""
    return {
        "schema": SCHEMA,
        "evaluation": comparison.evaluation,
        "reference": comparison.reference,
        "statistics": {"confidence": statistics.CONFIDENCE, "resamples": statistics.RESAMPLES},
        "tables": [
            {
                "title": table.title,
                "task": dict(table.task),
                "populations": table.populations,
                "aim": table.sought.aim,
                "rows": [_plain_row(row) for row in table.rows],
                "better": pairs(table.rows),
            }
            for table in comparison.tables
        ],
        "maps": [one.plain() for one in comparison.maps],
        "left_out": [{"run": run, "why": why} for run, why in comparison.left_out],
    }


def _table(task: Task, reference: str | None) -> Table:
    every = [one.scores[kind] for group in task.groups for one in group.measured for kind in one.scores]
    sought = tradeoff_of(every)
    rows = sorted((_row(group, sought) for group in task.groups), key=_order)
    others = np.concatenate([row.places for row in rows])
    gain = [float("nan") if row.quenched else row.gain for row in rows]
    cost = [row.estimate(sought.price).number for row in rows]
    front = statistics.pareto_front([*gain, *map(sought.gain, others[:, 0])], [*cost, *others[:, 1]])
    named = next((row for row in rows if row.label == reference), None)
    finished = []
    for k, row in enumerate(rows):
        other = named if reference is not None else rows[k - 1] if k else None
        row = replace(row, front=bool(front[k]))
        finished.append(row if other is None or other.label == row.label else _held_against(row, other))
    populations = rows[0].scores["deterministic"][sought.aim].shape[1]
    return Table(task.title, task.settings, populations, tuple(finished), sought)


def _row(one: Group, sought: Tradeoff) -> Row:
    kinds = [kind for kind in KINDS if all(kind in measured.scores for measured in one.measured)]
    scores = {
        kind: {
            key: np.stack([measured.scores[kind][key] for measured in one.measured])
            for key in one.measured[0].scores[kind]
            if all(key in measured.scores[kind] for measured in one.measured)
        }
        for kind in kinds
    }
    courses = [measured.course for measured in one.measured if measured.course is not None]
    return Row(
        label=one.label,
        agent=one.agent,
        differs=one.differs,
        seeds=tuple(measured.seed for measured in one.measured),
        runs=tuple(measured.name for measured in one.measured),
        scores=scores,
        estimates={kind: {key: _estimate(values) for key, values in scores[kind].items()} for kind in kinds},
        learning=learning(courses, sought.aim),
        written=reduce(or_, (measured.labels for measured in one.measured)),
        compromises={key: np.concatenate([each.compromises[key] for each in one.measured]) for key in TRADED},
        sought=sought,
        verdict=_worst([measured.verdict for measured in one.measured]),
    )


def _estimate(values: Array) -> Estimate:
    missing = int((~np.isfinite(values)).sum())
    return Estimate(statistics.pooled_iqm([values]), statistics.pooled_interval([values]), missing)


def _worst(verdicts: Sequence[str]) -> str:
    """What is said of several runs: what is wrong with any of them, else what all of them did."""
    for told in ("quenched", "shifted", ""):
        if told in verdicts:
            return told
    return verdicts[0]


def _held_against(row: Row, other: Row) -> Row:
    x, y = ([_gains(one)] for one in (row, other))
    better = Estimate(statistics.improvement(x, y), statistics.improvement_interval(x, y))
    return replace(row, better=better, against=other.label)


def _gains(row: Row) -> Array:
    """What is sought, its sign so that more of it is better, (seeds, populations)."""
    values = row.scores["deterministic"][row.sought.aim]
    return values if row.sought.gain(1.0) > 0 else -values


def _order(row: Row) -> tuple[bool, bool, float]:
    """From the best to the least; those that are quenched, and those without a number, last."""
    known = np.isfinite(row.gain)
    return row.quenched, not known, -row.gain if known else 0.0


def _plain_row(row: Row) -> dict[str, Any]:
    return {
        "label": row.label,
        "agent": row.agent,
        "differs": dict(row.differs),
        "seeds": list(row.seeds),
        "runs": list(row.runs),
        **row.written.facts(),
        "quenched": row.quenched,
        **({"verdict": row.verdict} if row.sought is SYNCHRONY else {}),
        "front": row.front,
        "better": None if row.better is None else {"than": row.against, **_plain(row.better)},
        **{
            kind: {
                key: {**_plain(row.estimates[kind][key]), "values": [[*map(_known, line)] for line in values]}
                for key, values in row.scores[kind].items()
            }
            for kind in row.scores
        },
        "learning": {name: course.plain() for name, course in row.learning.items()},
        "compromises": row.places.tolist(),
    }


def _plain(estimate: Estimate) -> dict[str, Any]:
    ends = [None, None] if estimate.interval is None else list(estimate.interval)
    return {"iqm": estimate.value, "ci95": ends, **({"missing": estimate.missing} if estimate.missing else {})}


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def pairs(rows: Sequence[Row]) -> list[list[float | None]]:
    """For every row the probability that it scores higher than each other one."""
    scores = [[_gains(row)] for row in rows]
    return [[statistics.improvement(x, y) for y in scores] for x in scores]
