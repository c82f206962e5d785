"""Trains have the frequency, width and charge that they are said to have."""

import numpy as np
import pytest

from rldbs.core.errors import SettingError
from rldbs.core.pulse_trains import pulse_train


@pytest.mark.parametrize("frequency", [20.0, 130.0, 185.0])
@pytest.mark.parametrize("dt", [0.01, 0.025])
def test_pulses_come_with_the_frequency_on_the_whole(frequency, dt):
    current = pulse_train(round(10_000 / dt), dt, frequency, 300.0, 300.0)
    onset = np.flatnonzero(np.diff(current, prepend=0.0) > 0.0)
    assert len(onset) == 10 * frequency
    np.testing.assert_allclose(onset * dt, np.arange(len(onset)) * 1000.0 / frequency, atol=dt / 2 + 1e-9)
    assert np.count_nonzero(current) == len(onset) * round(0.3 / dt)
    assert set(current.tolist()) == {0.0, 300.0}


def test_balanced_pulses_leave_no_charge_and_depolarise_first():
    current = pulse_train(100_000, 0.01, 100.0, 1000.0, 60.0, balanced=True)
    assert current.sum() == 0.0
    assert np.abs(current).sum() == 100 * 12 * 1000.0
    np.testing.assert_array_equal(current[1000:1013], [1000.0] * 6 + [-1000.0] * 6 + [0.0])


@pytest.mark.parametrize("steps", [0, 1, 7, 769, 771])
def test_a_train_is_cut_off_where_it_ends(steps):
    long = pulse_train(5000, 0.01, 130.0, 300.0, 60.0, balanced=True)
    np.testing.assert_array_equal(pulse_train(steps, 0.01, 130.0, 300.0, 60.0, balanced=True), long[:steps])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((10, 0.025, 130.0, 300.0, 60.0), "width: must be a whole number of steps of 25 µs, is 60 µs"),
        ((10, 0.01, 130.0, 300.0, 0.0), "width: must be a finite number above 0"),
        ((10, 0.01, 0.0, 300.0, 60.0), "frequency: must be a finite number above 0"),
        ((10, 0.01, 130.0, np.inf, 60.0), "amplitude: must be a finite number"),
        ((1000, 0.01, 130.0, 300.0, 8000.0), "width: pulses of 8000 µs run into each other at 130 Hz"),
        ((10, 0.01, 1e9, 300.0, 1e9), "width: pulses of 1e.09 µs run into each other"),
        ((-1, 0.01, 130.0, 300.0, 60.0), "steps: must be a whole number from 0"),
    ],
)
def test_trains_that_cannot_be_are_refused(arguments, words):
    with pytest.raises(SettingError, match=words):
        pulse_train(*arguments)


def test_a_pulse_that_no_other_follows_is_one():
    current = pulse_train(10, 5e-324, 5e-324, 300.0, 1e-320)
    np.testing.assert_array_equal(current[:1], 300.0)
    assert len(current) == 10


def test_two_phases_need_twice_the_time():
    pulse_train(1000, 0.01, 130.0, 300.0, 7000.0)
    with pytest.raises(SettingError, match="run into each other"):
        pulse_train(1000, 0.01, 130.0, 300.0, 7000.0, balanced=True)
    with pytest.raises(SettingError, match="balanced: must be true or false, is 1"):
        pulse_train(10, 0.01, 130.0, 300.0, 60.0, balanced=1)  # type: ignore[arg-type]
