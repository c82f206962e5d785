import numpy as np
import pytest

from rldbs.control.reward import Deviation, Setpoint


@pytest.mark.parametrize("interval", [1, 3])
def test_deviation_is_from_the_mean_over_its_window(interval):
    random = np.random.default_rng(0)
    past, kicks = random.normal(size=(4, 30)), random.normal(size=(4, interval))
    rewards = Deviation(window=20, beta=0.7).reward(past, kicks)
    for i in range(4):
        mean = past[i, 10:].mean()
        expected = -np.mean((past[i, -interval:] - mean) ** 2) - 0.7 * np.mean(np.abs(kicks[i]))
        assert rewards[i] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("interval", [1, 3])
def test_setpoint_is_a_weighted_square_distance(interval):
    random = np.random.default_rng(1)
    past, kicks = random.normal(size=(4, 5)), random.normal(size=(4, interval))
    rewards = Setpoint(target=-0.4, weight=2.0, beta=0.5).reward(past, kicks)
    for i in range(4):
        expected = -2.0 * np.mean((past[i, -interval:] + 0.4) ** 2) - 0.5 * np.mean(np.abs(kicks[i]))
        assert rewards[i] == pytest.approx(expected, rel=1e-12)


def test_reward_is_highest_for_a_quiet_field_without_stimulation():
    assert Deviation(beta=2.0).reward(np.full((1, 200), 0.3), np.zeros((1, 1))) == pytest.approx(0.0, abs=1e-30)
    assert Setpoint(target=0.3, beta=2.0).reward(np.full((1, 2), 0.3), np.zeros((1, 1))) == 0.0
