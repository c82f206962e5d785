"""What the benchmark says: who is ahead on which task, and a table of all controllers on all tasks."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.settings import CLASSICAL, IDENTIFIED, LEARNERS
from rldbs.analysis.metric_definitions import EVERY_METRIC, NEVER
from rldbs.analysis.plots.benchmark_overview import Task, overview_picture
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.tradeoff import BURSTS, LASTING, ONSET, RELAY, SUPPRESSION, SYNCHRONY, TRADEOFFS, Tradeoff
from rldbs.compare.comparison import Row, Table
from rldbs.files.file import File
from rldbs.process.plurals import counted

CONTROLLERS = (*IDENTIFIED, *CLASSICAL.own, "none")
"""The classical side."""
LEARNING = tuple(name for name in LEARNERS.own if name not in IDENTIFIED)
NONE = "–"
LEAST_ACTIVITY = 0.8
"""What a controller has to leave of the neurons' activity, as in tuning and training."""
NOTES = (
    "**Bold**: a learner suppresses more than every setting of a classical controller that was measured. On or above "
    "the front: none of those settings has both a higher S, of oscillators a lower R, and less stimulation. Of a "
    "classical controller the second table has the setting that its search chose or, where that needs more stimulation "
    "on unseen populations than the task allows, its best one that does not. In brackets: nothing of it is within that "
    f"limit, or activity is below {LEAST_ACTIVITY}; no candidate."
)
ONSET_NOTES = (
    "Where latency is sought, the better one has the smaller product of latency and energy to suppress, and one is on "
    "or above the front where none has less of both. Never: S does not come to 10 on every population in every "
    "training; no candidate."
)
RELAY_NOTES = (
    "Where the error index is sought, the better one needs the smaller RMS current for an index of 0.02 or less; one "
    "whose index is above that is the worse, whatever its current."
)
LASTING_NOTES = (
    "Where charge to last is sought, the better one needs less of it, in mV·s; one under which some population "
    "relapses is no candidate."
)
BURSTS_NOTES = (
    "Where the time in bursts is sought, the better one needs the smaller RMS current, in spk/s, for 0.01 of it or "
    "less; whoever leaves more is the worse, whatever the current."
)
UNITS = {SYNCHRONY: " in rad/s", RELAY: " in µA/cm²", LASTING: " in s", BURSTS: " in spk/s"}
"""Of the prices of tables that are not in thousandths."""
MEASURED = (
    "order_free",
    "order",
    "order_over_floor",
    "mean_abs_kick",
    "total_power",
    "peak_free",
    "peak_frequency",
    "firing",
)
"""What is told of oscillators beside what is sought."""


@dataclass(frozen=True)
class Point:
    """A controller's interquartile means on a task: what is sought there, and what it costs."""

    label: str
    aim: float
    price: float

    def __str__(self) -> str:
        return f"{self.label}: {three_digits(self.aim)} at {three_digits(self.price)}"


@dataclass(frozen=True)
class Result:
    """What was measured on a task."""

    name: str
    most_kick: float
    """What needs more mean abs kick is no candidate."""
    table: Table
    sought: Tradeoff

    def counts(self, row: Row) -> bool:
        """Whether a row is a candidate: within the limits of the task, and known; where it can fail, everywhere."""
        aim, price, kick, activity = (
            row.estimate(key).value for key in (self.sought.aim, self.sought.price, "mean_abs_kick", "activity")
        )
        within = kick is not None and kick <= self.most_kick and (activity or 0.0) >= LEAST_ACTIVITY
        within = within and not row.quenched  # oscillators may be arrested at full activity
        return within and aim is not None and price is not None and not self.fails(row)

    def fails(self, row: Row) -> bool:
        """Whether the aim was not reached on every population in every training."""
        return self.sought.may_fail and row.estimate(self.sought.aim).missing > 0

    def points(self, agents: Container[str]) -> list[Point]:
        """The rows that count, of such agents."""
        return [
            Point(row.label, row.estimate(self.sought.aim).number, row.estimate(self.sought.price).number)
            for row in self.rows(agents)
        ]

    def rows(self, agents: Container[str]) -> list[Row]:
        return [row for row in self.table.rows if row.agent in agents and self.counts(row)]

    @property
    def compromises(self) -> list[Point]:
        """Other settings of classical controllers that were measured, within the limit of kicks."""
        keys = (self.sought.aim, self.sought.price, "mean_abs_kick")
        return [
            Point(row.label, float(aim), float(price))
            for row in self.table.rows
            if row.agent in CONTROLLERS
            for aim, price, kick in zip(*(row.compromises[key] for key in keys), strict=True)
            if kick <= self.most_kick and np.isfinite([aim, price]).all()
        ]

    def best(self, points: Sequence[Point]) -> Point | None:
        """The best of points: that with the highest S or lowest R; of onset, that with the least product."""
        return min(points, key=self.loss, default=None)

    def loss(self, point: Point) -> float:
        """What the best point has least of."""
        return self.sought.loss(point.aim, point.price)

    def beats(self, one: Point, other: Point) -> bool:
        """Whether one point has the better aim at the lower price."""
        return self.sought.beats(one.aim, one.price, other.aim, other.price)


@dataclass(frozen=True)
class Verdict:
    """Whether learning has earned its place on a task."""

    classical: Point | None
    """The best of all settings of classical controllers that were measured; None for none."""
    learner: Point | None
    """The best learner."""
    on_front: tuple[str, ...]
    """Learners that no setting of a classical controller beats in aim and price at once."""
    ahead: bool
    """Whether a learner is better than every setting of a classical controller."""


