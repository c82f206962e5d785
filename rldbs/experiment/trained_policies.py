"""The controllers that a run has learned."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rldbs.agents.controller import Controller
from rldbs.agents.inference import Weights
from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.settings import LearnerSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.files.folder import Folder
from rldbs.runs.checkpoint import find_checkpoint, read_checkpoint

ROOM, BYTES = 2**28, 64
"""Room for the weights of any policy: bytes in all, and for each of the weights that it has at least."""


def learned_controllers(
    agent: LearnerSettings, settings: LoopSettings, run: Path | Folder, checkpoint: str, seed: int
) -> tuple[Mapping[str, Controller], int]:
    """The policy of a run's checkpoint, ``deterministic`` and, where it is one, ``stochastic``.

    Args:
        agent: what the run has trained.
        settings: an environment as that which it was trained in.
        run: the run folder.
        checkpoint: ``best``, ``last`` or a number of environment steps.
        seed: draws the actions of the stochastic policy.

    Returns:
        The controllers, made anew, and after how many environment steps the checkpoint was written.

    Raises:
        RunError: the run has no such checkpoint, it is damaged, or it does not fit the environment.
    """
    weights, steps = policy_weights(agent, settings, run, checkpoint)
    controllers = {"deterministic": LearnedController(agent, settings, weights)}
    if agent.stochastic:
        controllers["stochastic"] = LearnedController(agent, settings, weights, np.random.default_rng(seed))
    return controllers, steps


def policy_weights(
    agent: LearnerSettings, settings: LoopSettings, run: Path | Folder, checkpoint: str
) -> tuple[Weights, int]:
    """The weights by which the policy of a run's checkpoint acts, and after how many steps it was written.

    Args:
        agent: as for :func:`learned_controllers`; so are all others.

    Raises:
        RunError: the run has no such checkpoint, or it is damaged.
    """
    most = ROOM + BYTES * agent.least_weights(settings.recording.size)
    read = read_checkpoint(find_checkpoint(run, checkpoint), ["policy"], most)
    return read.tensors["policy"], int(read.state["steps"])
