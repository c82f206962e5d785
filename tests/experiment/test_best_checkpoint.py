"""Which policy of a training is the best one."""

import math
from dataclasses import replace
from io import StringIO

from rich.console import Console

from rldbs.config.composition import compose
from rldbs.config.schema import train_settings
from rldbs.experiment.best_checkpoint import improved, loss
from rldbs.experiment.train import train
from rldbs.runs.checkpoint_store import Course
from tests.conftest import SMALL, small_settings


def checkpoints(objective, model="bvdp"):
    limits = [f"model={model}", "model.period=100", "checkpoints.most_kick=0.01", "checkpoints.least_activity=0.8"]
    return train_settings(compose("train", [*SMALL, *limits, f"checkpoints.objective={objective}"])).checkpoints


def values(s, latency=None, energy=None, kick=0.001, activity=0.9):
    onset = {} if latency is None else {"latency": latency, "energy_to_suppress": energy}
    return {"suppression": s, "mean_abs_kick": kick, "activity": activity, **onset}


def followed(objective, measured, model="bvdp"):
    """The numbers of the measurements that were the best so far."""
    course, found = Course(), []
    for k, one in enumerate(measured):
        better = improved(replace(course, steps=k), one, checkpoints(objective, model))
        if better is not None:
            course = better
            found.append(k)
    return found, course


def test_of_suppression_the_largest_s_within_the_limits_is_the_best():
    measured = [values(5), values(9, kick=0.02), values(9, activity=0.1), values(7), values(7), values(8)]
    found, course = followed("suppression", measured)
    assert found == [0, 3, 5]
    assert (course.best, course.best_suppression, course.best_loss) == (5, 8, -8)


def test_of_oscillators_the_least_r_within_the_limits_is_the_best():
    orders = [(5, 0.3), (9, 0.4), (4, 0.2), (50, 0.25), (1, 0.1)]
    measured = [{**values(s), "order": order} for s, order in orders]
    found, course = followed("suppression", [*measured, {**values(9, kick=0.02), "order": 0.01}], "kuramoto_line")
    assert found == [0, 2, 4]
    assert (course.best, course.best_suppression, course.best_loss) == (4, 1, 0.1)


def test_of_onset_the_least_product_within_the_limits_is_the_best():
    beyond = [values(90, 10, 0.01, kick=0.02), values(90, 10, 0.01, activity=0.1), values(90)]
    measured = [*beyond, values(50, 900, 0.04), values(60, 800, 0.05), values(20, 500, 0.06), *beyond]
    found, course = followed("onset", measured)
    assert found == [3, 5]
    assert (course.best, course.best_suppression, course.best_loss) == (5, 20, 30.0)


def test_what_is_to_be_small_falls_with_s_or_with_the_product_and_is_infinite_for_no_candidate():
    suppression, onset = checkpoints("suppression"), checkpoints("onset")
    assert loss(values(7), suppression) == -7
    assert loss(values(50, 900, 0.04), onset) == 900 * 0.04
    for one in (values(90, 10, 0.01, kick=0.02), values(90, 10, 0.01, activity=0.1)):
        assert loss(one, suppression) == loss(one, onset) == math.inf
    assert loss(values(90), onset) == math.inf  # it did not come to S = 10 everywhere


def test_where_no_policy_comes_to_s_10_everywhere_the_run_says_so(tmp_path):
    console = Console(file=StringIO(), width=200)
    train(small_settings(["checkpoints.objective=onset"]), tmp_path, console)
    assert "and came to S = 10: the first one counts as best" in console.file.getvalue()
    assert "best so far" not in (tmp_path / "train.log").read_text()
