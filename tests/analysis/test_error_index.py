"""The error index counts as the published program does."""

from pathlib import Path

import numpy as np
import pytest

from rldbs.analysis.error_index import error_index
from rldbs.core.cell_network import Onsets, Spikes

DATA = Path(__file__).parents[1] / "data"


def spikes_of(cells: dict[int, list[int]]) -> Spikes:
    """Of one population, by cell."""
    pairs = sorted((sample, cell) for cell, samples in cells.items() for sample in samples)
    sample, cell = np.array(pairs, np.int64).reshape(-1, 2).T
    return Spikes(np.zeros(len(sample), np.int64), sample, cell)


def onsets_of(samples: list[int]) -> Onsets:
    return Onsets(np.zeros(len(samples), np.int64), np.array(samples, np.int64))


def index(cells: dict[int, list[int]], pulses: list[int], end: float = 1000.0) -> float:
    """With steps of 1 ms."""
    return float(error_index(spikes_of(cells), onsets_of(pulses), slice(0, len(cells)), 1, 1.0, end)[0])


@pytest.mark.parametrize("name", ["healthy", "pd", "pd_dbs130", "pd_balanced100"])
def test_it_is_that_of_the_references(name):
    with np.load(DATA / f"so2012_{name}.npz") as data:
        sample, cell = data["spikes_TH"].astype(np.int64).T
        spikes, pulses = Spikes(np.zeros_like(sample), sample, cell), onsets_of(data["smc_onset"].tolist())
        found = error_index(spikes, pulses, slice(0, 10), 1, 0.01, 2000.0)
        assert found[0] == pytest.approx(float(data["error_index"]), abs=1e-12)


@pytest.mark.parametrize(
    ("spikes", "errors"),
    [
        ([210, 310], 0),
        ([200, 324], 0),  # at the pulse itself, and in the last ms of the window
        ([210], 1),  # none
        ([210, 212, 310], 1),  # two
        ([210, 240, 310], 1),  # late
        ([240, 310], 2),  # late, and none in time
        ([225, 310], 2),  # the window is over
        ([150, 199, 210, 310], 0),  # before it counts
        ([210, 310, 340, 999], 2),  # after the last window, to the end
        ([210, 310, 1000], 0),
    ],
)
def test_a_pulse_is_followed_by_one_spike_and_by_no_other(spikes, errors):
    assert index({0: spikes}, [200, 300]) == errors / 2


def test_only_pulses_count_whose_window_lies_within():
    assert index({0: [210, 310]}, [150, 200, 300, 976]) == 0.0  # the last one's window ends at 1001
    assert index({0: [210, 310]}, [150, 200, 300, 975]) == pytest.approx(1 / 3)
    assert np.isnan(index({0: [210]}, [150]))


def test_it_is_the_mean_of_cells_and_by_itself_in_each_population():
    assert index({0: [210], 1: []}, [200]) == 0.5
    spikes = Spikes(np.array([0, 1, 1]), np.array([210, 205, 210]), np.array([0, 0, 1]))
    pulses = Onsets(np.array([0, 1]), np.array([200, 190]))
    found = error_index(spikes, pulses, slice(0, 1), 3, 1.0, 300.0, begin=180.0)
    np.testing.assert_array_equal(found, [0.0, 0.0, np.nan])
