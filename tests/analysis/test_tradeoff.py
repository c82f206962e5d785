"""What is sought, what it costs, and who counts."""

import math

import pytest

from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.analysis.tradeoff import (
    BURSTS,
    LASTING,
    ONSET,
    RELAY,
    SUPPRESSION,
    SYNCHRONY,
    TRADEOFFS,
    tradeoff,
    tradeoff_of,
)


def summaries(latency, missing=0):
    found = {key: {"iqm": 2.0} for key in EVERY_METRIC} | {"latency": {"iqm": latency}}
    return found | ({"latency": {"iqm": latency, "missing": missing}} if missing else {})


@pytest.mark.parametrize("sought", TRADEOFFS, ids=[each.aim for each in TRADEOFFS])
def test_a_better_aim_is_a_larger_gain_and_a_price_is_lower_the_better(sought):
    more = EVERY_METRIC[sought.aim].higher_is_better
    assert (sought.gain(2.0) > sought.gain(1.0)) is more
    assert EVERY_METRIC[sought.price].higher_is_better is False


def test_the_best_has_the_largest_s_or_the_least_product():
    assert SUPPRESSION.loss(50.0, 9.0) < SUPPRESSION.loss(40.0, 0.1)
    assert ONSET.loss(1000.0, 0.02) < ONSET.loss(500.0, 0.05)


def test_of_oscillators_the_best_has_the_least_r_whatever_it_costs():
    assert SYNCHRONY.loss(0.1, 9.0) < SYNCHRONY.loss(0.2, 0.1)
    assert SYNCHRONY.beats(0.1, 1.0, 0.2, 2.0)
    assert not SYNCHRONY.beats(0.2, 1.0, 0.1, 2.0)
    for objective in ("suppression", "front"):
        assert tradeoff(objective, oscillators=True) is SYNCHRONY
        assert tradeoff(objective, oscillators=False) is SUPPRESSION
    assert tradeoff("onset", oscillators=True) is ONSET


def test_of_cells_the_best_needs_least_current_among_those_that_keep_the_limit():
    order = [(0.02, 60.0), (0.001, 75.0), (0.0, 300.0), (0.03, 10.0), (0.3, 0.0)]
    assert sorted(order, key=lambda one: RELAY.loss(*one)) == order
    assert RELAY.beats(0.01, 60.0, 0.02, 70.0)
    assert not RELAY.beats(0.01, 80.0, 0.02, 70.0)
    assert tradeoff("front", oscillators=False, cells=True) is RELAY
    assert tradeoff("error_index", oscillators=False) is RELAY
    assert tradeoff("suppression", oscillators=False, cells=True) is SUPPRESSION


def test_a_table_is_about_what_all_of_its_measurements_have():
    cells, oscillators, neurons = {"suppression", "error_index"}, {"suppression", "order"}, {"suppression"}
    assert tradeoff_of([cells, cells]) is RELAY
    assert tradeoff_of([oscillators]) is SYNCHRONY
    assert tradeoff_of([cells, neurons]) is SUPPRESSION
    assert tradeoff_of([{"suppression", "burst_time"}]) is BURSTS
    assert tradeoff_of([{"suppression", "charge_to_last"}]) is LASTING
    assert tradeoff_of([]) is SUPPRESSION


def test_models_whose_aims_are_their_own_have_them_as_objectives():
    assert tradeoff("bursts", oscillators=False) is BURSTS
    assert tradeoff("lasting", oscillators=False) is LASTING
    assert sorted([(0.01, 3.0), (0.0, 4.0), (0.02, 1.0)], key=lambda one: BURSTS.loss(*one))[0] == (0.01, 3.0)
    assert sorted([(31.0, 9.0), (70.0, 1.0)], key=lambda one: LASTING.loss(*one))[0] == (31.0, 9.0)


def test_no_mean_hides_a_population_that_never_comes_to_the_aim():
    assert ONSET.iqms(summaries(800.0))["latency"] == 800.0
    lost = ONSET.iqms(summaries(800.0, missing=1))
    assert math.isnan(lost["latency"])
    assert math.isnan(lost["energy_to_suppress"])
    assert lost["suppression"] == 2.0
    assert SUPPRESSION.iqms(summaries(800.0, missing=1)) == dict.fromkeys(SUPPRESSION.metrics, 2.0)
