"""Measuring a controller with the full protocol: metrics.json, trajectory.npz and the picture."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeRemainingColumn

from rldbs.agents.controller import Controller, Rest
from rldbs.agents.learned import LearnedController
from rldbs.agents.learner import one_torch_thread, restore_policy
from rldbs.agents.settings import NoStimulation
from rldbs.analysis.metrics import measure
from rldbs.analysis.pictures import suppression_picture
from rldbs.analysis.statistics import summary
from rldbs.analysis.trajectory import Trajectory
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import RunError
from rldbs.experiment.checkpoint import find_checkpoint, read_checkpoint
from rldbs.experiment.protocol import measure_controllers
from rldbs.experiment.record import Meta, write_config, write_json
from rldbs.experiment.report import print_metrics
from rldbs.experiment.runs import new_run_folder
from rldbs.experiment.settings import EvaluateSettings

Metrics = dict[str, Any]

SCHEMA = 1


def evaluate_run(
    settings: EvaluateSettings,
    run: Path | None,
    json_path: Path | None = None,
    console: Console | None = None,
) -> Metrics:
    """Measure a checkpoint of a run, or a controller that needs none, and show the table.

    Args:
        settings: all that decides the measurement.
        run: the run folder; None gives a controller without weights a folder of its own.
        json_path: where the numbers are also written.
        console: where the table is shown.

    Returns:
        What metrics.json holds.

    Raises:
        RunError: the run has no such checkpoint, it is damaged, or it does not fit the settings.
    """
    console = console or Console()
    agent = str(settings.config["agent"]["name"])  # type: ignore[index]
    controllers, checkpoint_steps = _controllers(settings, run)
    meta = None
    if run is None:
        run = new_run_folder(Path("runs"), settings.loop.model.name, agent, settings.seed)
        write_config(run, settings.config)
        facts = {
            "command": "evaluate",
            "model": settings.loop.model.name,
            "agent": agent,
            "seed": settings.seed,
        }
        meta = Meta(run, facts)
    with (
        one_torch_thread(),
        Progress(
            TextColumn("measuring on {task.fields[episodes]} unseen populations"),
            *Progress.get_default_columns()[1:-1],
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as progress,
    ):
        task = progress.add_task("", total=1.0, episodes=settings.protocol.episodes)
        trajectories = measure_controllers(
            settings.loop,
            settings.protocol,
            controllers,
            settings.threads,
            lambda done: progress.update(task, completed=done),
        )
    metrics: Metrics = {
        "schema": SCHEMA,
        "model": settings.loop.model.name,
        "agent": agent,
        "seed": settings.config["seed"],
        "episodes": settings.protocol.episodes,
        "protocol": asdict(settings.protocol),
        "checkpoint": {"name": settings.checkpoint, "steps": checkpoint_steps},
        **{kind: _summaries(trajectory) for kind, trajectory in trajectories.items()},
    }
    folder = run / "evaluation" / settings.name
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / "suppression.png"
    subtitle = _subtitle(settings, agent, checkpoint_steps)
    suppression_picture(trajectories["deterministic"], picture, settings.loop.model.model.title, subtitle)
    trajectories["deterministic"].save(folder / "trajectory.npz")
    write_json(folder / "metrics.json", metrics)
    if json_path is not None:
        write_json(json_path, metrics)
    if meta is not None:
        meta.finish("done")
    print_metrics(console, metrics, run, picture)
    return metrics


def _controllers(settings: EvaluateSettings, run: Path | None) -> tuple[Mapping[str, Controller], int | None]:
    """The controllers to measure, by kind, and after how many environment steps they were saved."""
    if isinstance(settings.agent, NoStimulation):
        return {"deterministic": Rest(settings.loop.stimulus.action_size)}, None
    if run is None:
        raise RunError("a learner is measured with the weights of a run: say which, with run=RUN")
    checkpoint = read_checkpoint(find_checkpoint(run, settings.checkpoint))
    loop = ClosedLoop(settings.loop, 1)
    policy = restore_policy(settings.agent, loop, checkpoint.tensors["policy"])
    controllers = {"deterministic": LearnedController(policy, loop)}
    if settings.agent.stochastic:
        generator = torch.Generator().manual_seed(settings.seed)
        controllers["stochastic"] = LearnedController(policy, loop, generator)
    return controllers, int(checkpoint.state["steps"])


def _summaries(trajectory: Trajectory) -> dict[str, Any]:
    return {key: summary(values) for key, values in measure(trajectory).items()}


def _subtitle(settings: EvaluateSettings, agent: str, steps: int | None) -> str:
    loop = settings.loop
    learned = f" after {steps:,} environment steps, deterministic" if steps else ""
    return f"{agent}{learned} · {loop.model.neurons} neurons, coupling {loop.model.coupling:g} · unseen population"
