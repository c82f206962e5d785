"""Measuring a controller with the full protocol: metrics.json, trajectory.npz and the picture."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, TimeRemainingColumn

from rldbs.agents.controller import Controller
from rldbs.agents.one_thread import one_thread
from rldbs.agents.settings import ClassicalSettings
from rldbs.analysis.episode_statistics import summary
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.errors import RunError
from rldbs.core.model_settings import ModelSettings
from rldbs.core.native import PHYSICS, Floats
from rldbs.experiment.command_settings import EvaluateSettings
from rldbs.experiment.film_files import write_films
from rldbs.experiment.measures import draw_measurement, measured_of, measures_of
from rldbs.experiment.metric_tables import is_quenched, print_metrics
from rldbs.experiment.optional_picture import Say, drawn
from rldbs.experiment.protocol import measure_controllers, uncoupled_std
from rldbs.experiment.suppressed_start import SuppressedStart
from rldbs.experiment.trained_policies import learned_controllers
from rldbs.files.folder import Folder
from rldbs.files.user_file import Target
from rldbs.process.console import Words, screen
from rldbs.process.plurals import counted
from rldbs.runs.evaluation_folder import check_same_measurement, new_measurement
from rldbs.runs.new_folder import given_folder, new_run_folder
from rldbs.runs.places import EVALUATION, ROOT
from rldbs.runs.record import recorded, told, write_config, write_json
from rldbs.runs.zoo import shipped

Metrics = dict[str, Any]

SCHEMA = 1
PICTURE = "suppression.png"


@dataclass(frozen=True)
class Measurement:
    """What was measured."""

    metrics: Metrics
    """What metrics.json holds."""
    trajectories: Mapping[str, Trajectory]
    """What each kind of controller did."""


def evaluate_run(
    settings: EvaluateSettings,
    run: Path | Folder | None,
    json_file: Target | None = None,
    console: Console | None = None,
    own: bool = False,
) -> Metrics:
    """Measure a checkpoint of a run, or a controller that needs none, and show the table.

    Args:
        settings: all that decides the measurement.
        run: the run folder. A controller without weights, None, a policy that comes with the package and a run that is
            read-only are measured into a new one.
        json_file: where the numbers are also written.
        console: where the table is shown.
        own: whether it is the run itself that is measured at its end: what it has measured before gives way.

    Returns:
        What metrics.json holds.

    Raises:
        RunError: the run has no such checkpoint, it is damaged, or it does not fit the settings; its folder for
            measurements is a link; or there is another measurement of that name.
        DivergedError: a population went out of bounds.
    """
    return measure_run(settings, run, json_file, console, own)[0]


def measure_run(
    settings: EvaluateSettings,
    run: Path | Folder | None,
    json_file: Target | None = None,
    console: Console | None = None,
    own: bool = False,
) -> tuple[Metrics, Folder]:
    """:func:`evaluate_run`, and the run folder into which it was measured."""
    console = console or screen()
    _, steps = _controllers(settings, run)  # before a folder is made for it
    place = None if run is None or settings.folder is not None else Folder.of(run)
    place = place if place is not None and _writable(place) else None
    if place is not None and not own:
        check_same_measurement(place, settings.name, settings.config, steps)
    with nullcontext(place) if place is not None else _own_folder(settings) as whole:
        with progress_line(
            console, f"measuring on {counted(settings.protocol.episodes, 'unseen population')}"
        ) as progress:
            measurement = measured(settings, run, progress)
        warnings: list[str] = []
        with new_measurement(whole, settings.name) as unfinished:
            write_config(unfinished, settings.config)
            there = write_measurement(measurement, settings, unfinished, warnings.append)
        folder = whole / EVALUATION / settings.name
        picture = folder.file(PICTURE).path if there else None
        if json_file is not None:
            write_json(json_file, measurement.metrics)
        print_metrics(console, measurement.metrics, whole.path, picture)
        if settings.animation:
            with console.status("drawing the animation"):
                warnings += write_film(measurement, settings, folder)
        for line in warnings:
            console.print(line, soft_wrap=True, highlight=False, markup=False)
    return measurement.metrics, whole


def check_measurement(settings: EvaluateSettings, run: Path | Folder | None) -> None:
    """See, without measuring, whether there are weights and whether they fit the settings.

    Raises:
        RunError: as for :func:`evaluate_run`.
    """
    _controllers(settings, run)


def measured(
    settings: EvaluateSettings,
    run: Path | Folder | None,
    progress: Callable[[float], None] = lambda done: None,
    stochastic: bool = True,
) -> Measurement:
    """Measure with the full protocol.

    Args:
        settings: all that decides the measurement.
        run: the run folder whose weights are measured, None for a controller without weights.
        progress: told the fraction that is done.
        stochastic: whether the stochastic policy is measured too, where there is one.

    Raises:
        RunError, DivergedError: as for :func:`evaluate_run`.
    """
    with one_thread(learned=False):
        controllers, checkpoint_steps = _controllers(settings, run)
        if not stochastic:
            controllers = {"deterministic": controllers["deterministic"]}
        trajectories = measure_controllers(settings.loop, settings.protocol, controllers, settings.threads, progress)
    uncoupled = uncoupled_std(settings.loop.model, settings.protocol, settings.threads)
    model = settings.loop.model
    kinds = {kind: _summaries(trajectory, uncoupled, model) for kind, trajectory in trajectories.items()}
    verdict = measured_of(model).verdict
    verdicts = {} if verdict is None else {kind: verdict(each, model) for kind, each in trajectories.items()}
    metrics: Metrics = {
        "schema": SCHEMA,
        "physics": PHYSICS,
        "model": model.name,
        "agent": settings.agent_name,
        "seed": settings.config["seed"],
        "episodes": settings.protocol.episodes,
        "protocol": asdict(settings.protocol),
        "checkpoint": {"name": settings.checkpoint, "steps": checkpoint_steps},
        "quenched": {kind: is_quenched(summaries) for kind, summaries in kinds.items()},
        **({"verdict": verdicts} if verdicts else {}),
        **kinds,
    }
    return Measurement(metrics, trajectories)


def write_measurement(measurement: Measurement, settings: EvaluateSettings, folder: Folder, say: Say) -> bool:
    """Write metrics.json, trajectory.npz, then suppression.png into ``folder``, which exists.

    Args:
        measurement: what was measured.
        settings: how.
        folder: of the measurement.
        say: told a line where the picture cannot be drawn.

    Returns:
        Whether the picture could be drawn.
    """
    trajectory, picture = measurement.trajectories["deterministic"], folder.file(PICTURE)
    write_json(folder.file("metrics.json"), measurement.metrics)
    trajectory.save(folder.file("trajectory.npz"))

    def draw() -> None:
        draw_measurement(trajectory, settings.loop.model, picture, *_headings(measurement, settings))

    return drawn(PICTURE, draw, say)


def write_film(measurement: Measurement, settings: EvaluateSettings, folder: Folder) -> list[str]:
    """Write suppression.gif, and suppression.mp4 where there is ffmpeg; lines that tell their paths, or what failed."""
    gif, mp4 = folder.file("suppression.gif"), folder.file("suppression.mp4")
    lines: list[str] = []

    def draw() -> None:
        from rldbs.analysis.plots.animation import DRAWN, suppression_film

        trajectory, unit = measurement.trajectories["deterministic"], settings.loop.model.model.kick_unit
        film = suppression_film(trajectory, *_headings(measurement, settings), unit)
        lines.extend(write_films(film, DRAWN, gif, mp4))

    drawn(gif, draw, lines.append)
    return lines


def _writable(run: Folder) -> bool:
    """Whether measurements are written into a run folder: not where it came with the package, or is read-only."""
    return not shipped(run.path) and run.writable()


@contextmanager
def _own_folder(settings: EvaluateSettings) -> Iterator[Folder]:
    """A run folder for a measurement that goes into no other one: a new one, or that which the user has named."""
    model, agent = settings.loop.model.name, settings.agent_name
    named = settings.folder
    folder = Folder(new_run_folder(ROOT, model, agent, settings.seed) if named is None else given_folder(named))
    write_config(folder, settings.config)
    facts = {"command": "evaluate", "model": model, "agent": agent, "seed": settings.seed}
    with recorded(folder, {**facts, **told(settings.config)}) as meta:
        yield meta.folder


@contextmanager
def progress_line(console: Console, what: str) -> Iterator[Callable[[float], None]]:
    """A line on a terminal that shows how far a measurement is."""
    with Progress(
        Words(what),
        *Progress.get_default_columns()[1:-1],
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda done: progress.update(task, completed=done)


def _controllers(settings: EvaluateSettings, run: Path | Folder | None) -> tuple[Mapping[str, Controller], int | None]:
    """The controllers to measure, by kind, and after how many environment steps they were saved."""
    if isinstance(settings.agent, ClassicalSettings):
        return {"deterministic": settings.agent.make(settings.made_for or settings.loop, settings.seed)}, None
    if run is None:
        raise RunError("a learner is measured with the weights of a run: say which, with run=RUN")
    return learned_controllers(settings.agent, settings.loop, run, settings.checkpoint, settings.seed)


def _summaries(trajectory: Trajectory, uncoupled: Floats, model: ModelSettings) -> dict[str, Any]:
    measures = measures_of(trajectory, model, uncoupled)
    return {key: summary(values) for key, values in measures.items()}


def _headings(measurement: Measurement, settings: EvaluateSettings) -> tuple[str, str]:
    """Title and subtitle of a picture."""
    model, steps = settings.loop.model, measurement.metrics["checkpoint"]["steps"]
    learned = f" after {steps:,} environment steps, deterministic" if steps else ""
    populations = settings.loop.label
    first = settings.loop.start
    after = f" · after {first.settings.steps:,} steps under another agent" if isinstance(first, SuppressedStart) else ""
    subtitle = f"{populations} · unseen population{after}"
    return model.model.title, f"{settings.agent_name}{learned} · {subtitle}"
