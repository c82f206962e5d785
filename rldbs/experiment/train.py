"""Training: a learner, a closed loop, and a run folder from which it can go on at any time."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from rldbs.agents.learner import build_learner
from rldbs.agents.learner_state import restore_learner
from rldbs.agents.one_thread import one_thread
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.analysis.tradeoff import SYNCHRONY
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import DivergedError, NoMemoryError, RunError, StorageError
from rldbs.experiment.command_settings import TrainSettings
from rldbs.experiment.display import Display
from rldbs.experiment.evaluate import Metrics, evaluate_run
from rldbs.experiment.followed_training import followed_training, results
from rldbs.experiment.lessons import have_lessons
from rldbs.experiment.progress_columns import OWN
from rldbs.experiment.protocol import check_rhythm
from rldbs.experiment.regulator_report import report_regulators
from rldbs.experiment.training_observer import PROGRESS, Observer
from rldbs.files.folder import Folder
from rldbs.process.console import screen
from rldbs.process.plurals import counted
from rldbs.process.shell import to_type
from rldbs.process.stop import Stopped, stop_requests
from rldbs.runs.checkpoint_store import Course, Shelf
from rldbs.runs.clock import now
from rldbs.runs.find import read_meta
from rldbs.runs.json_fields import FINAL
from rldbs.runs.machine import tell_changes
from rldbs.runs.physics import check_equations, check_physics
from rldbs.runs.record import Meta, recorded, told, write_config
from rldbs.trackers.follower import Follower

AIMS = {"onset": " and came to S = 10", "lasting": " and desynchronised every population for good"}
"""What a checkpoint of an objective has to come to, beside the limits."""


def train(settings: TrainSettings, folder: Path | Folder, console: Console | None = None) -> Metrics:
    """Train a controller, then measure its best checkpoint.

    Args:
        settings: all that decides the run.
        folder: the run folder; it exists and is empty.
        console: where progress and the table are shown.

    Returns:
        What metrics.json holds.

    Raises:
        SettingError: ``model.period`` is much too short for the rhythm.
        DivergedError: the policy or too many populations went out of bounds, or one in the measurement at the end; the
            checkpoints so far are kept.
        StorageError: a file could not be written; the checkpoints so far are kept.
        NoMemoryError: memory could not be had; likewise.
        Stopped: a signal came; the run has saved itself, and :func:`resume` goes on with it.
    """
    return _run(settings, Folder.of(folder), console or screen(), {}, resumed=False)


def resume(settings: TrainSettings, folder: Path | Folder, console: Console | None = None) -> Metrics:
    """Go on with a training run from its newest sound checkpoint, or from the beginning where it has none.

    On the same machine it ends with the numbers with which it would have ended without an interruption.

    Args:
        settings: those of the run; ``steps`` may be higher, ``threads`` may be others.
        folder: its run folder.
        console: where progress and the table are shown.

    Returns:
        What metrics.json holds.

    Raises:
        RunError: another process works on the run, its state does not fit its settings, or it was begun with another
            version of the physics.
        DivergedError, StorageError, Stopped: as for :func:`train`.
    """
    console, meta = console or screen(), read_meta(folder)
    remedy = "It can still be measured; to learn anew, give the command of the run again"
    check_physics(folder, meta, remedy)
    check_equations(folder, meta, settings.loop.model.equations_digest, remedy)
    tell_changes(meta, console)
    tracked = {"tracked": meta["tracked"]} if "tracked" in meta else {}
    facts = {"started": meta.get("started") or now(), "resumed": [*meta.get("resumed", ()), now()], **tracked}
    return _run(settings, Folder.of(folder), console, facts, resumed=True)


def _run(
    settings: TrainSettings, folder: Folder, console: Console, facts: Mapping[str, object], resumed: bool
) -> Metrics:
    facts = {
        "command": "train",
        "model": settings.loop.model.name,
        "agent": settings.config["agent"]["name"],  # type: ignore[index]
        "seed": settings.seed,
        "steps": settings.steps,
        "steps_done": 0,
        "threads": settings.threads,
        **({"equations": digest} if (digest := settings.loop.model.equations_digest) else {}),
        **told(settings.config),
        **({"tracked": token_hex(8)} if settings.tracker else {}),
        **facts,
    }
    say = partial(console.print, style="yellow", soft_wrap=True, highlight=False, markup=False)
    with (
        _ending(folder),
        recorded(folder, facts) as meta,
        one_thread(),
        followed_training(settings, meta, say) as follower,
    ):
        folder = meta.folder
        write_config(folder, settings.config)
        if not resumed:  # what the measurement at the end would refuse
            check_rhythm(settings.loop, replace(settings.protocol, episodes=2), settings.threads)
        course = _learn(settings, folder, console, meta, resumed, follower)
        meta.update(training_time=round(course.time, 3))
        if course.best_loss is None:
            which = "first" if course.best else "last"
            aim = AIMS.get(settings.checkpoints.objective, "")
            console.print(
                f"No checkpoint kept checkpoints.most_kick={settings.checkpoints.most_kick:g} and "
                f"checkpoints.least_activity={settings.checkpoints.least_activity:g}{aim}: the {which} one "
                "counts as best",
                style="yellow",
            )
        count, size = Shelf(folder, settings.checkpoints.kept).size()
        console.print(f"{counted(count, 'checkpoint')} kept, {size / 1e6:.1f} MB", soft_wrap=True, highlight=False)
        metrics = evaluate_run(settings.final, folder, console=console, own=True)
        if isinstance(settings.agent, LQGSettings):
            report_regulators(settings, settings.agent, folder, metrics, console)
        if follower is not None:
            follower.keep(results(folder))
        return metrics


def _learn(
    settings: TrainSettings, folder: Folder, console: Console, meta: Meta, resumed: bool, follower: Follower | None
) -> Course:
    """Learn to the end of the budget; how far that has come."""
    environment_seed, learner_seed = np.random.SeedSequence([0x7EA1, settings.seed]).generate_state(2)
    loop = ClosedLoop(settings.loop, settings.envs, int(environment_seed), settings.threads)
    learner = build_learner(settings.agent, loop, int(learner_seed), settings.teacher)
    course, before = Course(), b""
    if resumed:
        for place in (folder, folder / "checkpoints", folder / "evaluation", folder / "evaluation" / FINAL):
            place.remove_unfinished()
        say = partial(console.print, style="yellow", soft_wrap=True, highlight=False, markup=False)
        found = Shelf(folder, settings.checkpoints.kept).newest(say)
        if found is None:
            say("There is no checkpoint: the run begins again")
        else:
            course, checkpoint = found
            try:
                groups = dict(checkpoint.tensors)
                before = _progress(groups.pop(PROGRESS, {}))
                restore_learner(learner, groups)
                if learner.num_timesteps != course.steps:
                    raise RunError(f"its learner is at step {learner.num_timesteps:,}")
            except RunError as error:
                at = folder / "checkpoints" / str(course.steps)
                raise RunError(f"checkpoint {at}: does not fit the run: {error}") from None
            meta.update(steps_done=course.steps)
    title = f"{meta['agent']} learns on {meta['model']}, seed {settings.seed}"
    if course.steps:
        title += f", from step {course.steps:,} on"
    own, by_order = OWN.get(settings.checkpoints.objective, ()), settings.checkpoints.tradeoff is SYNCHRONY
    with (
        stop_requests() as stop,
        Display(console, title, settings.steps, own, by_order) as display,
    ):
        if settings.teacher is not None and not course.steps:
            meta.update(lessons=have_lessons(learner, settings, settings.teacher, display, stop))
        with closing(Observer(settings, folder, loop, meta, display, stop, course, before, follower)) as observer:
            observer.follow(learner)
        return observer.course


def _progress(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """progress.csv as a checkpoint holds it.

    Raises:
        RunError: the checkpoint does not hold it.
    """
    rows = arrays.get(PROGRESS)
    if len(arrays) != 1 or rows is None or rows.dtype != np.uint8 or rows.ndim != 1:
        raise RunError("it does not hold progress.csv")
    return rows.tobytes()


@contextmanager
def _ending(folder: Folder) -> Iterator[None]:
    """Let whatever ends a run early say what is kept, and how to go on."""
    try:
        yield
    except DivergedError as error:
        raise DivergedError(f"{error}\n{_kept(folder)}") from None
    except StorageError as error:
        raise StorageError(f"{error}\n{_kept(folder)}; when there is room: {_again(folder)}") from None
    except NoMemoryError as error:
        raise NoMemoryError(f"{error}\n{_kept(folder)}; when there is room: {_again(folder)}") from None
    except OSError as error:
        where, reason = error.filename or folder, error.strerror or str(error)
        raise StorageError(f"{where}: {reason}\n{_kept(folder)}; when that is put right: {_again(folder)}") from None
    except (KeyboardInterrupt, Stopped) as stop:
        number = stop.number if isinstance(stop, Stopped) else signal.SIGINT
        raise Stopped(f"Stopped. {_kept(folder)}; go on with: {_again(folder)}", number) from None


def _kept(folder: Folder) -> str:
    if not folder.there():
        return f"The run folder {folder} is not there any longer"
    done = read_meta(folder).get("steps_done")
    return f"What was learned in the first {done:,} steps is kept" if done else "Nothing was saved yet"


def _again(folder: Folder) -> str:
    begun = not folder.there() or folder.has("config.yaml")
    return to_type("resume", folder.path) if begun else "rldbs train, in a new folder"
