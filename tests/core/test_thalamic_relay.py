"""What the thalamus passes on, counted as it happens, is what counts at the end."""

from itertools import pairwise

import numpy as np

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


def relayed(seed: int, parts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    onsets, sample, cell = by_chance(seed)
    heard, pulses, errors = np.zeros(3, np.int64), [], []
    for begin, end in pairwise(parts):
        last = max([onset for onset in onsets if onset < begin], default=-500)
        now = [onset for onset in onsets if begin <= onset < end]
        mine = (sample > begin) & (sample <= end)
        found = Relay(heard, WINDOW).follow(begin, (end - begin) // 10, 10, last, now, sample[mine], cell[mine])
        pulses.append(found.pulses)
        errors.append(found.errors)
    return np.concatenate(pulses), np.concatenate(errors)


def test_parts_are_the_whole():
    for seed in range(5):
        whole, parts = relayed(seed, [0, LENGTH]), relayed(seed, [0, 10, 4000, 4500, 17_000, 40_000, LENGTH])
        for one, other in zip(whole, parts, strict=True):
            np.testing.assert_allclose(one, other)


def test_their_sum_is_the_error_index():
    for seed in range(20):
        onsets, sample, cell = by_chance(seed)
        pulses, errors = relayed(seed, [0, LENGTH])
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
    found = Relay(heard, 25).follow(0, 20, 10, -1, [20], np.array([70, 80]), np.zeros(2, np.int64))
    assert np.flatnonzero(found.pulses).tolist() == [4]  # samples 41 to 50: the window ends with sample 45
    assert found.errors[4] == 1.0  # nothing came within it
    assert found.errors[[6, 7]].tolist() == [1.0, 1.0]
    assert found.errors.sum() == 3.0
