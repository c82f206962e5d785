import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rldbs.analysis.episode_statistics import iqm
from rldbs.analysis.pooled_statistics import (
    improvement,
    improvement_interval,
    pareto_front,
    pooled_interval,
    pooled_iqm,
)

RLIABLE = json.loads((Path(__file__).parents[1] / "data" / "rliable.json").read_text())
SCORES = {name: np.array(values) for name, values in RLIABLE["scores"].items()}

matrices = arrays(np.float64, st.tuples(st.integers(1, 4), st.just(3)), elements=st.integers(-5, 5).map(float))


def columns(name):
    """rliable's matrix (runs, tasks) as ours: for every task a matrix (seeds, 1)."""
    return [column[:, None] for column in SCORES[name].T]


def near_quantiles(interval, every):
    """Whether the ends are the 10 % and the 90 % quantile, give or take 2 %."""
    ends = zip(interval, (0.1, 0.9), strict=True)
    return all(np.quantile(every, q - 0.02) <= end <= np.quantile(every, q + 0.02) for end, q in ends)


@pytest.mark.parametrize("name", RLIABLE["iqm"])
def test_interquartile_mean_and_interval_are_those_of_rliable(name):
    value, low, high = RLIABLE["iqm"][name]
    assert pooled_iqm(columns(name)) == pytest.approx(value, abs=1e-12)
    assert pooled_interval(columns(name), resamples=50_000) == pytest.approx((low, high), abs=0.01)


@pytest.mark.parametrize("pair", RLIABLE["improvement"])
def test_probability_of_improvement_and_interval_are_those_of_rliable(pair):
    x, y = pair.split(",")
    value, low, high = RLIABLE["improvement"][pair]
    assert improvement(columns(x), columns(y)) == pytest.approx(value, abs=1e-12)
    assert improvement([SCORES[x]], [SCORES[y]]) == pytest.approx(value, abs=1e-12)
    assert improvement_interval(columns(x), columns(y), resamples=50_000) == pytest.approx((low, high), abs=0.012)


def test_interval_is_that_of_all_resamples_there_are():
    scores = np.array([[1.0, 5.0], [2.0, 9.0], [4.0, 16.0]])
    every = [
        iqm(scores[np.ix_(seeds, populations)].ravel())
        for seeds in product(range(3), repeat=3)
        for populations in product(range(2), repeat=2)
    ]
    assert near_quantiles(pooled_interval([scores], confidence=0.8, resamples=20_000), every)


def test_interval_of_improvement_is_that_of_all_resamples_there_are():
    x, y = np.array([[1.0, 5.0], [3.0, 3.0]]), np.array([[2.0, 4.0], [0.0, 6.0]])
    every = [
        np.mean([np.mean([(a > b) + (a == b) / 2 for a in x[i, p] for b in y[j, p]]) for p in populations])
        for i in map(list, product(range(2), repeat=2))
        for j in map(list, product(range(2), repeat=2))
        for populations in product(range(2), repeat=2)
    ]
    assert near_quantiles(improvement_interval([x], [y], confidence=0.8, resamples=20_000), every)


def test_seeds_that_differ_widen_the_interval_however_many_populations_there_are():
    apart = np.repeat([[10.0], [20.0], [30.0]], 500, axis=1)
    low, high = pooled_interval([apart])
    assert low == 10
    assert high == 30


def test_one_seed_is_drawn_over_populations_only_and_one_value_has_no_interval():
    values = np.random.default_rng(0).normal(5, 1, (1, 40))
    low, high = pooled_interval([values])
    assert low < pooled_iqm([values]) < high
    assert pooled_interval([[[3.0]]]) is None
    assert improvement_interval([[[3.0]]], [[[2.0]]]) is None


@settings(max_examples=30)
@given(matrices, matrices)
def test_improvement_is_the_part_of_the_pairs_that_is_won(x, y):
    won = [(a > b) + (a == b) / 2 for row in x for other in y for a, b in zip(row, other, strict=True)]
    assert improvement([x], [y]) == pytest.approx(np.mean(won))
    assert improvement([x], [y]) + improvement([y], [x]) == pytest.approx(1)


@settings(max_examples=30)
@given(matrices, matrices)
def test_intervals_repeat_and_hold_what_they_should(x, y):
    interval = improvement_interval([x], [y], resamples=50)
    assert interval == improvement_interval([x], [y], resamples=50)
    low, high = interval
    assert 0 <= low <= high <= 1
    low, high = pooled_interval([x], resamples=50)
    assert x.min() <= low <= high <= x.max()


def test_what_is_not_known_is_left_out():
    scores = [[1.0, np.inf], [3.0, np.nan]]
    assert pooled_iqm([scores]) == 2
    assert pooled_interval([scores]) == (1, 3)
    assert improvement([scores], [[[2.0, 2.0]]]) == 0.5
    assert pooled_iqm([[[np.nan]]]) is None
    assert pooled_interval([[[np.nan, np.inf]]]) is None
    assert improvement([[[np.nan]]], [[[1.0]]]) is None


def test_scores_that_are_no_matrices_or_on_other_populations_are_refused():
    with pytest.raises(ValueError, match="matrix"):
        pooled_iqm([[1.0, 2.0]])
    with pytest.raises(ValueError, match="none"):
        pooled_iqm([])
    with pytest.raises(ValueError, match="same populations; there are 2 and 1"):
        improvement([[[1.0, 2.0]]], [[[1.0]]])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=8))
def test_front_is_what_no_other_point_beats(points):
    front = pareto_front(*zip(*points, strict=True))
    for (gain, cost), on_it in zip(points, front, strict=True):
        beaten = any(g >= gain and c <= cost and (g > gain or c < cost) for g, c in points)
        assert on_it == (not beaten)
    assert front.any()


def test_what_is_not_known_is_not_on_the_front_and_beats_nothing():
    assert pareto_front([np.nan, 1.0, 9.0], [0.0, 0.5, np.nan]).tolist() == [False, True, False]
