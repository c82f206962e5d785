"""Environments that go on as others do: with their population, their past and their randomness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from tests.control.test_loop import COUPLINGS, RECORDINGS, SMALL, STIMULI, actions
from tests.control.test_loop_saved import go_on

CENTRED = {"recording.centered": True, "recording.dropout": 0.2, "recording.delay": 4}


@settings(max_examples=15, deadline=None)
@given(
    sources=st.lists(st.integers(0, 3), min_size=4, max_size=4),
    steps=st.integers(0, 60),
    stimulus=st.sampled_from(STIMULI),
    recording=st.sampled_from([*RECORDINGS, CENTRED]),
    coupling=st.sampled_from(COUPLINGS),
    stagger=st.booleans(),
)
def test_a_branch_goes_on_to_the_bit_as_its_source_would(sources, steps, stimulus, recording, coupling, stagger):
    """Beyond the end of the episode, which starts again from the same population as that of its source."""
    chosen = make_loop_settings("bvdp", SMALL | stimulus | recording | coupling | {"episode.stagger": stagger})
    own, branch = (ClosedLoop(chosen, 4, seed=1) for _ in range(2))
    moves = actions(4, steps + 60, size=own.action_size)
    for loop in (own, branch):
        loop.reset()
        go_on(loop, moves[:steps])
    branch.branch(np.array(sources))
    np.testing.assert_array_equal(branch.observe(), own.observe()[sources])
    followed = go_on(own, moves[steps:])
    for first, second in zip(followed, go_on(branch, moves[steps:][:, sources]), strict=True):
        np.testing.assert_array_equal(first[sources], second)


def test_branches_of_one_population_part_by_what_is_done_to_them():
    loop = ClosedLoop(make_loop_settings("bvdp", SMALL | RECORDINGS[1]), 4, seed=1)
    loop.reset()
    go_on(loop, actions(4, 10))
    loop.branch(np.array([2, 2, 2, 0]))
    moves = np.zeros((20, 4, 1))
    moves[:, 1] = 1.0
    go_on(loop, moves)
    states = loop.ensemble.state
    np.testing.assert_array_equal(states[0], states[2])
    assert (states[0] != states[1]).any()


def test_what_was_saved_before_branching_comes_back():
    loop = ClosedLoop(make_loop_settings("bvdp", SMALL | RECORDINGS[3] | COUPLINGS[4]), 4, seed=1)
    loop.reset()
    moves = actions(4, 70)
    go_on(loop, moves[:30])
    begun = loop.saved()
    first = go_on(loop, moves[30:])
    for sources in ([0, 0, 0, 0], [3, 2, 1, 0]):
        loop.restore(begun)
        loop.branch(np.array(sources))
        go_on(loop, moves[30:50])
    loop.restore(begun)
    for one, other in zip(first, go_on(loop, moves[30:]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_environment_that_is_not_there_is_no_source():
    loop = ClosedLoop(make_loop_settings("bvdp", SMALL), 2, seed=1)
    loop.reset()
    with pytest.raises(IndexError):
        loop.branch(np.array([0, 2]))
