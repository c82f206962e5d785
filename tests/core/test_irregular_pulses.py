"""Sensorimotor pulses come as they are said to, however often is asked."""

from itertools import pairwise

import numpy as np
import pytest

from rldbs.core.errors import RunError
from rldbs.core.irregular_pulses import IrregularPulses
from rldbs.core.network_model import Pulses
from rldbs.core.so2012 import SO2012


def train(populations: int = 1, pulses: Pulses = SO2012.background, dt: float = 0.01) -> IrregularPulses:
    return IrregularPulses(pulses, [np.random.default_rng(k) for k in range(populations)], dt)


def at(clock: int, populations: int = 1) -> np.ndarray:
    return np.full(populations, clock, np.int64)


def test_rates_between_pulses_are_gamma_distributed():
    _, onsets = train(20, dt=0.5).currents(at(0, 20), 400_000)
    for of_one in onsets:
        assert 2000 < len(of_one) < 4000
    rates = 2000.0 / np.concatenate([np.diff(of_one) for of_one in onsets])
    assert rates.mean() == pytest.approx(14.0, rel=0.005)
    assert rates.std() == pytest.approx(14.0 / 5.0, rel=0.02)


def test_a_pulse_has_its_amplitude_and_duration():
    current, (onsets,) = train().currents(at(0), 100_000)
    expected = np.zeros(100_000)
    for onset in onsets:
        expected[onset : onset + 500] = 3.5
    np.testing.assert_array_equal(current[0], expected)


@pytest.mark.parametrize("rate", [14.0, 300.0])
def test_parts_are_the_whole(rate):
    """Also where pulses come so quickly that they run into each other."""
    pulses = Pulses("th", 3.5, 5.0, rate, 2.0)
    whole, onsets = train(2, pulses, 0.1).currents(at(7, 2), 5000)
    parts, times, made = [], [[], []], train(2, pulses, 0.1)
    for begin, end in pairwise((0, 1, 1, *range(30, 5000, 35), 5000)):
        current, found = made.currents(at(7 + begin, 2), end - begin)
        parts.append(current)
        for all_of_them, these in zip(times, found, strict=True):
            all_of_them += these
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
    assert times == onsets


def test_a_state_goes_on_and_one_that_cannot_be_is_refused():
    made, other = train(), train()
    made.currents(at(0), 12_345)
    state = made.get_state()
    other.set_state(state, at(12_345))
    np.testing.assert_array_equal(made.currents(at(12_345), 20_000)[0], other.currents(at(12_345), 20_000)[0])
    with pytest.raises(RunError, match="saved state last, next"):
        other.set_state(state | {"next": at(12)}, at(12_345))
    with pytest.raises(RunError, match="saved state generators"):
        other.set_state(state | {"generators": np.zeros((1, 6), np.uint64)}, at(12_345))


def test_a_pulse_that_hardly_ever_comes_is_none():
    """Rates of a gamma distribution of small shape are 0 for a computer."""
    pulses = Pulses("th", 3.5, 5.0, 14.0, 1e-3)
    made = train(200, pulses, 0.1)
    current, _ = made.currents(at(0, 200), 100)
    assert (made.coming > 10**15).any()
    assert current.shape == (200, 100)
