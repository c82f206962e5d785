"""Linear feedback, against a plain loop over one environment."""

import math

import numpy as np
import pytest

from rldbs.core.errors import SettingError
from tests.agents.classical.listening import PERIOD, controller, environment, kicks, sine, times

X = np.random.default_rng(1).normal(size=400)


def test_proportional_feedback_is_the_newest_sample_times_the_gain():
    loop = environment("stimulus.amplitude=100")
    np.testing.assert_allclose(kicks("proportional", X, loop, gain=0.3)[:, 0], -0.3 * X[times(400, loop)], rtol=1e-5)


def test_the_derivative_is_in_the_rhythms_phase():
    loop = environment("stimulus.amplitude=100", "recording.stride=1")
    theta = 2 * np.pi * (times(400, loop) - 0.5) / PERIOD  # the slope is that between two samples
    found = kicks("pd", sine(400), loop, gain=0.0, derivative_gain=0.2)[:, 0]
    np.testing.assert_allclose(found, 0.2 * np.sin(theta), atol=1e-4)


def test_a_derivative_needs_two_samples():
    with pytest.raises(SettingError, match=r"agent\.smoothing=1: must be at least 2"):
        controller("pd", environment(), smoothing=1)


def integrated(x: np.ndarray, gain: float, integral_gain: float, limit: float, interval: int) -> list[float]:
    found, integral, before = [], 0.0, x[0]
    for now in x:
        grown = integral + 2 * math.pi / PERIOD * interval * (before + now) / 2
        wanted = -gain * now - integral_gain * grown
        outwards = abs(wanted) > limit and integral_gain * (grown - integral) * wanted < 0
        integral, before = integral if outwards else grown, now
        found.append(min(max(-gain * now - integral_gain * integral, -limit), limit))
    return found


@pytest.mark.parametrize("interval", [1, 5])
@pytest.mark.parametrize("limit", [0.05, 100])
def test_the_integral_is_that_of_a_plain_loop(interval, limit):
    loop = environment(f"stimulus.interval={interval}", f"stimulus.amplitude={limit}")
    x = (X + sine(400)).astype(np.float32).astype(float)
    expected = integrated(x[times(400, loop)], 0.1, 0.3, limit, interval)
    np.testing.assert_allclose(kicks("pi", x, loop, gain=0.1, integral_gain=0.3)[:, 0], expected, atol=1e-5 * limit)


def test_the_integral_does_not_wind_up():
    """After a long time at the limit, feedback turns as soon as the signal does, not after as long a time again."""
    loop = environment("stimulus.amplitude=0.1")
    x = np.r_[np.full(2000, 1.0), np.full(100, -1.0)]
    found = kicks("pi", x, loop, gain=0.05, integral_gain=0.05)[:, 0]
    turned = times(2100, loop) >= 2000
    assert found[~turned][-1] == pytest.approx(-0.1, rel=0.1)
    assert (found[turned][40:] > 0).all()
