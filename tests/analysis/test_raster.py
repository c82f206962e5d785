"""Which neurons a raster has."""

import numpy as np
import pytest

from rldbs.analysis.raster import NEURONS, watched


@pytest.mark.parametrize("neurons", [1, 30, 100])
def test_of_few_neurons_a_raster_has_all(neurons):
    assert watched(neurons).tolist() == list(range(neurons))


@pytest.mark.parametrize("neurons", [101, 150, 200, 1800, 65_537])
def test_of_many_neurons_a_raster_has_some_from_end_to_end(neurons):
    chosen = watched(neurons)
    apart = np.diff(chosen)
    assert len(chosen) == NEURONS
    assert apart.min() >= 1
    assert apart.max() - apart.min() <= 1
    assert chosen[0] == 0
    assert neurons - 1 - apart.max() <= chosen[-1] < neurons


def test_three_populations_in_order_have_equal_shares_of_a_raster():
    shares = np.bincount(watched(1800) // 600)
    assert shares.max() - shares.min() <= 1
