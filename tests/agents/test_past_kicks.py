import numpy as np

from rldbs.agents.past_kicks import PastKicks
from rldbs.control.stimulus import Delta, Pulse
from rldbs.control.timed_stimuli import Train


def row(*numbers: float) -> np.ndarray:
    return np.array([numbers], np.float32)


def test_the_newest_kick_comes_first_and_old_ones_are_forgotten():
    past = PastKicks(2, Delta(amplitude=0.5))
    np.testing.assert_array_equal(past.after(row(7.0)), row(7.0, 0.0, 0.0))
    for action in (1.0, -0.5, 0.2):
        past.add(row(action))
    np.testing.assert_array_equal(past.after(row(8.0)), row(8.0, 0.1, -0.25))


def test_all_numbers_of_an_action_are_remembered():
    past = PastKicks(2, Pulse())
    past.after(row(7.0))
    past.add(row(0.1, 0.2, 0.3))
    assert past.size == 6
    np.testing.assert_array_equal(past.after(row(7.0)), row(7.0, 0.1, 0.2, 0.3, 0.0, 0.0, 0.0))


def test_of_a_train_the_numbers_of_an_action_are_told_as_they_are():
    past = PastKicks(1, Train(amplitude=900.0))
    past.after(row(7.0))
    past.add(row(0.5, -1.0))
    np.testing.assert_array_equal(past.after(row(7.0)), row(7.0, 0.5, -1.0))


def test_other_environments_begin_with_none():
    past = PastKicks(1, Delta())
    past.after(row(7.0))
    past.add(row(1.0))
    np.testing.assert_array_equal(past.after(np.ones((2, 1), np.float32)), [[1.0, 0.0], [1.0, 0.0]])


def test_where_nothing_is_remembered_observations_are_the_same_ones():
    past, observations = PastKicks(0, Delta()), row(7.0)
    past.add(row(1.0))
    assert past.after(observations) is observations
