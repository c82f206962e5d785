"""A population that goes out of bounds ends its own episode; the others never know."""

from dataclasses import replace

import numpy as np
import pytest

from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import DivergedError
from tests.control.test_loop import COUPLINGS, RECORDINGS, SMALL, actions, loop, make_loop_settings


@pytest.mark.parametrize("recording", RECORDINGS)
@pytest.mark.parametrize("coupling", COUPLINGS)
def test_the_others_go_on_to_the_bit(recording, coupling):
    one, other = (loop(3, **recording, **coupling) for _ in range(2))
    for step, action in enumerate(actions(3, 30)):
        if step == 5:
            other.ensemble.state[1, 0, 7] = 1e200
        rewards, diverged, ended = other.episode_step(action)
        expected, _, _ = one.episode_step(action)
        assert diverged.tolist() == [False, step == 5, False]
        if diverged.any():
            other.reset(diverged)
        np.testing.assert_array_equal(rewards[[0, 2]], expected[[0, 2]])
        np.testing.assert_array_equal(other.observe()[[0, 2]], one.observe()[[0, 2]])
        assert not ended.any()


@pytest.mark.parametrize("recording", RECORDINGS)
def test_what_is_known_of_it_stays_finite_and_holds_what_was_seen_last(recording):
    two = loop(2, **recording, **{"recording.stride": 1, "stimulus.interval": 4, "penalty": 7.5})
    low, high = two.observation_bounds
    before = two.mean_field[1, -1]
    two.ensemble.state[1, 0] = np.inf
    rewards, diverged, ended = two.episode_step(np.ones((2, 1)))
    assert diverged.tolist() == [False, True]
    assert not ended.any()
    assert rewards[1] == two.rewards[1] == -7.5
    assert rewards[0] > -7.5
    np.testing.assert_array_equal(two.mean_field[1], np.tile(before, (4, 1)))
    assert "diverged after step 0 of its episode: mean field [" in two.diverged[1]
    for _ in range(3):  # nobody resets it
        observed = two.observe()
        assert ((low - 1e-6 <= observed) & (observed <= high + 1e-6)).all()
        assert all(np.isfinite(array).all() for array in two.saved().values())
        two.episode_step(np.ones((2, 1)))
    two.reset(np.array([False, True]))
    assert not two.episode_step(np.zeros((2, 1)))[1].any()
    assert two.diverged == {}


def test_it_can_be_saved_before_its_reset():
    one, other = loop(2), loop(2)
    one.ensemble.state[1, 0, 0] = np.nan
    one.episode_step(np.zeros((2, 1)))
    other.restore(one.saved())
    for each in (one, other):
        each.reset(np.array([False, True]))
    for action in actions(2, 20):
        np.testing.assert_array_equal(one.episode_step(action)[0], other.episode_step(action)[0])


def test_a_step_of_a_measurement_refuses_it():
    for step in (lambda two: two.step(np.zeros((2, 1))), lambda two: two.rest()):
        two = loop(2)
        two.ensemble.state[1, 1, 3] = np.nan
        with pytest.raises(DivergedError, match="population 1 diverged after step 0 of its episode"):
            step(two)


class Odd:
    memory = 1

    def reward(self, past, kicks, x):
        return np.array([1.0, np.nan, np.inf])


def test_a_reward_that_is_not_finite_ends_an_episode_too():
    three = ClosedLoop(replace(make_loop_settings("bvdp", SMALL), reward=Odd()), 3)
    three.reset()
    rewards, diverged, _ = three.episode_step(np.zeros((3, 1)))
    assert rewards.tolist() == [1.0, -100.0, -100.0]
    assert diverged.tolist() == [False, True, True]
    assert "its reward is nan" in three.diverged[1]


def test_an_episode_ends_for_one_reason():
    one = loop(1, **{"episode.steps": 1})
    one.ensemble.state[0, 0, 0] = np.nan
    _, diverged, ended = one.episode_step(np.zeros((1, 1)))
    assert (diverged[0], ended[0]) == (True, False)
