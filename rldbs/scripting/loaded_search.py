"""A search as an object: its trials as a table, the best one, the best compromises, what was found."""

import os
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.analysis.three_digits import three_digits
from rldbs.commands.tune import resumed_tuning
from rldbs.core.errors import RunError, visible
from rldbs.files.folder import Folder
from rldbs.runs.find import read_meta, read_metrics, read_run
from rldbs.runs.json_fields import FINAL, FRONT
from rldbs.runs.record import read_tuning
from rldbs.scripting.columns import Columns, read_table
from rldbs.scripting.evaluation import Evaluation
from rldbs.scripting.loaded_run import Run
from rldbs.scripting.recorded_mapping import recorded_mapping
from rldbs.scripting.recorded_trajectory import RecordedTrajectory
from rldbs.tune.search_settings import Tune
from rldbs.tune.trial_runs import TRIALS
from rldbs.tune.trials import Trial, best, front

TUNED = "tuned.yaml"
WORDS = ("state", "reason")
"""Columns of trials.csv that hold words."""


class Search:
    """A search, ``rldbs tune``: what stands in its folder, as objects, read anew whenever it is asked for.

    Args:
        path: its folder.

    Attributes:
        path: its folder, absolute.
        config: all that decided it, as plain containers.

    Raises:
        RunError: its configuration cannot be read.

    Example:
        >>> search = rldbs.load("runs/bvdp-pd-tune/20260101-120000-s0-1a2b")
        >>> search.best["agent.gain"], search.best["suppression"]
        >>> search.trials.to_pandas().plot.scatter("mean_abs_kick", "suppression")
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = Folder(path)
        self.config = read_tuning(path)

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def meta(self) -> dict[str, Any]:
        """What meta.json says, as ``trials``, ``trials_done``, ``started``, ``versions``."""
        return read_meta(self.path)

    @property
    def status(self) -> str:
        """``running``, ``done``, ``failed``, ``interrupted``, or ``unknown`` without a meta.json."""
        return read_run(self.path).status

    @property
    def trials(self) -> Columns:
        """A row for each trial: ``trial``, its number; the values of the keys that are searched; what was measured, NaN
        where there was nothing to; ``state``: ``kept`` within the limits, else why not; ``reason`` of one that failed.

        Raises:
            RunError: it cannot be read.
        """
        table = read_table(self._folder.file("trials.csv"), WORDS)
        lacks = [name for name in ("trial", "state", *self._tune.tradeoff.metrics) if name not in table]
        if lacks:
            raise RunError(f"{self.path / 'trials.csv'}: has no column {lacks[0]}")
        return table

    @property
    def best(self) -> dict[str, Any] | None:
        """The row of the best trial within the limits; None where there is none.

        Raises:
            RunError: as for :attr:`trials`.
        """
        table = self.trials
        found = best(self._scored(table), self._tune)
        return None if found is None else table.row(found.number)

    @property
    def front(self) -> Columns:
        """The rows of the trials within the limits that no other one beats in what is sought and in its price at once,
        from a low price to a high one. A search for a whole front has measured some of them again, on unseen
        populations: columns ending in ``_unseen``.

        Raises:
            RunError: as for :attr:`trials`.
        """
        table, tune = self.trials, self._tune
        numbers = [trial.number for trial in front(self._scored(table), tune)]
        points = table.where(np.array(numbers, np.int64))
        if not self._folder.has(FRONT):
            return points
        again = read_table(self._folder.file(FRONT), WORDS)
        rows = {number: row for row, number in enumerate(again.get("trial", ()))}
        later = [name for name in again if name.endswith("_unseen")]
        unseen = {
            name: np.array([again[name][rows[number]] if number in rows else np.nan for number in numbers], np.float64)
            for name in later
        }
        return Columns({**points, **unseen})

    @property
    def tuned(self) -> dict[str, Any]:
        """The settings that were found: what tuned.yaml holds.

        Raises:
            RunError: the search has not come to its end, or the file cannot be read.
        """
        return recorded_mapping(self._folder.file(TUNED))

    @property
    def runs(self) -> dict[int, Run]:
        """The training runs of its trials, by their numbers; of a controller that is not trained there are none."""
        place = self.path / TRIALS
        names = sorted((name for name in os.listdir(place) if name.isdecimal()), key=int) if place.is_dir() else []
        return {int(name): Run(place / name) for name in names if (place / name / "config.yaml").is_file()}

    @property
    def metrics(self) -> dict[str, Any]:
        """Those of what was found, on unseen populations: see :attr:`.Evaluation.metrics`.

        Raises:
            RunError: the search has not come to its end.
        """
        return self._final().metrics

    @property
    def trajectory(self) -> RecordedTrajectory:
        """The recording of that, as arrays: see :attr:`.Evaluation.trajectory`.

        Raises:
            RunError: the search has not come to its end, or the recording cannot be read.
        """
        return self._final().trajectory

    def __repr__(self) -> str:
        config, meta = self.config, self.meta
        parts = [f"{config['agent'].get('name')} on {config['model'].get('name')}", self.status]
        if isinstance(meta.get("trials_done"), int):
            parts.append(f"{meta['trials_done']:,} of {meta.get('trials', 0):,} trials")
        aim = self._tune.tradeoff.aim
        value = read_metrics(self._folder, FINAL).get("deterministic", {}).get(aim, {}).get("iqm")
        parts += [] if value is None else [f"{EVERY_METRIC[aim].label} {three_digits(value)}"]
        return visible(f"<Search {self.path.parent.name}/{self.path.name}: {', '.join(parts)}>")

    @cached_property
    def _tune(self) -> Tune:
        return resumed_tuning(self.path, ()).tune

    def _scored(self, table: Columns) -> list[Trial]:
        """The trials, each with its row in the place of its number."""
        names = self._tune.tradeoff.metrics
        scores = [{name: float(table[name][row]) for name in names} for row in range(table.rows)]
        return [Trial(row, {}, None if table["state"][row] == "failed" else score) for row, score in enumerate(scores)]

    def _final(self) -> Evaluation:
        if not read_metrics(self._folder, FINAL):
            raise RunError(f"{self.path}: has not come to its end; rldbs resume goes on with it")
        return Evaluation(self.path, FINAL)
