"""What the benchmark says: who is ahead on which task, and a table of all controllers on all tasks."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.settings import CLASSICAL, LEARNERS
from rldbs.analysis.plots.benchmark_overview import Task, overview_picture
from rldbs.compare.comparison import Row, Table
from rldbs.experiment.metric_tables import number
from rldbs.files.file import File
from rldbs.process.plurals import counted

NONE = "–"
LEAST_ACTIVITY = 0.8
"""What a controller has to leave of the neurons' activity, as in tuning and training."""
NOTES = (
    "**Bold**: a learner suppresses more than every setting of a classical controller that was measured. On or above "
    "the front: none of those settings has both a higher S and less stimulation. Of a classical controller the second "
    "table has the setting that its search chose or, where that needs more stimulation on unseen populations than the "
    "task allows, its best one that does not. In brackets: nothing of it is within that limit, or activity is below "
    f"{LEAST_ACTIVITY}; no candidate."
)


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
class Result:
    """What was measured on a task."""

    name: str
    most_kick: float
    """What needs more mean abs kick is no candidate."""
    table: Table

    def counts(self, row: Row) -> bool:
        """Whether a row is a candidate: within the limits of the task, and known."""
        s, kick, activity = (row.estimate(key).value for key in ("suppression", "mean_abs_kick", "activity"))
        return s is not None and kick is not None and kick <= self.most_kick and (activity or 0.0) >= LEAST_ACTIVITY

    def points(self, agents: Container[str]) -> list[Point]:
        """The rows that count, of such agents."""
        return [
            Point(row.label, row.estimate("suppression").number, row.estimate("mean_abs_kick").number)
            for row in self.rows(agents)
        ]

    def rows(self, agents: Container[str]) -> list[Row]:
        return [row for row in self.table.rows if row.agent in agents and self.counts(row)]

    @property
    def compromises(self) -> list[Point]:
        """Other settings of classical controllers that were measured, within the limit of kicks."""
        every = [
            (row.label, s, kick) for row in self.table.rows if row.agent in CLASSICAL for s, kick in row.compromises
        ]
        return [Point(label, float(s), float(kick)) for label, s, kick in every if kick <= self.most_kick]


@dataclass(frozen=True)
class Verdict:
    """Whether learning has earned its place on a task."""

    classical: Point | None
    """The highest S of all settings of classical controllers that were measured; None for none."""
    learner: Point | None
    """The learner with the highest S."""
    on_front: tuple[str, ...]
    """Learners that no setting of a classical controller beats in S and stimulation at once."""

    @property
    def ahead(self) -> bool:
        """Whether a learner suppresses more than every classical controller."""
        best, other = self.learner, self.classical
        return best is not None and (other is None or best.suppression > other.suppression)


def verdict(result: Result) -> Verdict:
    """What was measured on a task says about learning."""
    classical, learners = result.points(CLASSICAL), result.points(LEARNERS)
    held = [*classical, *result.compromises]
    on_front = [point.label for point in learners if not any(other.beats(point) for other in held)]
    return Verdict(_best(held), _best(learners), tuple(on_front))


def markdown(results: Sequence[Result], notes: Sequence[str]) -> str:
    """Both tables as Markdown, and below them ``notes``."""
    return "\n".join([*_verdicts(results), "", *_matrix(results), "", NOTES, "", *notes]) + "\n"


def picture(results: Sequence[Result], file: File, episodes: int) -> None:
    """Draw learners before the front of the classical controllers."""
    panels = []
    for result in results:
        points = [*result.points(CLASSICAL), *result.compromises]
        places = np.array([(point.suppression, point.mean_abs_kick) for point in points], np.float64).reshape(-1, 2)
        panels.append(Task(result.name, places, {row.label: _ends(row) for row in result.rows(LEARNERS)}))
    told = f"interquartile mean, 95 % interval over seeds and {counted(episodes, 'unseen population')}"
    title = "Learners and classical controllers: suppression against stimulation"
    overview_picture(panels, file, title, f"{told} · up and to the left is better")


def _ends(row: Row) -> NDArray[np.float64]:
    """S and mean |kick|, each with its interval: (2, 3)."""
    estimates = [row.estimate(key) for key in ("suppression", "mean_abs_kick")]
    return np.array([[one.number, *(one.interval or (one.number, one.number))] for one in estimates])


def _verdicts(results: Sequence[Result]) -> Iterator[str]:
    yield "| task | best classical: S at mean abs kick | best learner | learners on or above the classical front |"
    yield "|---|---|---|---|"
    for result in results:
        said = verdict(result)
        best = f"**{said.learner}**" if said.ahead else str(said.learner or NONE)
        yield f"| `{result.name}` | {said.classical or NONE} | {best} | {', '.join(said.on_front) or 'none'} |"


def _matrix(results: Sequence[Result]) -> Iterator[str]:
    agents = dict.fromkeys(row.agent for result in results for row in result.table.rows)
    order = [*(name for name in LEARNERS if name in agents), *(name for name in CLASSICAL if name in agents)]
    yield f"| S, mean abs kick · 1000 | {' | '.join(f'`{result.name}`' for result in results)} |"
    yield f"|---|{'---|' * len(results)}"
    for agent in order:
        yield f"| `{agent}` | {' | '.join(_cell(result, agent) for result in results)} |"


def _cell(result: Result, agent: str) -> str:
    row = next((row for row in result.table.rows if row.agent == agent), None)
    if row is None:
        return NONE
    if row.quenched:
        return "quenched"
    s, kick = (row.estimate(key).value for key in ("suppression", "mean_abs_kick"))
    if s is None or kick is None:
        return NONE
    other = None if result.counts(row) else _best([point for point in result.compromises if point.label == row.label])
    if other is not None:
        return f"{number(other.suppression)}, {number(1000 * other.mean_abs_kick)}"
    text = f"{number(s)}, {number(1000 * kick)}"
    return text if result.counts(row) else f"({text})"


def _best(points: Sequence[Point]) -> Point | None:
    return max(points, key=lambda point: point.suppression, default=None)
