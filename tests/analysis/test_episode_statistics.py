import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rldbs.analysis.episode_statistics import bootstrap_interval, iqm, summary

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@given(numbers)
def test_iqm_is_the_mean_of_the_middle_half(values):
    cut = len(values) // 4
    middle = sorted(values)[cut : len(values) - cut]
    assert iqm(values) == pytest.approx(np.mean(middle), abs=1e-6)


def test_iqm_along_an_axis():
    values = np.array([[1.0, 2, 3, 100], [0, 0, 0, 1000]])
    assert iqm(values).tolist() == [2.5, 0]
    assert iqm(values, axis=0).tolist() == [0.5, 1, 1.5, 550]


def test_iqm_hides_no_nan_and_cuts_off_infinity():
    assert np.isnan(iqm([1.0, 2.0, 3.0, np.nan]))
    assert np.isnan(iqm([[1.0, np.nan], [2.0, 3.0]])).tolist() == [True, False]
    assert iqm([1.0, 2.0, 3.0, np.inf]) == 2.5
    assert iqm([1.0, np.inf]) == np.inf
    with pytest.raises(ValueError, match="no value"):
        iqm([])


def test_bootstrap_interval_of_the_mean_is_near_the_normal_one():
    values = np.random.default_rng(0).normal(5, 2, 200)
    low, high = bootstrap_interval(values, statistic=np.mean)
    error = 1.96 * values.std() / np.sqrt(200)
    assert low == pytest.approx(values.mean() - error, abs=0.05)
    assert high == pytest.approx(values.mean() + error, abs=0.05)


def test_bootstrap_interval_is_as_wide_as_asked_and_repeats():
    values = np.random.default_rng(0).normal(0, 1, 20)
    narrow, wide = bootstrap_interval(values, confidence=0.5), bootstrap_interval(values, confidence=0.99)
    assert wide[0] < narrow[0] < iqm(values) < narrow[1] < wide[1]
    assert wide == bootstrap_interval(values, confidence=0.99)
    assert wide != bootstrap_interval(values, confidence=0.99, seed=1)


def test_bootstrap_interval_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    intervals = [
        bootstrap_interval(random.normal(0, 1, 40), statistic=np.mean, confidence=0.8, resamples=300)
        for _ in range(200)
    ]
    covered = np.mean([low < 0 < high for low, high in intervals])
    assert 0.7 < covered < 0.88


@pytest.mark.parametrize(
    "wrong",
    [
        {"confidence": 1.0},
        {"resamples": 0},
        {"values": [[1.0, 2.0]]},
        {"values": []},
        {"values": [np.nan, 1]},
    ],
)
def test_bootstrap_interval_refuses(wrong):
    with pytest.raises(ValueError, match="must"):
        bootstrap_interval(**({"values": [1.0, 2.0]} | wrong))


@given(numbers)
def test_summary_is_strict_json_and_ordered(values):
    result = summary(values)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["values"] == values
    assert "missing" not in result
    if len(values) > 1:
        low, high = result["ci95"]
        assert min(values) - 1e-6 <= low <= high <= max(values) + 1e-6


def test_summary_leaves_out_what_is_missing_and_says_so():
    result = summary(np.array([1.0, np.nan, 3.0, np.inf, 2.0]))
    assert result["values"] == [1.0, None, 3.0, None, 2.0]
    assert result["mean"] == result["iqm"] == 2.0
    assert result["missing"] == 2
    assert result["ci95"] == summary([1.0, 3.0, 2.0])["ci95"]


def test_summary_of_one_or_no_number_has_no_interval():
    assert summary([4.0]) == {"values": [4.0], "mean": 4.0, "iqm": 4.0, "ci95": [None, None]}
    nothing = {"values": [None], "mean": None, "iqm": None, "ci95": [None, None], "missing": 1}
    assert summary([np.nan]) == nothing
