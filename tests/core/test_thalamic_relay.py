"""What the thalamus passes on, counted as it happens, is what counts at the end."""

from itertools import pairwise

import numpy as np
import pytest

from rldbs.analysis.error_index import error_index
from rldbs.core.cell_network import Onsets, Spikes
from rldbs.core.thalamic_relay import Relay

WINDOW, LENGTH = 2500, 60_000


def by_chance(seed: int) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Onsets of pulses, and sorted spikes of three cells: samples and whose they are."""
    random = np.random.default_rng(seed)
    onsets = np.cumsum(random.integers(3000, 9000, 20))
    sample = random.integers(1, LENGTH, 40)
    cell = random.integers(0, 3, 40)
    order = np.lexsort((cell, sample))
    return onsets[onsets < LENGTH].tolist(), sample[order], cell[order]


def relayed(given: tuple[list[int], np.ndarray, np.ndarray], parts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    onsets, sample, cell = given
    heard, pulses, errors = np.zeros(3, np.int64), [], []
    for begin, end in pairwise(parts):
        last = max([onset for onset in onsets if onset < begin], default=-500)
        now = [onset for onset in onsets if begin <= onset < end]
        coming = min([onset for onset in onsets if onset >= end], default=2 * LENGTH)
        mine = (sample > begin) & (sample <= end)
        found = Relay(heard, WINDOW).follow(begin, (end - begin) // 10, 10, last, coming, now, sample[mine], cell[mine])
        pulses.append(found.pulses)
        errors.append(found.errors)
    return np.concatenate(pulses), np.concatenate(errors)


def test_parts_are_the_whole():
    for seed in range(5):
        given = by_chance(seed)
        whole, parts = relayed(given, [0, LENGTH]), relayed(given, [0, 10, 4000, 4500, 17_000, 40_000, LENGTH])
        for one, other in zip(whole, parts, strict=True):
            np.testing.assert_allclose(one, other)


@pytest.mark.parametrize("seed", range(5))
def test_a_window_that_is_open_between_calls_is_cut_by_a_pulse_as_within_one(seed):
    """Pulses come before windows end, at and about the borders of calls, and spikes with them."""
    random = np.random.default_rng(seed)
    onsets = 10 * np.cumsum(random.integers(50, 400, 25))
    onsets = onsets[onsets < LENGTH]
    sample = np.concatenate([10 * random.integers(1, LENGTH // 10, 60), random.choice(onsets, 20)])
    cell = random.integers(0, 3, 80)
    order = np.lexsort((cell, sample))
    given = onsets.tolist(), sample[order], cell[order]
    borders = [*onsets[::2], *(onsets[1::4] + 10), *(onsets[3::4] - 10)]
    whole, parts = relayed(given, [0, LENGTH]), relayed(given, sorted({0, *borders, LENGTH}))
    assert whole[0].sum() == len(onsets) - (onsets[-1] + WINDOW > LENGTH)
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other)


def test_their_sum_is_the_error_index():
    for seed in range(20):
        onsets, sample, cell = by_chance(seed)
        pulses, errors = relayed((onsets, sample, cell), [0, LENGTH])
        closed = [onset for onset in onsets if onset <= LENGTH - WINDOW]
        assert pulses.sum() == len(closed)
        open_window = sum(sample > onsets[-1]) if len(closed) < len(onsets) else 0
        index = error_index(
            Spikes(np.zeros(40, np.int64), sample, cell),
            Onsets(np.zeros(len(onsets), np.int64), np.array(onsets)),
            slice(0, 3),
            1,
            0.01,
            (LENGTH + 1) * 0.01 if not open_window else LENGTH * 0.01,
            begin=0.0,
        )
        np.testing.assert_allclose(errors.sum(), index[0] * len(closed), atol=1e-9)


def test_each_error_is_told_when_it_is_one():
    heard = np.zeros(1, np.int64)
    found = Relay(heard, 25).follow(0, 20, 10, -1, 400, [20], np.array([70, 80]), np.zeros(2, np.int64))
    assert np.flatnonzero(found.pulses).tolist() == [4]  # samples 41 to 50: the window ends with sample 45
    assert found.errors[4] == 1.0  # nothing came within it
    assert found.errors[[6, 7]].tolist() == [1.0, 1.0]
    assert found.errors.sum() == 3.0
