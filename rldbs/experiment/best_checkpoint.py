"""Which checkpoint of a training run is the best one."""

from collections.abc import Mapping
from dataclasses import replace

from rldbs.analysis.tradeoff import ONSET, SUPPRESSION, Tradeoff
from rldbs.experiment.command_settings import Checkpoints
from rldbs.runs.checkpoint_store import Course

SOUGHT: Mapping[str, Tradeoff] = {"suppression": SUPPRESSION, "onset": ONSET}
"""What ``checkpoints.objective`` is about."""


def improved(course: Course, values: Mapping[str, float], checkpoints: Checkpoints) -> Course | None:
    """The course of a run whose newest policy is the best one so far; None where it is not.

    Args:
        course: how far the run has come.
        values: what was measured of the policy; an aim that was not reached on every population is missing.
        checkpoints: how a policy is chosen.
    """
    sought = SOUGHT[checkpoints.objective]
    if values["mean_abs_kick"] > checkpoints.most_kick or values["activity"] < checkpoints.least_activity:
        return None
    if sought.aim not in values:
        return None
    loss = sought.loss(values[sought.aim], values[sought.price])
    better = replace(course, best=course.steps, best_suppression=values["suppression"])
    if sought is ONSET:
        return replace(better, best_product=loss) if course.best_product is None or loss < course.best_product else None
    return better if course.best_suppression is None or loss < -course.best_suppression else None
