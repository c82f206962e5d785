"""An environment step, beside the bare core on the same batch."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.control.episode import Episode
from rldbs.control.loop import ClosedLoop
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.native import Floats, Place, address
from rldbs.envs.sb3 import PopulationSB3VecEnv
from rldbs.envs.single import PopulationEnv

BATCHES = (1, 4, 16, 64, 128, 512, 1024, 4096)
EPISODE = 2000
"""Steps of an episode, as rldbs.make has it. Where training has longer ones, resets cost it less than they do here."""


def environment_figures(settings: LoopSettings, threads: int) -> Figures:
    """µs per step of one environment, by batch size; the bare core's part of it.

    A step is one of the environments that learners get: kicks, observation, reward and the resets of episodes that end.
    The clocks of the environments are spread over an episode, so that about as many episodes end at any time.
    """
    settings = replace(settings, episode=Episode(EPISODE, stagger=True))
    numbers: dict[str, Any] = {}
    rows = []
    columns = ["batch", "1 thread", "core", "ratio", *([f"{threads} threads", "core", "ratio"] if threads > 1 else [])]
    for batch in BATCHES:
        loop = ClosedLoop(settings, batch, 0)
        env = PopulationSB3VecEnv(loop)
        env.reset()
        used = sorted({1, threads}) if batch > 1 else [1]
        contenders: dict[str, Timer] = {}
        for count in used:
            contenders |= {f"environment {count}": _steps(env, count), f"core {count}": _core(loop, count)}
        turns = in_turns(contenders)
        numbers[str(batch)], cells = {}, []
        for count in used:
            environment, core = f"environment {count}", f"core {count}"
            own = {
                "microseconds": turns.median(environment) * 1e6,
                "core": turns.median(core) * 1e6,
                "ratio": turns.ratio(environment, core),
            }
            numbers[str(batch)][f"{count} threads"] = own
            cells += [f"{value:.2f}" for value in own.values()]
        rows.append([f"{batch:,}", *cells, *[""] * (len(columns) - 1 - len(cells))])
    title = f"Environment: µs per step of each, {settings.model.name}, {settings.model.neurons} neurons"
    return Figures("environment", title, columns, rows, numbers)


def single_environment_figures(settings: LoopSettings) -> Figures:
    """µs per step of what ``rldbs.make`` gives, episodes begun by hand as they end."""
    env = PopulationEnv(replace(settings, episode=Episode(EPISODE)), seed=0)
    env.reset()
    action = env.action_space.sample()

    def call() -> None:
        for _ in range(EPISODE):
            if env.step(action)[3]:
                env.reset()

    turns = in_turns({"single": timer(call, EPISODE)})
    microseconds = turns.median("single") * 1e6
    title = f"rldbs.make: µs per step, {settings.model.name}, {settings.model.neurons} neurons"
    return Figures("single_environment", title, ["1 thread"], [[f"{microseconds:.2f}"]], {"microseconds": microseconds})


def _steps(env: PopulationSB3VecEnv, threads: int) -> Timer:
    actions = np.stack([env.action_space.sample() for _ in range(env.num_envs)])
    return _repeated(env.loop, threads, lambda: env.step(actions))


def _core(loop: ClosedLoop, threads: int) -> Timer:
    kicks = np.zeros((loop.environments, loop.settings.stimulus.interval))
    mean = np.zeros((*kicks.shape, len(loop.model.variables)))
    place = Place(address(mean), (mean.shape[1] * mean.shape[2], mean.shape[2], 1))

    def step(mean: Floats = mean) -> None:  # whose memory the place is in
        loop.ensemble.step(kicks, place)

    return _repeated(loop, threads, step)


def _repeated(loop: ClosedLoop, threads: int, step: Callable[[], object]) -> Timer:
    """Times so many steps in a call that one episode ends; a unit of work is one step of one environment."""
    steps = max(1, EPISODE // loop.environments)

    def call() -> None:
        loop.ensemble.threads = threads
        for _ in range(steps):
            step()

    return timer(call, steps * loop.environments)
