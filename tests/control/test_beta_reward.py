"""Power of a rhythm in a band of Hz, as a reward."""

import numpy as np
import pytest

from rldbs.control.beta_reward import Beta
from rldbs.core.errors import SettingError

NONE, X = np.zeros((2, 4)), np.zeros((2, 3))


def sine(hertz: float, dt: float = 0.5, length: int = 4000) -> np.ndarray:
    time = np.arange(length) * dt / 1000.0
    return 3.0 + 0.6 * np.sin(2 * np.pi * hertz * time + np.array([[0.0], [1.0]]))


def test_a_sine_in_the_band_counts_half_its_square():
    reward = Beta(settle=1000.0, beta=0.0)
    np.testing.assert_allclose(reward.reward(sine(20.0), NONE, X), -(0.6**2) / 2, rtol=0.02)


@pytest.mark.parametrize(("hertz", "left"), [(6.0, 0.1), (60.0, 0.1), (13.0, 0.7), (30.0, 0.7)])
def test_a_sine_outside_hardly_counts_and_one_at_the_edge_half(hertz, left):
    power = -Beta(settle=1000.0, window=1000.0, beta=0.0).reward(sine(hertz), NONE, X)
    assert (power < left * 0.6**2 / 2).all()
    assert left < 0.5 or (power > 0.3 * 0.6**2 / 2).all()


def test_the_unit_of_time_is_a_millisecond():
    fine, coarse = Beta(settle=800.0, beta=0.0), Beta(dt=2.0, settle=800.0, beta=0.0)
    np.testing.assert_allclose(fine.reward(sine(20.0), NONE, X), coarse.reward(sine(20.0, 2.0), NONE, X), rtol=0.05)
    assert (fine.memory, coarse.memory) == (2200, 550)


def test_only_the_memory_counts_and_each_row_for_itself():
    reward, past = Beta(), sine(20.0)
    whole = reward.reward(past, NONE, X)
    np.testing.assert_array_equal(reward.reward(past[:, -reward.memory :], NONE, X), whole)
    np.testing.assert_array_equal(reward.reward(past[1:], NONE[1:], X[1:]), whole[1:])


def test_kicks_cost_what_all_contacts_give():
    reward = Beta(beta=0.5)
    kicks = np.array([[[0.2, -0.4]], [[0.0, 0.0]]])
    np.testing.assert_allclose(reward.reward(np.zeros((2, reward.memory)), kicks, X), [-0.3, 0.0], atol=1e-15)


@pytest.mark.parametrize(("low", "high", "dt"), [(30.0, 13.0, 0.5), (13.0, 60.0, 10.0)])
def test_a_band_that_cannot_be_is_refused(low, high, dt):
    with pytest.raises(SettingError, match="must rise, and end below"):
        Beta(dt=dt, low=low, high=high)
