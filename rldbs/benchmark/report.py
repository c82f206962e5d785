"""What the benchmark says: who is ahead on which task, and a table of all controllers on all tasks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.settings import CLASSICAL, LEARNERS
from rldbs.analysis.overview import Task, overview_picture
from rldbs.experiment.compare.result import Comparison, Row, Table
from rldbs.experiment.report import number

NONE = "–"


@dataclass(frozen=True)
class Point:
    """A controller's interquartile means on a task."""

    label: str
    suppression: float
    mean_abs_kick: float

    def beats(self, other: "Point") -> bool:
        """Whether it suppresses more with less stimulation."""
        return self.suppression > other.suppression and self.mean_abs_kick < other.mean_abs_kick

    def __str__(self) -> str:
        return f"{self.label}: {number(self.suppression)} at {number(self.mean_abs_kick)}"


@dataclass(frozen=True)
class Verdict:
    """Whether learning has earned its place on a task."""

    task: str
    classical: Point | None
    """The classical controller with the highest S; None where there is none."""
    learner: Point | None
    """The learner with the highest S."""
    on_front: tuple[str, ...]
    """Learners that no tuned classical controller beats in S and stimulation at once."""

    @property
    def ahead(self) -> bool:
        """Whether a learner suppresses more than every classical controller."""
        best, other = self.learner, self.classical
        return best is not None and (other is None or best.suppression > other.suppression)


def verdict(task: str, table: Table) -> Verdict:
    """What a table says about learning. Rows that are quenched do not count, and rows without a number."""
    classical = [point for row in table.rows if row.agent in CLASSICAL for point in _points(row)]
    learners = [point for row in table.rows if row.agent in LEARNERS for point in _points(row)]
    on_front = [point.label for point in learners if not any(other.beats(point) for other in classical)]
    return Verdict(task, _best(classical), _best(learners), tuple(on_front))


def markdown(comparison: Comparison, tasks: Mapping[str, Table], notes: Sequence[str]) -> str:
    """Both tables as Markdown, and below them ``notes``."""
    return "\n".join([*_verdicts(tasks), "", *_matrix(tasks), "", *notes]) + "\n"


def picture(tasks: Mapping[str, Table], path: Path, episodes: int) -> None:
    """Draw learners before the front of the classical controllers."""
    panels = []
    for name, table in tasks.items():
        rows = [row for row in table.rows if not row.quenched]
        points = [
            (point.suppression, point.mean_abs_kick) for row in rows if row.agent in CLASSICAL for point in _points(row)
        ]
        learners = {row.label: _ends(row) for row in rows if row.agent in LEARNERS}
        panels.append(Task(name, np.array(points, np.float64).reshape(-1, 2), learners))
    subtitle = (
        f"interquartile mean, 95 % interval over seeds and {episodes} unseen populations · up and to the left is better"
    )
    overview_picture(panels, path, "Learners and classical controllers: suppression against stimulation", subtitle)


def _ends(row: Row) -> NDArray[np.float64]:
    """S and mean |kick|, each with its interval: (2, 3)."""
    estimates = [row.estimate(key) for key in ("suppression", "mean_abs_kick")]
    return np.array([[one.number, *(one.interval or (one.number, one.number))] for one in estimates])


def _verdicts(tasks: Mapping[str, Table]) -> Iterator[str]:
    yield "| task | best classical: S at mean abs kick | best learner | learners on or above the classical front |"
    yield "|---|---|---|---|"
    for name, table in tasks.items():
        said = verdict(name, table)
        best = f"**{said.learner}**" if said.ahead else str(said.learner or NONE)
        yield f"| `{name}` | {said.classical or NONE} | {best} | {', '.join(said.on_front) or 'none'} |"


def _matrix(tasks: Mapping[str, Table]) -> Iterator[str]:
    agents = dict.fromkeys(row.agent for table in tasks.values() for row in table.rows)
    order = [*(name for name in LEARNERS if name in agents), *(name for name in CLASSICAL if name in agents)]
    yield f"| S, mean abs kick · 1000 | {' | '.join(f'`{name}`' for name in tasks)} |"
    yield f"|---|{'---|' * len(tasks)}"
    for agent in order:
        cells = (_cell(next((row for row in table.rows if row.agent == agent), None)) for table in tasks.values())
        yield f"| `{agent}` | {' | '.join(cells)} |"


def _cell(row: Row | None) -> str:
    if row is None:
        return NONE
    if row.quenched:
        return "quenched"
    s, kick = (row.estimate(key).value for key in ("suppression", "mean_abs_kick"))
    if s is None or kick is None:
        return NONE
    return f"{number(s)}, {number(1000 * kick)}"


def _points(row: Row) -> Iterator[Point]:
    s, kick = (row.estimate(key).value for key in ("suppression", "mean_abs_kick"))
    if s is not None and kick is not None and not row.quenched:
        yield Point(row.label, s, kick)
    yield from (Point(row.label, float(s), float(kick)) for s, kick in row.compromises)


def _best(points: Sequence[Point]) -> Point | None:
    return max(points, key=lambda point: point.suppression, default=None)
