"""Rates and regularity of spikes."""

import numpy as np
import pytest

from rldbs.analysis.firing import firing
from rldbs.core.cell_network import Spikes


def sorted_spikes(population: np.ndarray, sample: np.ndarray, cell: np.ndarray) -> Spikes:
    order = np.lexsort((cell, sample, population))
    return Spikes(population[order], sample[order], cell[order])


def test_a_clock_has_its_rate_and_no_variation():
    sample = np.arange(0, 100_000, 2000)  # every 20 ms
    found = firing(Spikes(np.zeros_like(sample), sample, np.full_like(sample, 3)), slice(3, 4), 1, 0.01, 0.0, 1000.0)
    assert found.rate[0] == pytest.approx(50.0)
    assert found.cv[0] == pytest.approx(0.0, abs=1e-7)


def test_spikes_at_random_have_a_variation_of_one():
    random = np.random.default_rng(0)
    sample = random.integers(0, 10_000_000, 40_000)  # of 20 cells of two populations, 100 s at 10 Hz
    found = firing(
        sorted_spikes(random.integers(0, 2, 40_000), sample, random.integers(0, 20, 40_000)),
        slice(0, 20),
        2,
        0.01,
        0.0,
        100_000.0,
    )
    np.testing.assert_allclose(found.rate, 10.0, rtol=0.03)
    np.testing.assert_allclose(found.cv, 1.0, rtol=0.03)


def test_only_the_nucleus_and_the_stretch_count():
    population = np.array([0, 0, 0, 0, 1, 1])
    sample, cell = np.array([10, 20, 40, 50, 20, 30]), np.array([1, 1, 1, 0, 2, 1])
    found = firing(Spikes(population, sample, cell), slice(1, 3), 2, 1.0, 15.0, 1015.0)
    np.testing.assert_allclose(found.rate, [1.0, 1.0])
    assert np.isnan(found.cv).all()
    found = firing(Spikes(population, sample, cell), slice(1, 3), 2, 1.0, 0.0, 1000.0)
    np.testing.assert_allclose(found.cv[0], 5.0 / 15.0)


def test_a_stretch_without_length_is_refused():
    with pytest.raises(ValueError, match="a stretch needs an end after its beginning"):
        firing(Spikes(*np.zeros((3, 0), np.int64)), slice(0, 1), 1, 0.01, 5.0, 5.0)
