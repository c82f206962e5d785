"""Bursts: amplitude, threshold, durations; and what is reported of a rate model."""

import numpy as np
import pytest

from rldbs.analysis.bursts import amplitude, bursts, spans, threshold
from rldbs.analysis.metric_definitions import RATE_METRICS, shown_metrics
from rldbs.analysis.rate_metrics import measure_rates, power_and_peak
from rldbs.analysis.trajectory import Trajectory

BAND = (13.0, 30.0)


def sine(size: np.ndarray | float, hertz: float, steps: int) -> np.ndarray:
    return (size * np.sin(2.0 * np.pi * hertz * np.arange(steps) / 1000.0))[None]


def trajectory(x: np.ndarray, kicks: np.ndarray, free: int, onset: int = 0) -> Trajectory:
    episodes, steps = x.shape
    return Trajectory(
        field=np.stack([x, 3.0 * x], axis=2),
        kicks=kicks,
        free=free,
        stimulated=steps - free,
        relaxed=0,
        onset=onset,
        neuron_std_free=np.ones((episodes, 1)),
        neuron_std_stimulated=np.ones((episodes, 1)),
        reward=np.zeros(episodes),
        raster=np.zeros((steps, 1), np.float32),
        raster_stride=1,
        dt=1.0,
        period=50.0,
        threshold=30.0,
        variables=("x", "gpe"),
    )


def test_the_amplitude_is_that_of_what_lies_within_the_band():
    x = 20.0 + sine(3.0, 20.0, 4000) + sine(5.0, 70.0, 4000) + sine(8.0, 3.0, 4000)
    found = amplitude(x, 1.0, BAND)[0, 500:-500]
    np.testing.assert_allclose(found, 3.0, atol=0.1)


def test_bursts_are_what_stays_above_the_threshold_for_long_enough():
    row = np.zeros(1000)
    row[100:300] = row[400:450] = row[900:] = 2.0  # the second one is too short, the third one is cut off by the end
    assert spans(row, 1.0, 1.0) == [(100, 300), (900, 1000)]
    found = bursts(np.stack([row, np.zeros(1000)]), np.array([1.0, 1.0]), 1.0)
    np.testing.assert_allclose(found.duration, [150.0, 0.0])
    np.testing.assert_allclose(found.rate, [2.0, 0.0])
    np.testing.assert_allclose(found.part, [0.3, 0.0])


def test_a_free_population_is_above_its_threshold_a_quarter_of_the_time():
    found = amplitude(np.random.default_rng(0).standard_normal((3, 20_000)), 1.0, BAND)
    np.testing.assert_allclose((found > threshold(found)[:, None]).mean(axis=1), 0.25, atol=1e-3)


def test_time_in_samples_of_another_length_gives_the_same_milliseconds():
    size = np.where((np.arange(8000) // 1000) % 2 == 0, 1.0, 4.0)
    fine, coarse = sine(size, 20.0, 8000), sine(size, 20.0, 8000)[:, ::2]
    one, other = (bursts(amplitude(x, dt, BAND), np.array([2.5]), dt) for x, dt in ((fine, 1.0), (coarse, 2.0)))
    assert one.duration[0] == pytest.approx(1000.0, abs=40.0)
    assert other.duration[0] == pytest.approx(one.duration[0], abs=20.0)
    assert other.part[0] == pytest.approx(0.5, abs=0.02)


def test_power_and_peak_are_those_of_a_sine():
    power, peak = power_and_peak(sine(4.0, 20.0, 5000), 1.0, BAND)
    assert power[0] == pytest.approx(8.0, rel=0.01)
    assert peak[0] == 20.0


def test_a_rhythm_that_ends_has_no_bursts_and_what_ended_it_is_told():
    size = np.concatenate([2.0 + np.sin(2.0 * np.pi * np.arange(6000) / 1000.0), np.full(4000, 0.1)])
    kicks = np.zeros((1, 10_000))
    kicks[0, 6000::4] = 8.0
    found = measure_rates(trajectory(30.0 + sine(size, 20.0, 10_000), kicks, 6000, 1000), BAND)
    assert set(RATE_METRICS) <= found.keys()
    assert 0.2 < found["burst_time_free"][0] <= 0.25
    assert found["burst_duration_free"][0] == pytest.approx(250.0, abs=60.0)
    assert found["burst_rate_free"][0] == pytest.approx(1.0, abs=0.2)
    assert found["burst_time"][0] == found["burst_duration"][0] == found["burst_rate"][0] == 0.0
    assert found["band_power"][0] == pytest.approx(found["beta_power"][0] / found["beta_power_free"][0])
    assert found["band_power"][0] < 0.01
    assert found["duty"][0] == 0.25
    assert found["rms_kick"][0] == pytest.approx(4.0)
    assert (found["rate_stn"][0], found["rate_gpe"][0]) == (pytest.approx(30.0, abs=0.1), pytest.approx(90.0, abs=0.3))
    assert shown_metrics(found.keys())[:2] == ["burst_time_free", "burst_time"]
    assert "floor" not in shown_metrics(found.keys())


def test_a_phase_that_is_too_short_says_nothing_of_bursts():
    found = measure_rates(trajectory(sine(2.0, 20.0, 900), np.zeros((1, 900)), 450), BAND)
    assert np.isnan(found["burst_time"]).all()
    assert np.isfinite(found["rate_stn"]).all()
