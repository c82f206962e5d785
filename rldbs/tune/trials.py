"""Trials: what was tried, what came of it, and which of them are the best."""

from collections.abc import Sequence
from dataclasses import dataclass

from rldbs.analysis.metric_definitions import QUENCHED_ACTIVITY
from rldbs.files.csv_table import csv_bytes
from rldbs.files.file import File
from rldbs.tune.search_settings import Tune, Values, written

MOST_POINTS = 8
"""Points of a front that are measured on unseen populations, spread along it."""


@dataclass(frozen=True)
class Score:
    """What was measured of a controller: interquartile means over the populations."""

    suppression: float
    mean_abs_kick: float
    activity: float


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
            return "quenched" if self.score.activity < QUENCHED_ACTIVITY else "little activity"
        return "large kick" if kick > 0 else "kept"


def excesses(score: Score, tune: Tune) -> tuple[float, float]:
    """How far a score is beyond the limits of kick and activity, as parts of them; not above 0 where it keeps them."""
    kick = score.mean_abs_kick / tune.most_kick - 1
    activity = 1 - score.activity / tune.least_activity if tune.least_activity else -1.0
    return kick, activity


def best(trials: Sequence[Trial], tune: Tune) -> Trial | None:
    """The trial with the largest S within the limits; of equal ones that with the smallest kicks, then the first."""
    scored = [(trial, trial.score) for trial in trials if trial.score is not None and trial.kept(tune)]
    if not scored:
        return None
    return min(scored, key=lambda pair: (-pair[1].suppression, pair[1].mean_abs_kick, pair[0].number))[0]


def front(trials: Sequence[Trial], tune: Tune) -> list[Trial]:
    """The trials within the limits that no other one beats in S and kick at once, from small kicks to large ones."""
    scored = [(trial, trial.score) for trial in trials if trial.score is not None and trial.kept(tune)]
    scored.sort(key=lambda pair: (pair[1].mean_abs_kick, -pair[1].suppression, pair[0].number))
    found: list[Trial] = []
    highest = float("-inf")
    for trial, score in scored:
        if score.suppression > highest:
            found.append(trial)
            highest = score.suppression
    return found


def spread(points: Sequence[Trial], most: int = MOST_POINTS) -> list[Trial]:
    """At most so many of the points of a front, among them both ends, about evenly far apart in S."""
    if len(points) <= most:
        return list(points)
    heights = [trial.score.suppression for trial in points if trial.score is not None]
    wanted = [heights[0] + (heights[-1] - heights[0]) * k / (most - 1) for k in range(most)]
    chosen = {min(range(len(points)), key=lambda i: (abs(heights[i] - height), i)) for height in wanted}
    return [points[i] for i in sorted(chosen)]


def write_trials(file: File, trials: Sequence[Trial], keys: Sequence[str], tune: Tune) -> None:
    """Write a CSV file with one row per trial."""
    rows: list[list[object]] = [["trial", *keys, "suppression", "mean_abs_kick", "activity", "state", "reason"]]
    for trial in trials:
        score = trial.score
        numbers = ["", "", ""] if score is None else [score.suppression, score.mean_abs_kick, score.activity]
        rows.append(
            [trial.number, *(written(trial.values[key]) for key in keys), *numbers, trial.state(tune), trial.reason]
        )
    with file.whole() as out:
        out.write(csv_bytes(rows))
