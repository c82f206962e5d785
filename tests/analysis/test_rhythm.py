import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rldbs.analysis.rhythm import rhythm_period, spectrum


def bursts(steps, period, random):
    """Bursts of a third of the period with spikes every 60 samples, as a bursting population has them."""
    step = np.arange(steps) + random.uniform(0, period)
    inside = 1 / (1 + np.exp(-20 * (np.cos(2 * np.pi * step / period) - 0.5)))
    spikes = np.exp(10 * (np.cos(2 * np.pi * step / 60) - 1))
    return inside * (0.5 + spikes) - 1.4


@given(
    st.floats(25, 400),
    st.floats(0, 2 * np.pi),
    st.floats(0, 0.3),
    st.floats(-20, 20),
)
@settings(max_examples=40, deadline=None)
def test_period_of_a_sine_is_found_under_noise_and_offset(period, phase, noise, offset):
    step = np.arange(4000)
    x = np.sin(2 * np.pi * step / period + phase) + offset
    x += np.random.default_rng(0).normal(0, noise, step.size)
    assert rhythm_period(x) == pytest.approx(period, rel=0.002 + 0.15 * noise)


def test_period_of_bursts_is_not_that_of_their_spikes():
    x = bursts(20_000, 1400, np.random.default_rng(1))
    assert rhythm_period(x) == pytest.approx(1400, rel=0.02)
    assert rhythm_period(x + np.linspace(0, 5, x.size)) == pytest.approx(1400, rel=0.02)


def test_several_populations_are_one_rhythm():
    random = np.random.default_rng(2)
    step = np.arange(2000)
    x = np.stack([np.sin(2 * np.pi * step / 162 + phase) for phase in (0, 2, 4)])
    x += random.normal(0, 0.3, x.shape)
    x[1] = 0.5  # a population that stands still says nothing
    assert rhythm_period(x) == pytest.approx(162, rel=0.02)


@pytest.mark.parametrize("x", [np.full(1000, 0.1), np.zeros(1000), np.full(1000, np.nan), np.arange(10.0)])
def test_no_rhythm_is_nan(x):
    assert np.isnan(rhythm_period(x))


def test_minimum_leaves_out_faster_rhythms():
    step = np.arange(4000)
    x = 2 * np.sin(2 * np.pi * step / 30) + np.sin(2 * np.pi * step / 200)
    assert rhythm_period(x) == pytest.approx(30, rel=0.01)
    assert rhythm_period(x, minimum=100) == pytest.approx(200, rel=0.01)


def test_spectrum_holds_the_variance_at_the_right_frequency():
    dt = 0.2
    time = np.arange(8000) * dt
    frequency, power = spectrum(3 + 2 * np.sin(2 * np.pi * 0.05 * time), dt)
    assert frequency[power.argmax()] == pytest.approx(0.05, rel=0.01)
    assert (power * np.diff(frequency, prepend=0)).sum() == pytest.approx(2, rel=0.01)
    with pytest.raises(ValueError, match="at least 8 samples"):
        spectrum(np.zeros(7), dt)
