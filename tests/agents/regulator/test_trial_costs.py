"""What trials cost is what measurements say of them."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from rldbs.agents.regulator.trial_costs import QUIET, OnsetCost, SuppressionCost
from rldbs.analysis import metric_definitions
from rldbs.analysis.metrics import onset_metrics
from rldbs.control.sensor import free_std
from tests.agents.regulator.regulators import environment

SETTINGS = environment()
PERIOD = SETTINGS.model.period


def followed(kind: Any, x: np.ndarray, kicks: np.ndarray, interval: int, *arguments: Any) -> np.ndarray:
    """The cost of x and kicks (environments, steps of integration), of which ``interval`` are taken at once."""
    loop = SimpleNamespace(settings=SETTINGS, model=SETTINGS.model, environments=len(x))
    loop.mean_field = np.zeros((len(x), interval, 2))
    cost = kind(*arguments, cast(Any, loop))
    for begin in range(0, x.shape[1], interval):
        loop.mean_field = np.stack([x[:, begin : begin + interval]] * 2, axis=2)
        loop.kicks = kicks[:, begin : begin + interval]
        cost.add(loop.kicks[:, :1])
    return np.asarray(cost.values())


def fading(steps: int = 30 * PERIOD) -> tuple[np.ndarray, np.ndarray, float]:
    """Rhythms that fade at three rates, the last one hardly; kicks; and the standard deviation of a free one."""
    free, time = float(free_std(SETTINGS.model)[0]), np.arange(steps)
    rates = np.array([[2.0], [4.0], [60.0]]) * PERIOD
    x = 0.3 + np.sqrt(2.0) * free * np.exp(-time / rates) * np.sin(2 * np.pi * time / PERIOD)
    return x, 0.01 * np.random.default_rng(0).standard_normal(x.shape), free


@pytest.mark.parametrize("interval", [1, 5])
def test_onset_costs_latency_times_energy_as_they_are_measured(interval):
    x, kicks, free = fading()
    found = followed(OnsetCost, x, kicks, interval)
    measured = onset_metrics(x, kicks, np.full(len(x), free), PERIOD)
    expected = measured["latency"] * measured["energy_to_suppress"]
    np.testing.assert_allclose(found[:2], expected[:2])
    assert np.isnan(expected[2])


def test_what_never_comes_costs_more_than_what_comes_at_the_very_end_and_less_the_nearer_it_is():
    x, kicks, _ = fading()
    never = followed(OnsetCost, np.stack([x[2], 0.5 * x[2]]), kicks[[2, 2]], 1)
    whole = x.shape[1] * np.square(kicks[2]).sum()
    assert never[0] > never[1] > whole


def test_a_trial_shorter_than_a_period_has_a_cost():
    x, kicks, _ = fading(3)
    assert np.isfinite(followed(OnsetCost, x, kicks, 1)).all()


def test_s_has_come_to_ten_where_measurements_say_so():
    assert QUIET == metric_definitions.QUIET


@pytest.mark.parametrize("interval", [1, 4])
def test_at_rest_the_variance_and_the_price_of_actions_count(interval):
    generator = np.random.default_rng(1)
    x, kicks = 50.0 + generator.standard_normal((2, 3, 400))
    found = followed(SuppressionCost, x, kicks, interval, 0.5)
    np.testing.assert_allclose(found, x.var(axis=1) + 0.5 * np.square(kicks[:, ::interval]).mean(axis=1))
