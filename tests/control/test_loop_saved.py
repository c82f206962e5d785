"""A closed loop that is saved in mid-episode goes on in another one, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import RunError
from tests.control.test_loop import COUPLINGS, RECORDINGS, SMALL, STIMULI, actions


def go_on(loop: ClosedLoop, moves: np.ndarray) -> list[np.ndarray]:
    """All that comes out of a loop, whose episodes start again where they end."""
    out: list[np.ndarray] = []
    for move in moves:
        rewards, ended = loop.step(move)
        if ended.any():
            loop.reset(ended)
        out += [rewards, ended, loop.observe(), loop.kicks, loop.ensemble.coupling.copy()]
    return out


@settings(max_examples=15, deadline=None)
@given(
    environments=st.integers(1, 3),
    steps=st.integers(0, 60),
    stimulus=st.sampled_from(STIMULI),
    recording=st.sampled_from(RECORDINGS),
    coupling=st.sampled_from(COUPLINGS),
    stagger=st.booleans(),
)
def test_it_goes_on_in_another_loop_as_in_its_own(environments, steps, stimulus, recording, coupling, stagger):
    chosen = make_loop_settings("bvdp", SMALL | stimulus | recording | coupling | {"episode.stagger": stagger})
    loop = ClosedLoop(chosen, environments, seed=1)
    loop.reset()
    moves = actions(environments, steps + 60, size=loop.action_size)
    go_on(loop, moves[:steps])
    saved = loop.saved()
    again = ClosedLoop(chosen, environments, seed=99, threads=2)
    again.reset()
    go_on(again, moves[:3])
    again.restore(saved)
    for first, second in zip(go_on(loop, moves[steps:]), go_on(again, moves[steps:]), strict=True):
        np.testing.assert_array_equal(first, second)


def test_what_is_saved_does_not_change_as_the_loop_goes_on():
    loop = ClosedLoop(make_loop_settings("bvdp", SMALL | COUPLINGS[4] | RECORDINGS[3]), 2, seed=1)
    loop.reset()
    saved = loop.saved()
    before = {name: array.tobytes() for name, array in saved.items()}
    go_on(loop, actions(2, 50))
    assert {name: array.tobytes() for name, array in saved.items()} == before


@pytest.mark.parametrize(("name", "value"), [("clock", -1), ("clock", 2**62), ("limit", 0), ("limit", 41)])
def test_a_clock_that_no_episode_has_is_refused(name, value):
    loop = ClosedLoop(make_loop_settings("bvdp", SMALL), 2, seed=1)
    loop.reset()
    with pytest.raises(RunError, match=f"saved state {name}: must be from"):
        loop.restore({**loop.saved(), name: np.full(2, value)})


def test_other_populations_to_start_from_are_refused():
    loops = [ClosedLoop(make_loop_settings("bvdp", SMALL | {"start.seed": seed}), 2, seed=1) for seed in (0, 1)]
    for loop in loops:
        loop.reset()
    with pytest.raises(RunError, match="episodes start"):
        loops[0].restore(loops[1].saved())
