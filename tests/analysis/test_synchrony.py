"""Measures of synchrony tell desynchronisation from a rhythm that has moved and from oscillators that are arrested."""

from pathlib import Path

import numpy as np
import pytest

from rldbs.analysis.synchrony import Synchrony, synchrony, verdict
from rldbs.core.coupling_modes import kernel_of, modes_of
from rldbs.core.errors import SettingError
from rldbs.core.phase_network import PhaseNetwork, Recorded
from rldbs.core.tissue import distances, line, tissue

DATA = Path(__file__).parents[1] / "data"


def seen(x: np.ndarray, y: np.ndarray | None = None, rate: float = 20.0) -> Recorded:
    y = np.zeros_like(x) if y is None else y
    return Recorded(x[None, :, None], y[None, :, None], np.full((1, len(x)), rate))


@pytest.mark.parametrize("dt", [0.5, 2.0])
def test_a_sine_has_its_power_at_its_frequency(dt):
    t = np.arange(0, 8000, dt)
    found = synchrony(seen(0.5 + 0.3 * np.sin(2 * np.pi * 0.020 * t)), 100, dt)
    assert found.band_power == pytest.approx([0.3**2 / 2], rel=1e-6)
    assert found.total_power == pytest.approx(found.band_power, rel=1e-6)
    assert found.peak_frequency == pytest.approx([20.0])
    assert found.rate == [20.0]


def test_power_outside_the_band_is_in_the_total_alone():
    t = np.arange(0, 8000, 0.5)
    found = synchrony(seen(0.2 * np.sin(2 * np.pi * 0.040 * t)), 100, 0.5)
    assert found.band_power[0] < 1e-3 * found.total_power[0]
    assert synchrony(seen(0.2 * np.sin(2 * np.pi * 0.040 * t)), 100, 0.5, (35.0, 45.0)).band_power > 0.019


def test_the_order_parameter_is_in_units_of_chance():
    t = np.arange(0, 2000, 0.5)
    angle = 2 * np.pi * 0.02 * t
    found = synchrony(seen(0.4 * np.cos(angle), 0.4 * np.sin(angle)), 400, 0.5)
    assert found.order == pytest.approx([0.4])
    assert found.order_over_floor == pytest.approx([0.4 * 40 / np.sqrt(np.pi)])


def of(order: float, band: float, total: float, rate: float = 20.0) -> Synchrony:
    numbers = (order, order / 0.04, band, total, 18.0, rate)
    return Synchrony(*(np.array([0.9 * number, number, 1.1 * number]) for number in numbers))


@pytest.mark.parametrize(
    ("stimulated", "words"),
    [
        (of(0.8, 0.3, 0.35), ""),
        (of(0.1, 0.002, 0.003), "suppressed"),
        (of(0.75, 0.05, 0.3), "shifted"),
        (of(0.1, 0.0, 0.001, rate=2.0), "quenched"),
        (of(0.9, 0.0, 0.001, rate=0.0), "quenched"),
        (of(0.5, 0.1, 0.12), ""),
    ],
)
def test_what_is_said_of_it(stimulated, words):
    assert verdict(of(0.8, 0.3, 0.35), stimulated) == words


def test_high_frequency_stimulation_of_the_published_environment_shifts_its_rhythm():
    """β falls to less than a third, as published; the order parameter hardly changes, and power appears above."""
    with np.load(DATA / "kuramoto_env0_pulsed.npz") as grid, np.load(DATA / "kuramoto_original_off.npz") as data:
        where = 0.1 * grid["grid"]
        modes = modes_of(kernel_of("cosine", distances(where, where)), 512, 1e-6)
        network = PhaseNetwork(
            tissue(where, modes, data["conductance"][None]),
            coupling=52.0,
            noise=0.0,
            response="flat",
            transient=0,
        )
        network.kernel.frequency[:] = data["omega"] / 10.0
        network.phase[:] = data["theta_start"]
    pulses = 500.0 * (np.arange(12_000) % 16 < 2)
    free = network.advance(np.zeros((1, 12_000, 1)))
    stimulated = network.advance(pulses[None, :, None])
    low, high = ([synchrony(part, 512, 0.5, band) for part in (free, stimulated)] for band in ((12.5, 21), (21, 35)))
    assert low[1].band_power < low[0].band_power / 3
    assert high[1].band_power > 1.5 * high[0].band_power
    assert low[1].order > 0.7 * low[0].order
    assert low[1].peak_frequency > 21.0 > low[0].peak_frequency
    assert low[0].order_over_floor < 2.5
    assert verdict(*low) == "shifted"


def test_type_two_stimulation_that_is_strong_and_constant_arrests():
    network = PhaseNetwork(tissue(line(64, 1.0)), noise=0.0, coupling=20.0, response="type2")
    free = network.advance(np.zeros((1, 2000, 1)))
    network.advance(np.full((1, 1000, 1), 500.0))
    stimulated = network.advance(np.full((1, 2000, 1), 500.0))
    measures = [synchrony(part, 64, 0.5) for part in (free, stimulated)]
    assert measures[1].order > 0.9
    assert measures[1].total_power < 1e-6
    assert verdict(*measures) == "quenched"


def test_a_stretch_that_is_shorter_than_a_window_has_no_spectrum():
    short, long = (synchrony(seen(np.zeros(steps)), 10, 0.5) for steps in (1999, 2000))
    assert np.isnan(short.total_power).all()
    assert np.isnan(short.peak_frequency).all()
    assert np.isfinite(long.total_power).all()
    np.testing.assert_array_equal(short.order, long.order)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"steps": 0}, "no steps to measure"),
        ({"neurons": 0}, "neurons: must be a whole number from 1"),
        ({"neurons": 2.5}, "neurons: must be a whole number from 1"),
        ({"dt": -1.0}, "dt: must be a finite number above 0, is -1.0"),
        ({"dt": 0}, "dt: must be a finite number above 0, is 0"),
        ({"band": (30.0, 13.0)}, r"band: must be two rising frequencies above 0, in Hz, is \(30.0, 13.0\)"),
        ({"band": (0.0, 13.0)}, "band: must be two rising"),
        ({"band": (13.0, np.nan)}, "band: must be two rising"),
        ({"band": 13.0}, "band: must be two rising"),
        ({"band": ("low", "high")}, "band: must be two rising"),
        ({"window": 1}, "window: must be a whole number from 2"),
        ({"window": 4}, "window: 4 steps of 0.5 ms tell no frequency from 1 to 60 Hz"),
    ],
)
def test_what_cannot_be_measured_is_refused(wrong, words):
    given = {"steps": 2000, "neurons": 10, "dt": 0.5} | wrong
    with pytest.raises(SettingError, match=words):
        synchrony(seen(np.zeros(given.pop("steps"))), **given)


def test_what_no_network_has_shown_is_refused():
    with pytest.raises(SettingError, match=r"seen: must be what PhaseNetwork\.advance gives, is None"):
        synchrony(None, 10, 0.5)