def verdict(result: Result) -> Verdict:
    """What was measured on a task says about learning."""
    classical, learners = result.points(CONTROLLERS), result.points(LEARNING)
    held = [*classical, *result.compromises]
    on_front = [point.label for point in learners if not any(result.beats(other, point) for other in held)]
    best, other = result.best(learners), result.best(held)
    ahead = best is not None and (other is None or result.loss(best) < result.loss(other))
    return Verdict(other, best, tuple(on_front), ahead)


def markdown(results: Sequence[Result], notes: Sequence[str], published: Sequence[Sequence[str]] = ()) -> str:
    """Both tables as Markdown, of each tradeoff in turn; of oscillators what tells desynchronised ones from a rhythm
    that has moved; tables that are ``published``; and below them ``notes``."""
    parts = [[one for one in results if one.sought is sought] for sought in TRADEOFFS]
    parts = [part for part in parts if part]
    tables = [["", *table(part)] for table in (_verdicts, _matrix) for part in parts]
    tables += [["", *_measures(one)] for one in results if one.sought is SYNCHRONY]
    tables += [["", "As published:", "", *told] for told in published]
    told = ((ONSET, ONSET_NOTES), (RELAY, RELAY_NOTES), (LASTING, LASTING_NOTES), (BURSTS, BURSTS_NOTES))
    about = " ".join([NOTES, *(words for sought, words in told if any(one.sought is sought for one in results))])
    return "\n".join([*chain(*tables), "", about, "", *notes][1:]) + "\n"


def picture(results: Sequence[Result], file: File, episodes: int) -> None:
    """Draw learners before the front of the classical controllers."""
    panels = []
    for result in results:
        points = [*result.points(CONTROLLERS), *result.compromises]
        places = np.array([(point.aim, point.price) for point in points], np.float64).reshape(-1, 2)
        learners = {row.label: _ends(row, result.sought) for row in result.rows(LEARNING)}
        panels.append(Task(result.name, result.sought, places, learners))
    told = f"interquartile mean, 95 % interval over seeds and {counted(episodes, 'unseen population')}"
    title = "Learners and classical controllers: suppression against stimulation"
    better = " · up and to the left is better" if any(panel.sought is SUPPRESSION for panel in panels) else ""
    overview_picture(panels, file, title, told + better)


def _ends(row: Row, sought: Tradeoff) -> NDArray[np.float64]:
    """Aim and price, each with its interval: (2, 3)."""
    estimates = [row.estimate(key) for key in (sought.aim, sought.price)]
    return np.array([[one.number, *(one.interval or (one.number, one.number))] for one in estimates])


def _verdicts(results: Sequence[Result]) -> Iterator[str]:
    aim, price = _words(results[0].sought)
    yield f"| task | best classical: {aim} at {price} | best learner | learners on or above the classical front |"
    yield "|---|---|---|---|"
    for result in results:
        said = verdict(result)
        best = f"**{said.learner}**" if said.ahead else str(said.learner or NONE)
        yield f"| `{result.name}` | {said.classical or NONE} | {best} | {', '.join(said.on_front) or 'none'} |"


def _matrix(results: Sequence[Result]) -> Iterator[str]:
    agents = dict.fromkeys(row.agent for result in results for row in result.table.rows)
    order = [*(name for name in LEARNING if name in agents), *(name for name in CONTROLLERS if name in agents)]
    aim, price = _words(results[0].sought)
    unit = UNITS.get(results[0].sought, " · 1000")
    yield f"| {aim}, {price}{unit} | {' | '.join(f'`{result.name}`' for result in results)} |"
    yield f"|---|{'---|' * len(results)}"
    for agent in order:
        yield f"| `{agent}` | {' | '.join(_cell(result, agent) for result in results)} |"


def _measures(result: Result) -> Iterator[str]:
    """What stimulation does to oscillators beside R, a line for every controller, by R; that in brackets where it is no
    candidate."""
    aim = result.sought.aim
    labels = [EVERY_METRIC[key].label.replace("|kick|", "abs kick") for key in MEASURED]
    yield f"| `{result.name}` | {' | '.join(labels)} | verdict |"
    yield f"|---|{'---|' * (len(labels) + 1)}"
    known = [row for row in result.table.rows if row.estimate(aim).value is not None]
    unknown = [row for row in result.table.rows if row.estimate(aim).value is None]
    for row in [*sorted(known, key=lambda row: row.estimate(aim).number), *unknown]:
        values = {key: row.estimate(key).value for key in MEASURED}
        told = {key: NONE if value is None else three_digits(value) for key, value in values.items()}
        cells = [f"({word})" if key == aim and not result.counts(row) else word for key, word in told.items()]
        verdict = row.verdict if row.agent != "none" else ""
        yield f"| `{row.label}` | {' | '.join(cells)} | {verdict} |"


def _words(sought: Tradeoff) -> list[str]:
    """What aim and price are called in a table, whose columns a line parts."""
    return [EVERY_METRIC[key].label.replace("|kick|", "abs kick") for key in (sought.aim, sought.price)]


def _cell(result: Result, agent: str) -> str:
    row = next((row for row in result.table.rows if row.agent == agent), None)
    if row is None:
        return NONE
    if row.quenched:
        return "quenched"
    if not result.counts(row):
        other = result.best([point for point in result.compromises if point.label == row.label])
        if other is not None:
            return _numbers(result, other.aim, other.price)
    if result.fails(row):
        return NEVER
    aim, price = (row.estimate(key).value for key in (result.sought.aim, result.sought.price))
    if aim is None or price is None:
        return NONE
    numbers = _numbers(result, aim, price)
    told = f" {row.verdict}" if row.verdict == "shifted" else ""
    return numbers + told if result.counts(row) else f"({numbers}){told}"


def _numbers(result: Result, aim: float, price: float) -> str:
    scale = 1 if result.sought in UNITS else 1000
    return f"{three_digits(aim)}, {three_digits(scale * price)}"
