"""The controllers that a run has learned."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch

from rldbs.agents.controller import Controller
from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.learner import restore_policy
from rldbs.agents.settings import LearnerSettings
from rldbs.control.episode_start import FreeStart
from rldbs.control.loop import ClosedLoop
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
    most = ROOM + BYTES * agent.least_weights(settings.recording.size)
    read = read_checkpoint(find_checkpoint(run, checkpoint), ["policy"], most)
    model = replace(settings.model, transient=0)  # only the shapes count
    loop = ClosedLoop(replace(settings, model=model, start=FreeStart(1, 1)), 1)
    policy = restore_policy(agent, loop, read.tensors["policy"])
    controllers = {"deterministic": LearnedController(policy, loop)}
    if agent.stochastic:
        controllers["stochastic"] = LearnedController(policy, loop, torch.Generator().manual_seed(seed))
    return controllers, int(read.state["steps"])
