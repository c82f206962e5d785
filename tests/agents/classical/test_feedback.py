"""Delayed feedback, and feedback through an oscillator: what they do to a rhythm of known phase."""

import numpy as np
import pytest

from rldbs.core.errors import SettingError
from tests.agents.classical.listening import PERIOD, controller, environment, kicks, sine, times

LOOP = environment("stimulus.amplitude=100")
WALK = np.random.default_rng(5).normal(size=600).cumsum() / 10
STEPS = 2000
LATE = times(STEPS, LOOP) > 1400
THETA = 2 * np.pi * times(STEPS, LOOP) / PERIOD
SHARP = {"frequency": 1.0, "damping": 0.3, "integrator": 2.0}


@pytest.mark.parametrize("difference", [False, True])
@pytest.mark.parametrize("delay", [0.25, 1.5])
def test_delayed_feedback_remembers_what_is_older_than_the_window(difference, delay):
    """The window is 78 steps long, the longer delay 150 of them."""
    now = times(600, LOOP)
    now = now[now >= 78 + 150]
    x = WALK.astype(np.float32).astype(float)
    expected = 0.2 * (x[now - round(delay * PERIOD)] - difference * x[now])
    found = kicks("delayed_feedback", x, LOOP, delay=delay, difference=difference, gain=0.2)[-len(now) :, 0]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_is_not_yet_known_counts_as_the_oldest_sample():
    x = WALK.astype(np.float32).astype(float)
    found = kicks("delayed_feedback", x, LOOP, delay=1.5, difference=False, gain=1.0)[:, 0]
    np.testing.assert_allclose(found[:70], x[0], atol=1e-5)


def test_the_difference_knows_no_offset():
    a, b = (kicks("delayed_feedback", sine(600, offset=o), LOOP, delay=0.3, difference=True) for o in (0, 4))
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_the_gain_of_delayed_feedback_fades_in():
    fading = sine(3000) * np.linspace(1, 0, 3000)
    sudden, soft = (kicks("delayed_feedback", fading, LOOP, delay=0.5, fade_in=periods) for periods in (0.0, 5.0))
    gains = np.minimum(np.arange(1, len(sudden) + 1) / (5 * PERIOD), 1.0)[:, None]
    np.testing.assert_allclose(soft, sudden * gains, atol=1e-6)
    assert abs(soft.sum()) < 0.1 * abs(sudden.sum())


def test_nonlinear_delayed_feedback_is_the_cube_of_the_rhythm_ahead_by_the_delay():
    """Z²(t)·Z*(t − τ) of Z = A·exp(iωt) is A³·exp(iω(t + τ))."""
    found = kicks("nonlinear_delayed_feedback", sine(STEPS, 0.5), LOOP, **SHARP, delay=0.3, gain=2.0)[LATE, 0]
    np.testing.assert_allclose(found, 2 * 0.5**3 * np.cos(THETA[LATE] + 2 * np.pi * 0.3), atol=3e-3)


@pytest.mark.parametrize("phase", [0.0, 60.0, -120.0])
def test_the_passive_oscillator_gives_back_the_rhythm_behind_by_the_phase(phase):
    found = kicks("passive_oscillator", sine(STEPS, 0.5, 1.0), LOOP, **SHARP, gain=0.2, phase=phase)[LATE, 0]
    np.testing.assert_allclose(found, -0.2 * 0.5 * np.cos(THETA[LATE] - np.radians(phase)), atol=1e-3)


def test_the_passive_oscillator_without_a_phase_is_the_oscillators_velocity():
    from scipy.integrate import solve_ivp

    omega, x = 2 * np.pi / PERIOD, WALK.astype(np.float32)

    def rates(t, state):
        return [state[1], np.interp(t, np.arange(600), x) - 0.3 * omega * state[1] - omega**2 * state[0]]

    now = times(600, LOOP)
    heard = np.r_[np.arange(0, now[0], 2), now]  # the first window is sampled more coarsely
    x = np.interp(np.arange(600), heard, x[heard])
    velocity = solve_ivp(rates, [0, 599], [0, 0], t_eval=now, rtol=1e-6, atol=1e-6, max_step=5).y[1]
    found = kicks("passive_oscillator", x, LOOP, **SHARP, gain=0.2, phase=0.0)[:, 0]
    np.testing.assert_allclose(found, -0.2 * 0.3 * omega * velocity, atol=1e-4)


def adaptive(x: np.ndarray, **changes) -> np.ndarray:
    values = {**SHARP, "gain": 0.01, "largest_gain": 0.05, "rate": 0.002, "target": 0.2, "phase": 0.0, **changes}
    return kicks("adaptive_feedback", x, LOOP, **values)[:, 0]


def test_the_adaptive_gain_rises_at_its_rate_while_there_is_a_rhythm_up_to_its_largest():
    found = np.abs(adaptive(sine(3000)))
    cycles = found[: len(found) // PERIOD * PERIOD].reshape(-1, PERIOD).max(axis=1)
    np.testing.assert_allclose(np.diff(cycles[5:15]), 0.002, rtol=0.02)
    np.testing.assert_allclose(cycles[-5:], 0.05, rtol=0.01)


def test_the_adaptive_gain_stays_where_the_rhythm_has_gone():
    found = np.abs(adaptive(np.r_[sine(1000), sine(1500, 0.1)]))
    cycles = found[: len(found) // PERIOD * PERIOD].reshape(-1, PERIOD).max(axis=1)
    assert 0.1 * 0.025 < cycles[-1] < 0.1 * 0.035
    np.testing.assert_allclose(cycles[-4:], cycles[-1], rtol=2e-3)


def test_a_gain_that_begins_above_its_largest_is_refused():
    with pytest.raises(SettingError, match=r"agent\.gain=0\.2: must be at most agent\.largest_gain=0\.1"):
        controller("adaptive_feedback", LOOP, gain=0.2, largest_gain=0.1)
