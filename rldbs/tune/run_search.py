"""A search over the settings of a controller, and a run folder from which it can go on at any time."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from rldbs.agents.one_thread import one_thread
from rldbs.agents.settings import LEARNERS
from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.analysis.three_digits import three_digits
from rldbs.core.errors import NoMemoryError, StorageError
from rldbs.experiment.evaluate import Metrics, progress_line
from rldbs.files.appended import Appended
from rldbs.files.folder import Folder
from rldbs.process.console import screen
from rldbs.process.shell import to_type
from rldbs.process.stop import Stopped, stop_requests
from rldbs.runs.clock import now
from rldbs.runs.find import read_meta
from rldbs.runs.machine import tell_changes
from rldbs.runs.physics import check_equations, check_physics
from rldbs.runs.record import Meta, recorded, told, write_config
from rldbs.tune.finish import NothingFoundError, finish
from rldbs.tune.search import Search
from rldbs.tune.search_settings import TuneSettings, line_of
from rldbs.tune.trial_runs import ControllerTrials, TrainingTrials, Trials
from rldbs.tune.trials import Trial, write_trials
from rldbs.tune.trials_display import TrialsDisplay


def tune(settings: TuneSettings, folder: Path | Folder, console: Console | None = None) -> Metrics:
    """Search, then measure what was found on unseen populations.

    Args:
        settings: all that decides the search.
        folder: the run folder; it exists and is empty.
        console: where progress and the table are shown.

    Returns:
        What metrics.json of the best controller holds.

    Raises:
        RldbsError: no trial is within the limits.
        StorageError: a file could not be written; the trials so far are kept.
        NoMemoryError: memory could not be had; likewise.
        Stopped: a signal came; :func:`resume` goes on.
    """
    return _run(settings, Folder.of(folder), console or screen(), {})


def resume(settings: TuneSettings, folder: Path | Folder, console: Console | None = None) -> Metrics:
    """Go on with a search, to the end that it would have come to without an interruption.

    Args:
        settings: those of the run; ``tune.trials`` may be higher, ``threads`` another.
        folder: its run folder.
        console: where progress and the table are shown.

    Returns:
        What metrics.json of the best controller holds.

    Raises:
        RunError: another process works on the run, its journal is damaged, or it was begun with another version of the
            physics or with other equations.
        RldbsError, StorageError, Stopped: as for :func:`tune`.
    """
    console, meta = console or screen(), read_meta(folder)
    remedy = "Give the command of the search again, for a new one"
    check_physics(folder, meta, remedy)
    check_equations(folder, meta, settings.equations, remedy)
    tell_changes(meta, console)
    facts = {"started": meta.get("started") or now(), "resumed": [*meta.get("resumed", ()), now()]}
    return _run(settings, Folder.of(folder), console, facts)


def _run(settings: TuneSettings, folder: Folder, console: Console, facts: Mapping[str, object]) -> Metrics:
    facts = {
        "command": "tune",
        "model": settings.model,
        "agent": settings.agent,
        "seed": settings.seed,
        "trials": settings.tune.trials,
        "trials_done": read_meta(folder).get("trials_done", 0),
        "threads": settings.threads,
        "optuna": version("optuna"),
        **({"equations": settings.equations} if settings.equations else {}),
        **told(settings.config),
        **facts,
    }
    with _ending(folder), recorded(folder, facts) as meta, one_thread(settings.agent in LEARNERS):
        folder = meta.folder
        folder.remove_unfinished()
        write_config(folder, settings.config)
        trials = _searched(settings, folder, console, meta)
        with progress_line(console, "measuring on unseen populations") as progress:
            return finish(settings, trials, folder, console, progress)


def _searched(settings: TuneSettings, folder: Folder, console: Console, meta: Meta) -> list[Trial]:
    """All trials, those that are missing done."""
    kind: Trials = TrainingTrials(settings, folder) if settings.agent in LEARNERS else ControllerTrials(settings)
    wanted, keys = settings.tune.trials, [axis.key for axis in settings.axes]
    with (
        stop_requests() as stop,
        closing(Search(settings, folder, kind.batch)) as search,
        closing(Appended(folder.file("tune.log"), 0)) as log,
        TrialsDisplay(console, settings, search.trials) as display,
    ):

        def keep(trials: list[Trial]) -> None:
            log.append(_lines(trials, settings).encode())
            write_trials(folder.file("trials.csv"), search.trials, keys, settings.tune)
            meta.update(trials_done=len(search.trials))

        keep(search.trials)  # what a process that was killed had in its journal alone
        while len(search.trials) < wanted:
            first = len(search.trials)
            suggested = search.suggest()[: wanted - first]
            for values, (score, reason) in zip(suggested, kind.outcomes(first, suggested), strict=True):
                trial = search.add(values, score, reason)
                display.update(trial)
            keep(search.trials[first:])
            if stop.number is not None:
                raise Stopped("", stop.number)
    return search.trials[:wanted]


def _lines(trials: list[Trial], settings: TuneSettings) -> str:
    """Lines of tune.log for trials."""
    lines = []
    for trial in trials:
        measured = trial.reason
        if trial.score is not None:
            measured = "  ".join(
                f"{EVERY_METRIC[key].label} {three_digits(value)}" for key, value in trial.score.items()
            )
        lines.append(f"{trial.number:>6}  {line_of(trial.values)}  {measured}  {trial.state(settings.tune)}")
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def _ending(folder: Folder) -> Iterator[None]:
    """Let whatever ends a search early say what is kept, and how to go on."""
    try:
        yield
    except OSError as error:
        where, reason = error.filename or folder, error.strerror or str(error)
        raise StorageError(f"{where}: {reason}\n{_kept(folder)}; when that is put right: {_again(folder)}") from None
    except StorageError as error:
        raise StorageError(f"{error}\n{_kept(folder)}; when there is room: {_again(folder)}") from None
    except NoMemoryError as error:
        raise NoMemoryError(f"{error}\n{_kept(folder)}; when there is room: {_again(folder)}") from None
    except (KeyboardInterrupt, Stopped) as stop:
        number = stop.number if isinstance(stop, Stopped) else signal.SIGINT
        raise Stopped(f"Stopped. {_kept(folder)}; go on with: {_again(folder)}", number) from None
    except NothingFoundError as error:
        raise NothingFoundError(f"{error}\nMore trials: {_again(folder)} tune.trials=MORE") from None


def _kept(folder: Folder) -> str:
    done = read_meta(folder).get("trials_done", 0)
    return f"{done} trial{'' if done == 1 else 's'} are kept" if done else "No trial is finished yet"


def _again(folder: Folder) -> str:
    return to_type("resume", folder.path)
