"""Pulses in µs and trains in Hz: balanced, cathodic first, on whole steps, and periodic where actions are equal."""

import numpy as np
import pytest

from rldbs.control.contacts import at_contacts
from rldbs.control.stimulus import Delta
from rldbs.control.timed_stimuli import Biphasic, Train, fitted
from rldbs.core.errors import SettingError
from tests.core.test_cell_ensemble import settings


def kicks(stimulus: object, *actions: float) -> np.ndarray:
    return fitted(stimulus, settings()).kicks(np.array([actions]))[0]  # type: ignore[arg-type]


def onsets_of(given: np.ndarray) -> np.ndarray:
    return np.flatnonzero((given > 0.0) & (np.concatenate([[0.0], given[:-1]]) <= 0.0))


def test_a_pulse_is_cathodic_first_and_leaves_no_charge():
    given = kicks(Biphasic(amplitude=100.0, width=60.0, gap=20.0, recovery=120.0), 0.5)
    assert given.shape == (100,)  # 1 ms in steps of 10 µs
    assert given[:6].tolist() == [50.0] * 6
    assert given[6:8].tolist() == [0.0] * 2
    assert given[8:20].tolist() == [-25.0] * 12
    assert not given[20:].any()


@pytest.mark.parametrize(("hertz", "pulses"), [(0.0, 0), (14.0, 1), (16.0, 2), (130.0, 13), (200.0, 20)])
def test_a_train_holds_the_nearest_whole_number_of_pulses(hertz, pulses):
    stimulus = fitted(Train(amplitude=850.0), settings())
    given = stimulus.kicks(np.array([[1.0, stimulus.second(hertz)]]))[0]  # type: ignore[attr-defined]
    assert len(onsets_of(given)) == pulses
    assert given.sum() == 0.0


def test_equal_actions_give_a_train_without_a_break():
    stimulus = fitted(Train(amplitude=1.0), settings())
    actions = np.array([[1.0, stimulus.second(130.0)]])  # type: ignore[attr-defined]
    whole = np.concatenate([stimulus.kicks(actions)[0] for _ in range(3)])
    assert set(np.diff(onsets_of(whole)).tolist()) <= {769, 770}  # 7.69 ms


def test_no_action_is_no_current():
    assert not kicks(Train(amplitude=850.0), 0.0, 0.0).any()


def test_other_stimuli_are_held_over_each_step():
    stimulus = fitted(Delta(amplitude=10.0, interval=3), settings())
    assert stimulus.interval == 3
    np.testing.assert_array_equal(stimulus.kicks(np.array([[1.0]])), [[10.0] * 10 + [0.0] * 20])


def test_several_contacts_have_a_train_each():
    several = at_contacts(fitted(Train(amplitude=1.0, interval=100), settings()), 2)
    given = several.kicks(np.array([[1.0, 1.0, 0.0, 0.0]]))
    assert given.shape == (1, 1000, 2)
    assert given[0, :, 0].any()
    assert not given[0, :, 1].any()


@pytest.mark.parametrize(
    ("stimulus", "words"),
    [
        (
            Biphasic(width=65.0),
            "width=65: must be a whole number of integration steps, which take 10 µs\nThe nearest is",
        ),
        (Biphasic(gap=3.0), "stimulus.gap=3"),
        (Biphasic(width=60.0, recovery=50.0), "stimulus.recovery=50: must be at least stimulus.width=60"),
        (Biphasic(interval=1), "stimulus.interval=1: must be at least"),
        (Train(highest=9000.0, interval=100), "stimulus.highest=9000: pulses of 120 µs run into each other"),
    ],
)
def test_what_does_not_fit_the_steps_is_refused(stimulus, words):
    with pytest.raises(SettingError, match=words):
        fitted(stimulus, settings())


def test_a_train_needs_a_frequency_to_choose():
    with pytest.raises(SettingError, match=r"stimulus\.lowest=300: must be below"):
        Train(lowest=300.0)
    with pytest.raises(SettingError, match=r"agent\.frequency=300: must be from"):
        fitted(Train(), settings()).second(300.0)  # type: ignore[attr-defined]
