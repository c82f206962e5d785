"""The search itself: Optuna suggests, and every finished trial is a line of a journal that outlives the process.

Optuna keeps no state of a sampler. So that an interrupted search goes on as if nothing had happened, the suggestions of
a batch are made by a fresh sampler, seeded by the seed of the search and the number of the batch, from the finished
trials of the batches before it. The journal is Optuna's own: JSON, one line for each trial, no code in it. A line is
whole or it is cut off; a database would need a lock of its own, which not every shared file system has.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.files.folder import Folder
from rldbs.tune.journal import STUDY, Journal
from rldbs.tune.search_settings import Axis, TuneSettings, Values
from rldbs.tune.trials import Score, Trial, excesses

JOURNAL = "trials.journal"
STARTUP = 16
"""Trials before the sampler begins to learn from them."""


class Search:
    """The trials so far, and what to try next.

    Args:
        settings: all that decides the search.
        folder: the run folder, on which no other process works.
        batch: trials that are suggested at once.

    Attributes:
        trials: those that are finished, in their order.

    Raises:
        RunError: the journal is damaged, or is that of another search.
    """

    def __init__(self, settings: TuneSettings, folder: Folder, batch: int) -> None:
        self._settings, self._batch = settings, batch
        self._space = {axis.key: _distribution(axis) for axis in settings.axes}
        sought = settings.tune.tradeoff
        self._objectives = (sought.aim, sought.price) if settings.tune.whole_front else (sought.aim,)
        self._directions = [_direction(key) for key in self._objectives]
        self._noted = sought.metrics[1:]
        self._journal = Journal(folder.file(JOURNAL), self._space, self._directions, self._noted)
        with _quiet():
            storage = JournalStorage(self._journal)
            self._kept = optuna.create_study(
                storage=storage, study_name=STUDY, directions=self._directions, load_if_exists=True
            )
        self.trials = [self._read(trial) for trial in self._kept.get_trials(deepcopy=False)]

    def suggest(self) -> list[Values]:
        """The numbers of the trials of the batch that are not finished yet, in their order."""
        begun = len(self.trials) // self._batch
        first = begun * self._batch
        seed = int(np.random.SeedSequence([0x7C4E, self._settings.seed, begun]).generate_state(1)[0])
        with _quiet():
            study = optuna.create_study(directions=self._directions, sampler=_sampler(seed))
            study.add_trials([self._frozen(trial) for trial in self.trials[:first]])
            if begun == 0 and self._settings.own is not None:
                study.enqueue_trial(dict(self._settings.own))
            asked = [study.ask(self._space).params for _ in range(self._batch)]
        axes = {axis.key: axis for axis in self._settings.axes}
        suggested: list[Values] = [{key: axis.rounded(params[key]) for key, axis in axes.items()} for params in asked]
        return suggested[len(self.trials) - first :]

    def add(self, values: Values, score: Score | None, reason: str = "") -> Trial:
        """Write down how the next trial has ended."""
        trial = Trial(len(self.trials), values, score, reason)
        with _quiet():
            self._kept.add_trial(self._frozen(trial))
        self.trials.append(trial)
        return trial

    def close(self) -> None:
        self._journal.close()

    def _frozen(self, trial: Trial) -> FrozenTrial:
        common: dict[str, Any] = {"params": dict(trial.values), "distributions": self._space}
        score = trial.score
        if score is None:
            return create_trial(state=TrialState.FAIL, user_attrs={"reason": trial.reason}, **common)
        objectives = [score[key] for key in self._objectives]
        noted = {key: score[key] for key in self._noted}
        limits = {"constraints": [*excesses(score, self._settings.tune), *self._beyond(score)]}
        return create_trial(values=objectives, user_attrs=noted, system_attrs=limits, **common)

    def _beyond(self, score: Score) -> list[float]:
        """How far the aim is beyond its limit, where it has one: the sampler shall look where it keeps it."""
        sought = self._settings.tune.tradeoff
        return [] if sought.limit is None else [sought.gain(sought.limit) - sought.gain(score[sought.aim])]

    def _read(self, frozen: FrozenTrial) -> Trial:
        values: Values = {axis.key: frozen.params[axis.key] for axis in self._settings.axes}
        if frozen.state is TrialState.FAIL:
            return Trial(frozen.number, values, None, str(frozen.user_attrs["reason"]))
        numbers = {self._objectives[0]: frozen.values[0], **{key: frozen.user_attrs[key] for key in self._noted}}
        return Trial(frozen.number, values, {key: float(number) for key, number in numbers.items()})


def _direction(key: str) -> StudyDirection:
    return StudyDirection.MAXIMIZE if EVERY_METRIC[key].higher_is_better else StudyDirection.MINIMIZE


def _sampler(seed: int) -> optuna.samplers.BaseSampler:
    # Optuna 4 looks at the constraints of trials only where it is given a function that could compute them.
    more: dict[str, Any] = {} if hasattr(optuna.trial.Trial, "set_constraint") else {"constraints_func": _constraints}
    return optuna.samplers.TPESampler(
        seed=seed, n_startup_trials=STARTUP, multivariate=True, constant_liar=False, **more
    )


def _constraints(trial: FrozenTrial) -> Sequence[float]:
    found: Sequence[float] = trial.system_attrs["constraints"]
    return found


def _distribution(axis: Axis) -> BaseDistribution:
    if axis.choices:
        return CategoricalDistribution(axis.choices)
    if axis.whole:
        return IntDistribution(int(axis.low), int(axis.high), log=axis.log, step=int(axis.step or 1))
    return FloatDistribution(axis.low, axis.high, log=axis.log, step=axis.step)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Optuna's log lines, and its notes on what is experimental."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)
