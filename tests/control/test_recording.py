import numpy as np
import pytest

from rldbs.control.recording import Window
from rldbs.core.errors import SettingError
from rldbs.core.models import MODELS

BVDP = MODELS["bvdp"]


def test_window_takes_the_newest_sample_and_goes_back_by_its_stride():
    window = Window("y", length=4, stride=3)
    assert window.memory == 10
    past = np.arange(2 * 2 * 10, dtype=np.float64).reshape(2, 2, 10) / 100
    np.testing.assert_allclose(window.observe(past, BVDP), past[1][:, [0, 3, 6, 9]], rtol=1e-6)


def test_observation_stays_within_the_bounds_it_declares():
    window = Window("x", length=2, stride=1)
    low, high = window.bounds(BVDP)
    observation = window.observe(np.full((2, 1, 2), 1e9) * np.array([1, -1]), BVDP)
    np.testing.assert_array_equal(observation, [[high, low]])
    assert observation.dtype == np.float32


def test_centered_window_shows_the_rhythm_and_not_where_it_is():
    window = Window("x", length=5, stride=2, centered=True)
    past = np.random.default_rng(0).normal(size=(2, 3, 9))
    observation = window.observe(past, BVDP)
    np.testing.assert_allclose(observation.mean(axis=1), 0.0, atol=1e-6)
    np.testing.assert_allclose(observation, window.observe(past + 0.5, BVDP), atol=1e-6)
    low, high = window.bounds(BVDP)
    assert low <= observation.min() <= observation.max() <= high


def test_observation_is_a_fresh_array():
    past = np.zeros((2, 1, 2))
    first = Window("x", 2, 1).observe(past, BVDP)
    past += 1.0
    assert not first.any()


def test_unknown_variable_is_refused_with_those_of_the_model():
    with pytest.raises(SettingError, match="bvdp has x, y, not 'z'"):
        Window("z").bounds(BVDP)
