"""How fast the core, the environments and training are on this machine."""

import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from rldbs.agents.learner import build_learner
from rldbs.control.loop import ClosedLoop, LoopSettings
from rldbs.core import native
from rldbs.core.ensemble import Ensemble
from rldbs.core.models import MODELS
from rldbs.envs.single import PopulationEnv
from rldbs.experiment.record import machine, write_json
from rldbs.experiment.settings import TrainSettings

REPEATS = 5
"""Timed calls of each kind; their median counts."""
BATCHES = (1, 16, 128, 1024)
TRAINING_STEPS = 100_000


def bench(settings: TrainSettings, json_path: Path | None = None, console: Console | None = None) -> dict[str, Any]:
    """Time the core, the environments and training; show tables.

    Args:
        settings: a training run; its model, environment, agent and threads are those that are timed.
        json_path: where the numbers are also written.
        console: where the tables are shown.

    Returns:
        The numbers that were shown: medians, in µs or steps per second.
    """
    console = console or Console()
    results: dict[str, Any] = {"schema": 1, "machine": machine(), "threads": settings.threads}
    console.print(
        f"{results['machine']['cpu']}, {results['machine']['cores']} cores, Python {platform.python_version()}"
    )
    results["kernel"] = _kernel(settings, console)
    results["environment"] = _environment(settings.loop, settings.threads, console)
    results["training"] = _training(settings, console)
    if json_path is not None:
        write_json(json_path, results)
    return results


def _kernel(settings: TrainSettings, console: Console) -> dict[str, dict[str, float]]:
    """µs for one RK4 step of one population of 1000 neurons, by model and instruction set."""
    table = Table(title="core: µs per RK4 step of 1000 neurons", title_justify="left")
    table.add_column("model")
    columns = [(name, 1, 1) for name in native.SUPPORTED]
    columns += [(native.instruction_set(), 64, threads) for threads in sorted({1, settings.threads})]
    for name, populations, threads in columns:
        many = f"{populations} populations, {threads} threads" if populations > 1 else name
        table.add_column(many, justify="right")
    results: dict[str, dict[str, float]] = {}
    for model in MODELS:
        times = {}
        for column, (name, populations, threads) in zip(table.columns[1:], columns, strict=True):
            ensemble = Ensemble(model, populations, transient=100)
            kicks = np.zeros((populations, 20_000 // populations))

            def call(ensemble: Ensemble = ensemble, kicks: native.Floats = kicks, threads: int = threads) -> None:
                ensemble.advance(kicks, threads)

            with native.use_instruction_set(name):
                times[str(column.header)] = _median_seconds(call) / kicks.size * 1e6
        table.add_row(model, *(f"{t:.2f}" for t in times.values()))
        results[model] = times
    console.print(table)
    return results


def _environment(settings: LoopSettings, threads: int, console: Console) -> dict[str, Any]:
    """µs per environment step, by batch size, beside the bare kernel on the same batch."""
    table = Table(title=f"environment: µs per step, {settings.model.name}, {settings.model.neurons} neurons")
    table.title_justify = "left"
    for header in ("batch", "environment", "bare core", "ratio"):
        table.add_column(header, justify="right")
    results = {}
    for batch in BATCHES:
        loop = ClosedLoop(settings, batch, 0, threads)
        loop.reset()
        actions, kicks = np.zeros((batch, loop.action_size)), np.zeros((batch, settings.stimulus.interval))
        calls = max(1, 2000 // batch)

        def step(loop: ClosedLoop = loop, actions: native.Floats = actions, calls: int = calls) -> None:
            for _ in range(calls):
                _, ended = loop.step(actions)
                if ended.any():
                    loop.reset(ended)
                loop.observe()

        def core(loop: ClosedLoop = loop, kicks: native.Floats = kicks, calls: int = calls) -> None:
            for _ in range(calls):
                loop.ensemble.advance(kicks)

        environment, bare = (_median_seconds(call) / calls / batch * 1e6 for call in (step, core))
        results[str(batch)] = {"environment": environment, "core": bare}
        table.add_row(str(batch), f"{environment:.2f}", f"{bare:.2f}", f"{environment / bare:.2f}")
    env = PopulationEnv(settings, seed=0)
    env.reset()
    action = np.zeros(env.action_space.shape or (), np.float32)
    single = _median_seconds(lambda: [env.step(action) for _ in range(500)]) / 500 * 1e6
    results["rldbs.make"] = {"environment": single}
    table.add_row("rldbs.make", f"{single:.2f}", "", "")
    console.print(table)
    return results


def _training(settings: TrainSettings, console: Console) -> dict[str, float]:
    """Environment steps per second of training, measurements and checkpoints left out."""
    loop = ClosedLoop(settings.loop, settings.envs, 0, settings.threads)
    learner = build_learner(settings.agent, loop, 0)
    began = time.perf_counter()
    learner.learn(TRAINING_STEPS)
    speed = learner.num_timesteps / (time.perf_counter() - began)
    name = settings.config["agent"]["name"]  # type: ignore[index]
    console.print(f"training: {speed:,.0f} environment steps per second ({name}, {settings.envs} environments)")
    return {"steps_per_second": speed}


def _median_seconds(call: Callable[[], object]) -> float:
    call()
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
