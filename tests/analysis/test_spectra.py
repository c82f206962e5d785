"""Spectra of spikes are those of known trains."""

import numpy as np
import pytest

from rldbs.analysis.network_metrics import spike_power
from rldbs.analysis.spectra import power_within, spike_spectrum, welch_spectrum
from rldbs.core.cell_network import Spikes

DT = 0.01
CELLS = slice(10, 20)
TIME = 4000.0


def train(rate: np.ndarray, seed: int = 0, population: int = 0) -> Spikes:
    """Spikes of ten cells at random, rate[k] in Hz in each ms."""
    random = np.random.default_rng(seed)
    many = random.poisson(rate / 1000.0, (10, len(rate)))
    cell, ms = (np.repeat(index, many[many > 0]) for index in np.nonzero(many))
    sample = np.floor((ms + random.random(len(ms))) / DT).astype(np.int64)
    order = np.lexsort((cell, sample))
    return Spikes(np.full(len(cell), population), sample[order], cell[order] + CELLS.start)


def test_spikes_at_random_have_their_rate_at_every_frequency():
    spikes = train(np.full(int(TIME), 40.0))
    frequency, density = spike_spectrum(spikes, CELLS, 1, DT, 0.0, TIME)
    rate = len(spikes.cell) / 10 / TIME * 1000.0
    assert frequency[-1] == 500.0
    assert density[0, 5:200].mean() == pytest.approx(rate, rel=0.05)
    assert density[0, 400:].mean() == pytest.approx(rate, rel=0.03)


def test_a_rhythm_of_the_rate_is_a_peak_of_its_power():
    """A rate of 40 + 30·sin has 30²/4 (spk/s)² at each sign of its frequency."""
    ms = np.arange(int(TIME))
    spikes = train(40.0 + 30.0 * np.sin(2.0 * np.pi * 0.020 * ms))
    frequency, density = spike_spectrum(spikes, CELLS, 1, DT, 0.0, TIME)
    assert frequency[density[0].argmax()] == pytest.approx(20.0, abs=1.5)
    chance = 40.0 * (23.0 - 17.0 + 0.5)
    assert power_within(frequency, density, (17.0, 23.0))[0] - chance == pytest.approx(225.0, rel=0.15)


def test_a_clock_does_not_beat_with_the_bins():
    sample = np.round(np.arange(0.0, TIME, 1000.0 / 130.0) / DT).astype(np.int64)
    spikes = Spikes(np.zeros(len(sample), np.int64), sample, np.full(len(sample), CELLS.start))
    frequency, density = spike_spectrum(spikes, CELLS, 1, DT, 0.0, TIME)
    assert frequency[density[0].argmax()] == pytest.approx(130.0, abs=1.5)
    assert density[0, frequency < 60.0].max() < 1e-5 * density[0].max()


def test_a_population_has_its_own_spectrum_whoever_is_beside_it():
    first, second = train(np.full(1000, 20.0)), train(np.full(1000, 60.0), 1, population=1)
    both = Spikes(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))
    _, together = spike_spectrum(both, CELLS, 2, DT, 0.0, 1000.0)
    _, alone = spike_spectrum(first, CELLS, 1, DT, 0.0, 1000.0)
    np.testing.assert_array_equal(together[0], alone[0])
    assert together[1].mean() > 2.0 * together[0].mean()


def test_other_cells_and_other_times_do_not_count():
    spikes = train(np.full(1000, 50.0))
    assert not spike_spectrum(spikes, slice(0, 10), 1, DT, 0.0, 1000.0)[1].any()
    assert not spike_spectrum(spikes, CELLS, 1, DT, 1000.0, 2000.0)[1].any()


def test_a_short_stretch_tells_nothing():
    spikes = train(np.full(1000, 50.0))
    with pytest.raises(ValueError, match="needs at least 500 ms, got 400"):
        spike_spectrum(spikes, CELLS, 1, DT, 0.0, 400.0)
    assert np.isnan(spike_power(spikes, CELLS, 1, DT, 0.0, 400.0, (13.0, 30.0))).all()


def test_power_of_a_sine_is_half_its_square():
    time = np.arange(5000.0)
    x = 4.0 * np.sin(2.0 * np.pi * 0.020 * time)[None]
    assert power_within(*welch_spectrum(x, 1.0), (13.0, 30.0))[0] == pytest.approx(8.0, rel=0.01)
