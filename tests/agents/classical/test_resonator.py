"""The oscillator and the integrator, against a general solver; phase and amplitude, against the rhythm itself."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from rldbs.agents.classical.oscillator import PassiveOscillatorSettings
from rldbs.agents.classical.resonator import Resonator, advanced, exponential
from tests.agents.classical.listening import PERIOD, environment, sine, times, windows


@pytest.mark.parametrize("time", [0.01, 1.0, 30.0])
def test_the_exponential_of_a_matrix(time):
    matrix = np.random.default_rng(2).normal(size=(5, 5))
    np.testing.assert_allclose(exponential(matrix.tolist(), time), expm(matrix * time), rtol=1e-10 * max(time, 1))


@pytest.mark.parametrize("steps", [1, 7])
def test_the_oscillator_is_integrated_exactly(steps):
    frequency, damping, integrator = 0.06, 0.02, 300.0
    resonator = Resonator(frequency, damping, integrator)
    drive = np.random.default_rng(3).normal(size=13)

    def rates(t, state):
        u, velocity, integral = state
        s = np.interp(t, np.arange(13) * steps, drive)
        return [velocity, s - damping * velocity - frequency**2 * u, (velocity - integral) / integrator]

    state, expected = np.zeros((3, 1)), np.zeros(3)
    for k in range(12):
        state = advanced(resonator.steps(steps), state, drive[k : k + 1], (drive[k + 1 :][:1] - drive[k]) / steps)
        expected = solve_ivp(rates, [k * steps, (k + 1) * steps], expected, rtol=1e-11, atol=1e-13).y[:, -1]
    np.testing.assert_allclose(state[:, 0], expected, rtol=1e-6)


def phasors(x, loop, **changes):
    settings = {"frequency": 1.0, "damping": 0.3, "integrator": 2.0, **changes}
    rhythm = PassiveOscillatorSettings(
        channel=0, offset=0.0, baseline=None, smoothing=1, **settings, gain=1.0, phase=0.0
    ).rhythm(loop)
    return np.array([rhythm.follow(seen) for seen in windows(x, loop)])[:, :, 0]


@pytest.mark.parametrize("interval", [1, 5])
def test_phase_and_amplitude_of_a_rhythm_with_noise_and_an_offset(interval):
    loop = environment(f"stimulus.interval={interval}")
    x = sine(2500, amplitude=0.7, offset=2.0) + np.random.default_rng(4).normal(size=2500) * 0.2
    found, late = phasors(x, loop), times(2500, loop) > 1500
    error = np.angle((found[:, 0] + 1j * found[:, 1]) * np.exp(-2j * np.pi * times(2500, loop) / PERIOD), deg=True)
    assert np.abs(error[late]).mean() < (4 if interval == 1 else 8)
    assert np.hypot(*found[late].T).mean() == pytest.approx(0.7, rel=0.05)


def test_an_offset_is_no_rhythm():
    found = phasors(np.full(3000, 5.0), environment(), integrator=1.0)
    assert np.abs(found[-1]).max() < 1e-6


def test_the_first_window_is_known_at_the_first_decision():
    loop = environment("recording.length=400", "recording.stride=1")
    found, now = phasors(sine(400), loop)[0], 399
    assert np.angle(complex(*found) * np.exp(-2j * np.pi * now / PERIOD), deg=True) == pytest.approx(0, abs=5)
