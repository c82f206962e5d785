"""A start after a first agent: episodes begin in populations that a trained run has already suppressed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from rldbs.agents.controller import Controller
from rldbs.agents.one_thread import one_thread
from rldbs.agents.settings import LearnerSettings
from rldbs.control.coupling import Coupling, Fixed
from rldbs.control.episode_start import FreeStart, Prepared
from rldbs.control.loop import ClosedLoop
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.bank import Bank, joined
from rldbs.core.model_settings import ModelSettings
from rldbs.experiment.trained_policies import learned_controllers


@dataclass(frozen=True)
class SuppressedSettings:
    """Episodes start from populations that a trained run has already suppressed.

    They have run freely through their transient, then for ``steps`` integration steps under the first agent, with the
    stimulus and the recording that it was trained with. Each gives several starting points, about a period of the
    rhythm apart in all, through which the first agent goes on.
    """

    run: str | None
    checkpoint: str | Annotated[int, Ge(0)]
    policy: Literal["deterministic", "stochastic"]
    steps: Annotated[int, Ge(1), Le(10**8)]
    populations: Annotated[int, Ge(1), Le(100_000)]
    snapshots: Annotated[int, Ge(1), Le(10_000)]
    seed: Annotated[int, Ge(0)]


@dataclass(frozen=True)
class SuppressedStart:
    """Such a start with its first agent found.

    Args:
        settings: what the configuration says.
        folder: the run folder of the first agent.
        loop: the environment that it was trained in.
        agent: what it is.
    """

    settings: SuppressedSettings
    folder: Path
    loop: LoopSettings
    agent: LearnerSettings

    @property
    def seed(self) -> int:
        return self.settings.seed

    def __hash__(self) -> int:
        return hash((self.settings, self.folder))

    def bank(self, model: ModelSettings, coupling: Coupling, memory: int, threads: int) -> Bank:
        return _suppressed(self, model, coupling, memory, threads)

    def free_bank(self, model: ModelSettings, coupling: Coupling, memory: int, threads: int) -> Bank:
        settings = self.settings
        start = FreeStart(settings.populations, settings.snapshots, settings.seed)
        return start.bank(model, coupling, memory, threads)

    def lead(
        self,
        model: ModelSettings,
        coupling: Coupling,
        start: FreeStart | Prepared,
        seeds: Sequence[int],
        memory: int,
        threads: int,
    ) -> tuple[ClosedLoop, Controller]:
        """The first agent and the environments in which it acts, one for each seed, on the populations of ``start``.

        A coupling that drifts does so later, under the second agent, and so does all else that changes.

        Raises:
            RunError: the run has no such checkpoint, or it is damaged.
        """
        steady = Fixed() if coupling.drifts else coupling
        settings = replace(self.loop.unchanging, model=model, coupling=steady, start=start)
        loop = ClosedLoop(settings, len(seeds), seeds, threads, memory)
        controllers, _ = learned_controllers(
            self.agent, loop.settings, self.folder, str(self.settings.checkpoint), self.seed
        )
        return loop, controllers[self.settings.policy]


def act(loop: ClosedLoop, controller: Controller, steps: int, then: Callable[[], None] = lambda: None) -> None:
    """Let a controller act for so many integration steps, rounded up to whole environment steps."""
    for _ in range(-(-steps // loop.settings.stimulus.interval)):
        loop.step(controller.act(loop.observe()))
        then()


@lru_cache(maxsize=4)
def _suppressed(start: SuppressedStart, model: ModelSettings, coupling: Coupling, memory: int, threads: int) -> Bank:

    settings = start.settings
    free = FreeStart(settings.populations, 1, settings.seed)
    seeds = range(settings.seed, settings.seed + settings.populations)
    with one_thread(learned=False):
        loop, controller = start.lead(model, coupling, free, seeds, memory, threads)
        loop.reset(entries=np.arange(settings.populations))
        banks, steps = [], settings.steps
        for _ in range(settings.snapshots):
            act(loop, controller, steps)
            banks.append(loop.bank(memory))
            steps = -(-model.period // settings.snapshots)
    return joined(banks)
