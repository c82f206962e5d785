import numpy as np
import pytest

from rldbs.control.reward import Activity, Band, Deviation, Setpoint
from rldbs.core.errors import SettingError

NEURONS = np.zeros((1, 3))


@pytest.mark.parametrize("interval", [1, 3])
def test_deviation_is_from_the_mean_over_its_window(interval):
    random = np.random.default_rng(0)
    past, kicks = random.normal(size=(4, 30)), random.normal(size=(4, interval))
    rewards = Deviation(window=20, beta=0.7).reward(past, kicks, NEURONS)
    for i in range(4):
        mean = past[i, 10:].mean()
        expected = -np.mean((past[i, -interval:] - mean) ** 2) - 0.7 * np.mean(np.abs(kicks[i]))
        assert rewards[i] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("interval", [1, 3])
def test_setpoint_is_a_weighted_square_distance(interval):
    random = np.random.default_rng(1)
    past, kicks = random.normal(size=(4, 5)), random.normal(size=(4, interval))
    rewards = Setpoint(target=-0.4, weight=2.0, beta=0.5).reward(past, kicks, NEURONS)
    for i in range(4):
        expected = -2.0 * np.mean((past[i, -interval:] + 0.4) ** 2) - 0.5 * np.mean(np.abs(kicks[i]))
        assert rewards[i] == pytest.approx(expected, rel=1e-12)


def test_reward_is_highest_for_a_quiet_field_without_stimulation():
    quiet, kicks = np.full((1, 200), 0.3), np.zeros((1, 1))
    assert Deviation(beta=2.0).reward(quiet, kicks, NEURONS) == pytest.approx(0.0, abs=1e-30)
    assert Setpoint(target=0.3, beta=2.0).reward(quiet, kicks, NEURONS) == 0.0


def field(*sines: tuple[float, float], window: int = 400) -> np.ndarray:
    """A sum of sines, each with its frequency in cycles per 100 steps and its amplitude, at two phases."""
    step = np.arange(window)
    return 0.7 + np.array(
        [sum(a * np.sin(2 * np.pi * f * step / 100 + phase) for f, a in sines) for phase in (0.0, 1.3)]
    )


@pytest.mark.parametrize("period", [100, 1000, 1400])
def test_band_pays_for_the_variance_of_a_rhythm_in_it(period):
    band = Band(period=period, periods=4, beta=0)
    x = np.repeat(field((1.0, 0.6)), period // 100, axis=1)
    np.testing.assert_allclose(band.reward(x, np.zeros((2, 1)), NEURONS), -(0.6**2) / 2, rtol=0.01)


@pytest.mark.parametrize("frequency", [3.0, 5.5, 0.0])
def test_band_does_not_see_what_is_outside(frequency):
    reward = Band(period=100, periods=4, beta=0).reward(field((frequency, 0.6)), np.zeros((2, 1)), NEURONS)
    np.testing.assert_allclose(reward, 0.0, atol=1e-3 * 0.6**2 / 2)


def test_band_charges_for_kicks():
    reward = Band(period=100, beta=0.5).reward(field((0.0, 0.0)), np.array([[0.2, -0.4], [0, 0]]), NEURONS)
    np.testing.assert_allclose(reward, [-0.15, 0.0], atol=1e-12)


def test_activity_pays_for_neurons_that_differ():
    past, kicks = np.random.default_rng(0).normal(size=(2, 200)), np.array([[0.1], [0.0]])
    plain, paid = Deviation(160, 2.0), Activity(160, 2.0, alpha=0.5)
    spread = np.array([[0.0, 2.0], [1.0, 1.0]])
    np.testing.assert_allclose(paid.reward(past, kicks, spread) - plain.reward(past, kicks, spread), [0.5, 0.0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Band(low=2.0, high=1.0), "reward.low=2: must be at most reward.high=1"),
        (lambda: Band(periods=1.0, low=1.2, high=1.8), "too few to tell frequencies from 1.2 to 1.8"),
    ],
)
def test_a_band_that_holds_nothing_is_refused(make, message):
    with pytest.raises(SettingError, match=message):
        make()
