"""What comes of a trial: a controller on the populations of the search, or a training run of its own."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any, Protocol

from rldbs.agents.settings import ClassicalSettings
from rldbs.analysis.metric_definitions import QUIET
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import DivergedError, RunError, SettingError
from rldbs.experiment.command_settings import EvaluateSettings, TrainSettings
from rldbs.files.folder import Folder
from rldbs.process.console import screen
from rldbs.runs.find import read_metrics, status_of
from rldbs.runs.json_fields import FINAL
from rldbs.runs.record import read_config
from rldbs.tune.populations import Tried, populations_of
from rldbs.tune.search_settings import BATCH, Tune, TuneSettings, Values
from rldbs.tune.trials import Score

TRIALS = "trials"
"""Folder of the training runs of a search."""

Outcome = tuple[Score | None, str]
"""What was measured, or why nothing was."""


class Trials(Protocol):
    """How the trials of a kind of agent are done."""

    batch: int
    """Trials that are suggested at once, and so do not learn from each other."""

    def outcomes(self, first: int, suggested: Sequence[Values]) -> Iterator[Outcome]:
        """What comes of trials, in their order; ``first`` is the number of the first one."""


class ControllerTrials:
    """Controllers that are not trained: many of them at once on the same populations.

    Args:
        settings: all that decides the search.
    """

    batch = BATCH

    def __init__(self, settings: TuneSettings) -> None:
        self._settings = settings
        self._populations: Tried | None = None

    def outcomes(self, first: int, suggested: Sequence[Values]) -> Iterator[Outcome]:
        found: dict[int, Outcome] = {}
        groups: list[tuple[LoopSettings, dict[int, EvaluateSettings]]] = []
        for k, values in enumerate(suggested):
            try:
                candidate = self._settings.candidate(values)
            except SettingError as error:
                found[k] = (None, _line(error))
                continue
            assert isinstance(candidate, EvaluateSettings)
            group = next((group for loop, group in groups if loop == candidate.loop), None)
            if group is None:
                groups.append((candidate.loop, group := {}))
            group[k] = candidate
        for loop, group in groups:
            found |= zip(group, self._measured(loop, list(group.values())), strict=True)
        yield from (found[k] for k in range(len(suggested)))

    def _measured(self, loop: LoopSettings, candidates: Sequence[EvaluateSettings]) -> list[Outcome]:
        """Those with the same environment: in one batch or, where one spoils it for all, one by one."""
        try:
            if self._populations is None or self._populations.settings != loop:
                self._populations = populations_of(loop, self._settings.trial_protocol, self._settings.threads)
            controllers = []
            for candidate in candidates:
                assert isinstance(candidate.agent, ClassicalSettings)
                controllers.append(candidate.agent.make(loop, candidate.seed))
            return [_outcome(score, self._settings.tune) for score in self._populations.scores(controllers)]
        except (DivergedError, SettingError) as error:
            if len(candidates) == 1:
                return [(None, _line(error))]
            return [outcome for candidate in candidates for outcome in self._measured(loop, [candidate])]


class TrainingTrials:
    """Learners: every trial is a training run in a folder of its own, whose best checkpoint is measured.

    Args:
        settings: all that decides the search.
        folder: the run folder of the search.
    """

    batch = 1

    def __init__(self, settings: TuneSettings, folder: Folder) -> None:
        self._settings, self._folder = settings, folder

    def outcomes(self, first: int, suggested: Sequence[Values]) -> Iterator[Outcome]:
        for number, values in enumerate(suggested, first):
            try:
                candidate = self._settings.candidate(values)
                assert isinstance(candidate, TrainSettings)
                metrics = self._trained(candidate, self._folder / TRIALS / str(number))
            except (DivergedError, SettingError) as error:
                yield None, _line(error)
                continue
            kind, tune = metrics["deterministic"], self._settings.tune
            yield _outcome(tune.tradeoff.iqms(kind), tune)

    def _trained(self, settings: TrainSettings, folder: Folder) -> dict[str, Any]:
        """The metrics of a training run, begun, gone on with or read, on the populations of the search."""
        from rldbs.experiment.train import resume, train  # loads torch, which no classical controller needs

        settings = replace(settings, protocol=self._settings.trial_protocol)
        console = screen(silent=True)
        if not folder.make().has("config.yaml"):
            return train(settings, folder, console)
        if {**read_config(folder), "threads": None} != {**settings.config, "threads": None}:
            raise RunError(f"{folder}: is a run with other settings than the search has come to; remove it")
        metrics = read_metrics(folder, FINAL)
        if status_of(folder) == "done" and metrics.get("protocol") == asdict(settings.protocol):
            return metrics
        return resume(settings, folder, console)


def _outcome(score: Score, tune: Tune) -> Outcome:
    """What counts of a score; nothing where a number is not known on every population."""
    sought = tune.tradeoff
    numbers = {key: score[key] for key in sought.metrics}
    if all(map(math.isfinite, numbers.values())):
        return numbers, ""
    if sought.may_fail and not math.isfinite(numbers[sought.aim]):
        return None, f"S does not come to {1 / QUIET:g} on every population"
    return None, "the mean field stands still, or its numbers are none"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
