"""What a controller saw and did in a closed loop: what its copy outside has to do again."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.controller import Controller
from rldbs.control.episode_start import FreeStart
from rldbs.control.loop import ClosedLoop
from rldbs.export.layout import Layout


@dataclass(frozen=True)
class RecordedLoop:
    """A stretch of a closed loop, from where stimulation sets in."""

    samples: NDArray[np.float32]
    """(samples, channels): what a device would have been given, up to the last decision; the first window ahead."""
    observations: NDArray[np.float32]
    """(decisions, size)."""
    actions: NDArray[np.float32]
    """(decisions, numbers of an action)."""


def record_loop(
    layout: Layout, make: Callable[[], Controller], decisions: int, seed: int, threads: int = 1
) -> RecordedLoop:
    """Let a controller act on a population that has synchronised freely.

    Args:
        layout: the environment.
        make: the controller, made anew.
        decisions: how many it takes.
        seed: draws the population, noise and gaps.
        threads: for the population.

    Raises:
        DivergedError: the population went out of bounds.
    """
    settings = replace(layout.loop, start=FreeStart(populations=1, snapshots=1, seed=seed))
    loop, controller = ClosedLoop(settings, 1, seed, threads), make()
    tape = loop.record(decisions)
    loop.reset()
    observations = np.empty((decisions, layout.size), np.float32)
    actions = np.empty((decisions, layout.actions), np.float32)
    for k in range(decisions):
        observations[k] = loop.observe()[0]
        actions[k] = controller.act(observations[k : k + 1])[0]
        if k + 1 < decisions:
            loop.step(actions[k : k + 1])
    signals = tape.saved()["values"][:, 0]
    known = signals[:, : signals.shape[1] - layout.recording.delay]
    return RecordedLoop(np.asarray(known[:, :: layout.apart].T, np.float32), observations, actions)
