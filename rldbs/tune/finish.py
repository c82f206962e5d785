"""The end of a search: what was found is measured on unseen populations, written down, drawn and shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Console

from rldbs.agents.settings import ClassicalSettings
from rldbs.analysis.episode_statistics import summary
from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.analysis.plots.search_trials import Tried, search_picture
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.tradeoff import Tradeoff
from rldbs.core.errors import DivergedError, RldbsError, visible
from rldbs.experiment.command_settings import EvaluateSettings
from rldbs.experiment.evaluate import Metrics, measured, write_measurement
from rldbs.experiment.metric_tables import is_quenched, short
from rldbs.experiment.optional_picture import drawn, warner
from rldbs.files.folder import Folder
from rldbs.process.plurals import counted
from rldbs.process.wrapped_tables import print_table
from rldbs.runs.evaluation_folder import new_measurement
from rldbs.runs.json_fields import FINAL, FRONT
from rldbs.runs.record import write_config
from rldbs.tune.found_files import Kind, reached, write_front, write_tuned
from rldbs.tune.populations import populations_of
from rldbs.tune.search_settings import TuneSettings, line_of
from rldbs.tune.trial_runs import TRIALS
from rldbs.tune.trials import Trial, best, front, spread

BRIEF = {"mean_abs_kick": "|kick|", "energy_to_suppress": "energy", "rms_kick": "I_RMS", "time_to_last": "time"}
"""What a price is called where there is little room."""


class NothingFoundError(RldbsError):
    """No trial is within the limits."""


def finish(
    settings: TuneSettings,
    trials: Sequence[Trial],
    folder: Folder,
    console: Console,
    progress: Callable[[float], None] = lambda done: None,
) -> Metrics:
    """Measure what was found with the full protocol, write it and show it.

    A trial that drives one of the unseen populations out of bounds is none that was found.

    Args:
        settings: all that decides the search.
        trials: all of them.
        folder: the run folder.
        console: where the table is shown.
        progress: told the fraction that is measured.

    Returns:
        What metrics.json of the best one holds.

    Raises:
        NothingFoundError: no trial is within the limits.
    """
    while True:
        points = found(settings, trials)
        if not points:
            draw(settings, trials, {}, folder, console)
            raise NothingFoundError(_nothing(settings, trials, folder))
        try:
            others = [*_others(settings, points[:-1], folder)]
            candidate, run = _measurement(settings, points[-1], folder)
            measurement = measured(candidate, run, progress)
            break
        except DivergedError:
            trials = _without_diverging(settings, trials, points, folder, console)
    with new_measurement(folder, FINAL) as measured_in:
        write_config(measured_in, candidate.config)
        write_measurement(measurement, candidate, measured_in, warner(console))
    again = dict(zip((trial.number for trial in points[:-1]), others, strict=True))
    again[points[-1].number] = measurement.metrics["deterministic"]
    if settings.tune.whole_front:
        write_front(settings, trials, again, folder.file(FRONT))
    write_tuned(settings, points[-1], measurement.metrics, folder.file("tuned.yaml"))
    draw(settings, trials, again, folder, console)
    _show(settings, points, again, candidate.protocol.episodes, folder, console)
    return measurement.metrics


def _without_diverging(
    settings: TuneSettings, trials: Sequence[Trial], points: Sequence[Trial], folder: Folder, console: Console
) -> list[Trial]:
    """The trials, those among ``points`` as failed that drive an unseen population out of bounds.

    Raises:
        DivergedError: none of them does alone.
    """
    spoilt: dict[int, str] = {}
    for trial in points:
        try:
            list(_others(settings, [trial], folder))
        except DivergedError as error:
            spoilt[trial.number] = " ".join(str(error).split())
            console.print(
                f"trial {trial.number} does not count: {error}", style="yellow", highlight=False, markup=False
            )
    if not spoilt:
        raise DivergedError("controllers drive a population out of bounds together, but none does alone")
    return [
        replace(trial, score=None, reason=spoilt[trial.number]) if trial.number in spoilt else trial for trial in trials
    ]


def _measurement(settings: TuneSettings, trial: Trial, folder: Folder) -> tuple[EvaluateSettings, Folder | None]:
    """How a trial is measured with the full protocol, and the run that has its weights, if it has any."""
    candidate = settings.candidate(trial.values)
    if isinstance(candidate, EvaluateSettings):
        return candidate, None
    return candidate.final, folder / TRIALS / str(trial.number)


def _others(settings: TuneSettings, points: Sequence[Trial], folder: Folder) -> Iterator[Kind]:
    """What other points of the front come to on the unseen populations.

    Controllers that are not trained are measured together, as in their trials.
    """
    pairs = [_measurement(settings, trial, folder) for trial in points]
    together = all(run is None and each.loop == pairs[0][0].loop for each, run in pairs)
    if not pairs or not together:
        yield from (measured(each, run, stochastic=False).metrics["deterministic"] for each, run in pairs)
        return
    first = pairs[0][0]
    controllers = []
    for each, _ in pairs:
        assert isinstance(each.agent, ClassicalSettings)
        controllers.append(each.agent.make(each.loop, each.seed))
    for values in populations_of(first.loop, first.protocol, first.threads).values(controllers):
        yield {key: summary(each) for key, each in values.items()}


def found(settings: TuneSettings, trials: Sequence[Trial]) -> list[Trial]:
    """The trials that are measured again; the last one is the best."""
    if settings.tune.whole_front:
        return spread(front(trials, settings.tune), settings.tune)
    one = best(trials, settings.tune)
    return [] if one is None else [one]


def draw(
    settings: TuneSettings, trials: Sequence[Trial], again: Mapping[int, Kind], folder: Folder, console: Console
) -> None:
    """Draw all trials, and what those gave that were measured again."""
    scored = [(trial, trial.score) for trial in trials if trial.score is not None]
    places = {trial.number: k for k, (trial, _) in enumerate(scored)}
    sought = settings.tune.tradeoff
    unseen = [
        [kind[sought.price]["iqm"], kind[sought.aim]["iqm"], *kind[sought.aim]["ci95"]] for kind in again.values()
    ]
    tried = Tried(
        np.array([score[sought.price] for _, score in scored]),
        np.array([score[sought.aim] for _, score in scored]),
        np.array([trial.kept(settings.tune) for trial, _ in scored], np.bool_),
        np.array([places[trial.number] for trial in front(trials, settings.tune)], np.intp),
        np.array([places[number] for number in again], np.intp),
        np.array(unseen, np.float64).reshape(len(again), 4),
    )
    failed = len(trials) - len(scored)
    subtitle = f"{counted(len(trials), 'trial')} on {counted(settings.tune.episodes, 'population')} of their own"
    subtitle += f", {failed} failed" if failed else ""
    keys = ", ".join(axis.key for axis in settings.axes)
    title = f"{settings.agent} on {settings.model}: {keys if len(keys) < 60 else f'{len(settings.axes)} settings'}"
    unit = settings.candidate(scored[0][0].values).loop.model.model.kick_unit if scored else ""
    picture = folder.file("trials.png")
    drawn(
        picture,
        lambda: search_picture(tried, sought, settings.tune.most_kick, picture, title, subtitle, unit),
        warner(console),
    )


def _nothing(settings: TuneSettings, trials: Sequence[Trial], folder: Folder) -> str:
    tune = settings.tune
    lines = [
        f"none of {len(trials)} trials is within tune.most_kick={tune.most_kick:g} and "
        f"tune.least_activity={tune.least_activity:g}"
    ]
    if settings.tune.oscillators:
        lines.append(
            "Kicks of oscillators are in rad/s; where tune.most_kick is null, it is a third of all there could be"
        )
    states = [trial.state(tune) for trial in trials]
    lines.append(", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    reason = next((trial.reason for trial in trials if trial.reason), "")
    lines += [f"The first that failed: {reason}"] if reason else []
    return "\n".join([*lines, f"All of them: {folder.file('trials.csv')}"])


def _show(
    settings: TuneSettings,
    points: Sequence[Trial],
    again: Mapping[int, Kind],
    episodes: int,
    folder: Folder,
    console: Console,
) -> None:
    """The table of what was found, and where everything is."""
    title = f"{settings.agent} on {settings.model}: best of {counted(settings.tune.trials, 'trial')}"
    if settings.tune.whole_front:
        title = f"{settings.agent} on {settings.model}: the front of {counted(settings.tune.trials, 'trial')}"
    caption = f"on {counted(settings.tune.episodes, 'population')} of the search, then on {episodes} unseen"
    aim, price = EVERY_METRIC[settings.tune.tradeoff.aim].label, BRIEF[settings.tune.tradeoff.price]
    columns = ["trial", aim, f"{aim}\nunseen", "95 %", price, f"{price}\nunseen", "activity", "settings"]
    rows = [
        [
            *_cells(settings.tune.tradeoff, trial, again[trial.number]),
            line_of({key.removeprefix("agent."): value for key, value in trial.values.items()}),
        ]
        for trial in points
    ]
    print_table(console, title, columns, rows, words=(len(columns) - 1,), caption=caption)
    for name, value in (
        ("run", folder),
        ("picture", folder.file("trials.png")),
        ("trials", folder.file("trials.csv")),
        ("found", folder.file("tuned.yaml")),
        ("use it", line_of(points[-1].values)),
    ):
        console.print(f"{name:8} {visible(str(value))}", soft_wrap=True, highlight=False, markup=False)


def _cells(sought: Tradeoff, trial: Trial, kind: Mapping[str, Any]) -> list[str]:
    score = trial.score
    assert score is not None
    low, high = kind[sought.aim]["ci95"]
    return [
        str(trial.number),
        three_digits(score[sought.aim]),
        reached(sought, kind),
        "" if low is None else f"{three_digits(low)}–{three_digits(high)}",
        three_digits(score[sought.price]),
        short(kind[sought.price]),
        short(kind["activity"]) + (" quenched" if is_quenched(kind) else ""),
    ]
