import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rldbs.control.stimulus import ChargeBalanced, Delta, Pulse, Rectangular, level_values
from rldbs.core.errors import SettingError


def test_delta_kicks_once_at_the_first_step_of_the_interval():
    kicks = Delta(amplitude=0.5, interval=4).kicks(np.array([[1.0], [-0.2]]))
    np.testing.assert_array_equal(kicks, [[0.5, 0, 0, 0], [-0.1, 0, 0, 0]])


def test_rectangular_lasts_for_its_width():
    kicks = Rectangular(amplitude=0.5, interval=4, width=3).kicks(np.array([[1.0], [-0.2]]))
    np.testing.assert_array_equal(kicks, [[0.5, 0.5, 0.5, 0], [-0.1, -0.1, -0.1, 0]])


def test_charge_balanced_has_the_opposite_charge_after_a_gap():
    kicks = ChargeBalanced(amplitude=0.5, interval=8, width=2, gap=1, recovery=4).kicks(np.array([[1.0]]))
    np.testing.assert_array_equal(kicks, [[0.5, 0.5, 0, -0.25, -0.25, -0.25, -0.25, 0]])


sizes = st.floats(-1, 1, allow_subnormal=False)


@given(action=sizes, width=st.integers(1, 7), gap=st.integers(0, 5), more=st.integers(0, 9), rest=st.integers(0, 4))
def test_charge_of_a_balanced_pulse_is_zero_and_no_kick_above_the_amplitude(action, width, gap, more, rest):
    recovery = width + more
    stimulus = ChargeBalanced(0.3, width + gap + recovery + rest, width=width, gap=gap, recovery=recovery)
    kicks = stimulus.kicks(np.array([[action]]))
    assert abs(kicks.sum()) <= 1e-15 * np.abs(kicks).sum() + 1e-300
    assert np.abs(kicks).max() <= 0.3 * abs(action) * (1 + 1e-15)


@given(action=st.tuples(sizes, sizes, sizes))
def test_charge_of_a_chosen_pulse_is_zero(action):
    kicks = Pulse(0.3, interval=12, widest=4, longest_gap=3, recovery=5).kicks(np.array([action]))
    assert abs(kicks.sum()) <= 1e-15 * np.abs(kicks).sum() + 1e-300
    assert np.abs(kicks).max() <= 0.3


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ([1, -1, -1], [1, -0.25, -0.25, -0.25, -0.25, 0, 0, 0, 0, 0]),
        ([-1, 1, -1], [-1, -1, -1, 0.75, 0.75, 0.75, 0.75, 0, 0, 0]),
        ([1, -1, 1], [1, 0, 0, 0, -0.25, -0.25, -0.25, -0.25, 0, 0]),
        ([0.5, 0, 0.3], [0.5, 0.5, 0, 0, -0.25, -0.25, -0.25, -0.25, 0, 0]),
    ],
)
def test_pulse_has_the_chosen_amplitude_width_and_gap(action, expected):
    np.testing.assert_array_equal(Pulse(interval=10).kicks(np.array([action], float)), [expected])


def test_levels_are_equally_spaced_and_the_nearest_is_taken():
    np.testing.assert_allclose(level_values(21), np.arange(21) / 10 - 1, atol=1e-15)
    assert level_values(21)[10] == 0.0
    stimulus = Delta(amplitude=0.5, levels=3)
    np.testing.assert_array_equal(stimulus.kicks(np.array([[-0.9], [-0.4], [0.6]])), [[-0.5], [0], [0.5]])


@pytest.mark.parametrize("stimulus", [Delta, Rectangular, ChargeBalanced, Pulse])
def test_a_device_cuts_large_kicks_and_rounds_to_what_it_can_deliver(stimulus):
    actions = np.zeros((5, stimulus.action_size))
    actions[:, 0] = [-1.0, -0.34, 0.04, 0.36, 0.9]
    first = stimulus(0.5, 10, saturation=0.4).kicks(actions)[:, 0]
    np.testing.assert_allclose(first, [-0.2, -0.17, 0.02, 0.18, 0.2])
    first = stimulus(0.5, 10, resolution=0.3).kicks(actions)[:, 0]
    np.testing.assert_allclose(first, [-0.45, -0.15, 0, 0.15, 0.45])
    first = stimulus(0.5, 10, saturation=0.4, resolution=0.3).kicks(actions)[:, 0]
    np.testing.assert_allclose(first, [-0.15, -0.15, 0, 0.15, 0.15])  # multiples of the resolution only
    assert abs(stimulus(0.5, 10, resolution=0.6).kicks(actions)).max() == 0.3  # never more than the amplitude


@pytest.mark.parametrize("stimulus", [Delta, Rectangular, ChargeBalanced])
def test_every_level_is_kept_as_it_is(stimulus):
    values = level_values(21)[:, None]
    np.testing.assert_array_equal(stimulus(levels=21).kicks(values), stimulus().kicks(values))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rectangular(interval=2, width=3), "stimulus.interval=2: must be at least stimulus.width=3"),
        (lambda: ChargeBalanced(interval=3, gap=1), "width=1 . stimulus.gap=1 . stimulus.recovery=2"),
        (lambda: ChargeBalanced(interval=9, width=3), "stimulus.recovery=2: must be at least stimulus.width=3"),
        (lambda: Pulse(interval=5), "stimulus.interval=5: must be at least stimulus.widest=3"),
        (lambda: Pulse(interval=20, widest=9), "stimulus.recovery=4: must be at least stimulus.widest=9"),
    ],
)
def test_a_pulse_that_does_not_fit_is_refused(make, message):
    with pytest.raises(SettingError, match=message):
        make()
