import numpy as np
import pytest

from rldbs.control.recording import Window
from rldbs.core.errors import SettingError
from rldbs.core.models import MODELS

BVDP = MODELS["bvdp"]


def test_window_takes_the_newest_sample_and_goes_back_by_its_stride():
    window = Window("y", length=4, stride=3)
    assert window.memory == 10
    assert window.indices(BVDP) == [1]
    past = np.arange(2 * 10, dtype=np.float64).reshape(1, 2, 10) / 100
    np.testing.assert_allclose(window.observe(past, BVDP), past[0][:, [0, 3, 6, 9]], rtol=1e-6)


def test_several_variables_stand_one_after_the_other():
    window = Window(["y", "x"], length=2, stride=1)
    assert window.indices(BVDP) == [1, 0]
    signals = np.array([[[1.0, 2.0]], [[3.0, 3.5]]])
    np.testing.assert_array_equal(window.observe(signals, BVDP), [[1, 2, 3, 3.5]])
    assert (window.size, window.channels) == (4, 2)


def test_delay_leaves_the_newest_samples_out():
    window = Window(length=2, stride=2, delay=3)
    assert window.memory == 6
    np.testing.assert_array_equal(window.observe(np.arange(6.0).reshape(1, 1, 6) / 2, BVDP), [[0, 1]])


def test_sigmoid_of_the_samples():
    window = Window(length=3, stride=1, sigmoid=1.2)
    observed = window.observe(np.array([[[-1e9, 0.0, 1.2]]]), BVDP)
    np.testing.assert_allclose(observed, [[0, 0.5, 1 / (1 + np.exp(-1))]], rtol=1e-6)


@pytest.mark.parametrize("variable", ["x", ["x", "y"]])
@pytest.mark.parametrize("centered", [True, False])
@pytest.mark.parametrize("sigmoid", [None, 1.2])
def test_observation_stays_within_the_bounds_it_declares(variable, centered, sigmoid):
    window = Window(variable, length=2, stride=1, centered=centered, sigmoid=sigmoid)
    low, high = window.bounds(BVDP)
    assert low.shape == high.shape == (window.size,)
    signals = np.random.default_rng(0).normal(size=(window.channels, 50, 2)) * 700
    observation = window.observe(signals, BVDP)
    assert observation.dtype == np.float32
    assert (low <= observation.min(axis=0)).all()
    assert (observation.max(axis=0) <= high).all()


def test_centered_window_shows_the_rhythm_and_not_where_it_is():
    window = Window("x", length=5, stride=2, centered=True)
    past = np.random.default_rng(0).normal(size=(1, 3, 9))
    observation = window.observe(past, BVDP)
    np.testing.assert_allclose(observation.mean(axis=1), 0.0, atol=1e-6)
    np.testing.assert_allclose(observation, window.observe(past + 0.5, BVDP), atol=1e-6)


def test_observation_is_a_fresh_array():
    past = np.zeros((1, 1, 2))
    first = Window("x", 2, 1).observe(past, BVDP)
    past += 1.0
    assert not first.any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Window("z").indices(BVDP), "bvdp has x, y, not 'z'"),
        (lambda: Window(["x", "x"]), "each variable once"),
        (lambda: Window(noise=0.1, relative_noise=0.1), "one must be 0"),
        (lambda: Window(dropout=0.8, dropout_length=1), "longer on average; at least 4"),
    ],
)
def test_a_recording_that_cannot_be_is_refused(make, message):
    with pytest.raises(SettingError, match=message):
        make()
