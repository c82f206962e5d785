"""What the core makes of signals, against NumPy, and alike for every shape in which the same numbers may lie."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rldbs.core.window_sums import Bounds, add_spread, clip, deviation_rewards, largest, rewards_from, setpoint_rewards


def rows_of(rows: int, count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(1.0, 2.0, (rows, count))


def spread_out(values: np.ndarray) -> np.ndarray:
    """The same numbers as a view into a larger array."""
    room = np.full((*values.shape[:-1], 3 * values.shape[-1]), np.nan)
    room[..., ::3] = values
    return room[..., ::3]


@settings(max_examples=50, deadline=None)
@given(rows=st.integers(1, 5), memory=st.integers(1, 40), window=st.integers(1, 40), steps=st.integers(1, 40))
def test_deviation_rewards_are_about_the_mean_of_the_window(rows, memory, window, steps):
    window, steps = min(window, memory), min(steps, memory)
    past, kicks = rows_of(rows, memory), rows_of(rows, steps, seed=1)
    middle = past[:, -window:].mean(axis=1, keepdims=True)
    expected = -np.square(past[:, -steps:] - middle).mean(axis=1) - 0.3 * np.abs(kicks).mean(axis=1)
    found = deviation_rewards(past, window, kicks, 0.3)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_array_equal(deviation_rewards(spread_out(past), window, kicks, 0.3), found)
    alone = [deviation_rewards(past[r : r + 1], window, kicks[r : r + 1], 0.3) for r in range(rows)]
    np.testing.assert_array_equal(np.concatenate(alone), found)


def test_setpoint_rewards_are_about_the_target():
    past, kicks = rows_of(3, 21), rows_of(3, 4, seed=1)
    expected = -2.0 * np.square(past[:, -4:] - 0.7).mean(axis=1) - 0.3 * np.abs(kicks).mean(axis=1)
    found = setpoint_rewards(past, 0.7, 2.0, kicks, 0.3)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_array_equal(setpoint_rewards(spread_out(past), 0.7, 2.0, kicks, 0.3), found)


def test_numbers_of_another_type_are_taken_for_what_they_are():
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_allclose(setpoint_rewards(values, 0.0, 1.0, np.zeros((2, 3)), 1.0), [-5 / 3, -50 / 3])
    np.testing.assert_allclose(deviation_rewards(values, 3, np.ones((2, 1), int), 1.0), [-2, -2])
    observed = Bounds(np.array([-9.0]), np.array([9.0])).observe(values[None], 3, 1, centered=False)
    np.testing.assert_array_equal(observed, values)


def test_rewards_are_costs_and_kicks_with_the_other_sign():
    costs, kicks = np.array([1.0, 2.0]), np.array([[0.5, -0.5, 2.0], [0.0, 0.0, -3.0]])
    np.testing.assert_array_equal(rewards_from(costs, np.asfortranarray(kicks), 10.0), [-11.0, -12.0])
    np.testing.assert_array_equal(rewards_from(costs.astype(np.float32), kicks, 10.0), [-11.0, -12.0])
    np.testing.assert_array_equal(costs, [1.0, 2.0])


def test_kicks_and_windows_that_do_not_fit_the_past_are_refused():
    past = rows_of(2, 5)
    for kicks in (np.zeros((3, 1)), np.zeros((2, 6)), np.zeros((2, 0))):
        with pytest.raises(ValueError, match="kicks: must be"):
            deviation_rewards(past, 5, kicks, 0.3)
        with pytest.raises(ValueError, match="kicks: must be"):
            setpoint_rewards(past, 0.0, 1.0, kicks, 0.3)
    with pytest.raises(ValueError, match="window: must be from 1 to 5, is 6"):
        deviation_rewards(past, 6, np.zeros((2, 1)), 0.3)


@pytest.mark.parametrize("centered", [False, True])
def test_observations_are_samples_channel_after_channel_within_bounds(centered):
    signals = np.random.default_rng(1).normal(0.0, 2.0, (2, 4, 31))
    samples = signals[:, :, :29:4]
    if centered:
        samples = samples - samples.mean(axis=2, keepdims=True)
    expected = np.concatenate(list(np.clip(samples, [[[-1.0]], [[-2.0]]], [[[1.5]], [[2.5]]])), axis=1)
    bounds = Bounds(np.array([-1.0, -2.0]), np.array([1.5, 2.5]))
    observed = bounds.observe(signals, 8, 4, centered)
    assert observed.dtype == np.float32
    np.testing.assert_allclose(observed, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(bounds.observe(spread_out(signals), 8, 4, centered), observed)


def test_an_observation_of_more_than_there_is_is_refused():
    bounds = Bounds(np.array([-1.0]), np.array([1.0]))
    for signals, count, stride in ((np.ones((1, 2, 4)), 5, 1), (np.ones((1, 2, 4)), 3, 2), (np.ones((2, 2, 4)), 4, 1)):
        with pytest.raises(ValueError, match="do not hold"):
            bounds.observe(signals, count, stride, centered=False)


def test_numbers_that_lie_askew_are_read_for_what_they_are():
    table = np.zeros((2, 3), [("a", np.float32), ("x", np.float64)])
    table["x"] = [[1, 2, 3], [4, 5, 6]]
    found = setpoint_rewards(table["x"], 0.0, 1.0, np.zeros((2, 3)), 0.0)
    np.testing.assert_allclose(found, [-14 / 3, -77 / 3])


def test_an_observation_of_nan_is_nan():
    bounds = Bounds(np.array([-1.0]), np.array([1.0]))
    assert np.isnan(bounds.observe(np.full((1, 1, 2), np.nan), 2, 1, centered=False)).all()


def test_clipping_finds_the_first_that_is_not_finite():
    values = np.array([[0.5, -7.0], [np.inf, np.nan]])
    assert clip(values) == 2
    np.testing.assert_array_equal(values[0], [0.5, -1.0])
    assert clip(np.array([1.5, -0.0])) == -1


def test_the_spread_is_added_as_numpy_would():
    random = np.random.default_rng(0)
    x, origin = random.normal(size=(3, 2, 37))[:, 0], random.normal(size=(3, 37))
    total, square = random.normal(size=(2, 3, 37))
    expected = total + (x - origin), square + (x - origin) * (x - origin)
    add_spread(x, origin, total, square)
    np.testing.assert_array_equal((total, square), expected)
    with pytest.raises(ValueError, match="does not fit"):
        add_spread(x, origin[:2], total, square)


def test_of_several_kicks_in_a_step_the_largest_counts():
    given = np.array([[0.0, 3.0, -4.0, 0.0, 0.0, 0.0, 1.0, 0.5]])
    np.testing.assert_array_equal(largest(given, 2), [[-4.0, 1.0]])
    np.testing.assert_array_equal(largest(given[:, :, None], 4), [[[3.0], [-4.0], [0.0], [1.0]]])
    assert largest(given, 8) is given
