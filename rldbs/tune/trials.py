"""Trials: what was tried, what came of it, and which of them are the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rldbs.analysis.metric_definitions import QUENCHED_ACTIVITY
from rldbs.files.csv_table import csv_bytes
from rldbs.files.file import File
from rldbs.tune.search_settings import Tune, Values, written

MOST_POINTS = 8
"""Points of a front that are measured on unseen populations, spread along it."""


Score = Mapping[str, float]
"""What was measured of a controller: of every metric that is scored the interquartile mean over the populations."""


@dataclass(frozen=True)
class Trial:
    """A point of the search."""

    number: int
    values: Values
    score: Score | None
    """None where there is nothing to measure: it diverged, or its numbers do not go together."""
    reason: str = ""
    """Why there is no score."""

    def kept(self, tune: Tune) -> bool:
        """Whether it is within the limits."""
        return self.score is not None and all(excess <= 0 for excess in excesses(self.score, tune))

    def state(self, tune: Tune) -> str:
        """What became of it, in a word or two."""
        if self.score is None:
            return "failed"
        kick, activity = excesses(self.score, tune)
        if activity > 0:
            return "quenched" if self.score["activity"] < QUENCHED_ACTIVITY else "little activity"
        return "large kick" if kick > 0 else "kept"


def excesses(score: Score, tune: Tune) -> tuple[float, float]:
    """How far a score is beyond the limits of kick and activity, as parts of them; not above 0 where it keeps them."""
    kick = score["mean_abs_kick"] / tune.most_kick - 1
    activity = 1 - score["activity"] / tune.least_activity if tune.least_activity else -1.0
    return kick, activity


def best(trials: Sequence[Trial], tune: Tune) -> Trial | None:
    """The best trial within the limits: of suppression that with the largest S, of oscillators
    the least R, of onset that with the least product; of networks of cells that with the least current of those whose
    error index is low enough.

    Of equal ones that with the lower price, then the first.
    """
    order = [
        (tune.tradeoff.loss(aim, price), price, trial.number, trial) for trial, aim, price in _within(trials, tune)
    ]
    return min(order, key=lambda one: one[:3])[3] if order else None


def front(trials: Sequence[Trial], tune: Tune) -> list[Trial]:
    """The trials within the limits that no other one beats in aim and price at once, from a low price to a high one."""
    scored = [(trial, tune.tradeoff.gain(aim), price) for trial, aim, price in _within(trials, tune)]
    scored.sort(key=lambda one: (one[2], -one[1], one[0].number))
    found: list[Trial] = []
    highest = float("-inf")
    for trial, gain, _ in scored:
        if gain > highest:
            found.append(trial)
            highest = gain
    return found


def spread(points: Sequence[Trial], tune: Tune, most: int = MOST_POINTS) -> list[Trial]:
    """At most so many of the points of a front, about evenly far apart in what is sought, in the price
    where that has a limit; the best one is the last.

    Both ends are among them.
    """
    top = best(points, tune)
    if top is None:
        return []
    along = tune.tradeoff.aim if tune.tradeoff.limit is None else tune.tradeoff.price
    heights = [trial.score[along] for trial in points if trial.score is not None]
    wanted = [heights[0] + (heights[-1] - heights[0]) * k / (most - 1) for k in range(most)]
    chosen = {min(range(len(points)), key=lambda i: (abs(heights[i] - height), i)) for height in wanted}
    if len(points) <= most:
        chosen = {*range(len(points))}
    at = points.index(top)
    if at not in chosen and len(chosen) == most:
        chosen.remove(min(chosen - {0, len(points) - 1}, key=lambda i: (abs(i - at), i)))
    return [*(points[i] for i in sorted(chosen) if i != at), top]


def _within(trials: Sequence[Trial], tune: Tune) -> list[tuple[Trial, float, float]]:
    """The trials within the limits, each with its aim and price."""
    sought = tune.tradeoff
    return [
        (trial, trial.score[sought.aim], trial.score[sought.price])
        for trial in trials
        if trial.score is not None and trial.kept(tune)
    ]


def write_trials(file: File, trials: Sequence[Trial], keys: Sequence[str], tune: Tune) -> None:
    """Write a CSV file with one row per trial."""
    rows: list[list[object]] = [["trial", *keys, *tune.tradeoff.metrics, "state", "reason"]]
    for trial in trials:
        numbers = ["" if trial.score is None else trial.score[key] for key in tune.tradeoff.metrics]
        rows.append(
            [trial.number, *(written(trial.values[key]) for key in keys), *numbers, trial.state(tune), trial.reason]
        )
    with file.whole() as out:
        out.write(csv_bytes(rows))
