"""Which checkpoint of a training run is the best one."""

import math
from collections.abc import Mapping
from dataclasses import replace

from rldbs.experiment.command_settings import Checkpoints
from rldbs.runs.checkpoint_store import Course


def loss(values: Mapping[str, float], checkpoints: Checkpoints) -> float:
    """What is to be small; infinite where a policy is no candidate.

    Args:
        values: what was measured of the policy; an aim that was not reached on every population is missing.
        checkpoints: how a policy is chosen.
    """
    sought = checkpoints.tradeoff
    if values["mean_abs_kick"] > checkpoints.most_kick or values["activity"] < checkpoints.least_activity:
        return math.inf
    return sought.loss(values[sought.aim], values[sought.price]) if sought.aim in values else math.inf


def improved(course: Course, values: Mapping[str, float], checkpoints: Checkpoints) -> Course | None:
    """The course of a run whose newest policy is the best one so far; None where it is not.

    Args:
        course: how far the run has come.
        values: as for :func:`loss`.
        checkpoints: how a policy is chosen.
    """
    now = loss(values, checkpoints)
    if now == math.inf or not (course.best_loss is None or now < course.best_loss):
        return None
    return replace(course, best=course.steps, best_suppression=values["suppression"], best_loss=now)
