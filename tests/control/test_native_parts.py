"""A step in one call of the core is, bit for bit, what the pieces do one after the other."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from rldbs.control.recording import Window
from rldbs.control.reward import Deviation, Setpoint
from rldbs.control.stimulus import ChargeBalanced, Delta, Rectangular
from rldbs.core.errors import SettingError
from rldbs.core.native_step import Terms
from rldbs.core.window_sums import add_spread
from tests.control.test_loop import COUPLINGS, SMALL, actions


def in_python(piece, method):
    """The same piece, of a class whose own ``method`` the core cannot know."""
    kind = type(piece)
    own = {method: lambda self, *given: getattr(kind, method)(self, *given)}
    return type(f"Own{kind.__name__}", (kind,), own)(**vars_of(piece))


def vars_of(piece):
    return {name: getattr(piece, name) for name in piece.__dataclass_fields__}


def all_of_it(loop: ClosedLoop, moves: np.ndarray) -> list[bytes]:
    """All that comes out of a loop, whose episodes start again where they end, and that rests at times."""
    out = []
    for k, move in enumerate(moves):
        rewards, diverged, ended = loop.episode_step(move)
        out += [rewards, diverged, ended, loop.observe(), loop.observe(), loop.kicks, loop.mean_field]
        if (ended | diverged).any():
            loop.reset(ended | diverged)
            out.append(loop.observe())
        if k % 7 == 3:
            loop.rest()
            out.append(loop.observe())
    return [array.tobytes() for array in (*out, loop.ensemble.state)]


@settings(max_examples=30, deadline=None)
@given(
    model=st.sampled_from(["bvdp", "hr"]),
    environments=st.integers(1, 4),
    stimulus=st.sampled_from(
        [Delta(0.3), Delta(0.3, interval=3), Rectangular(0.1, width=2), ChargeBalanced(0.2), Delta(0.3, levels=5)]
    ),
    reward=st.sampled_from([Deviation(20, 0.7), Setpoint(-0.2, 2.0, 0.3), Setpoint(0.1)]),
    recording=st.sampled_from(
        [
            Window(length=9),
            Window(length=5, stride=3, delay=4),
            Window(variable=["y", "x"], length=4, stride=2, centered=True),
            Window(length=6, sigmoid=0.5),
        ]
    ),
    coupling=st.sampled_from(COUPLINGS[:5:4]),
    python=st.sets(st.sampled_from(["stimulus", "reward", "recording"]), min_size=1),
    threads=st.sampled_from([1, 2]),
)
def test_it_equals_the_pieces(model, environments, stimulus, reward, recording, coupling, python, threads):
    pieces = {"stimulus": stimulus, "reward": reward, "recording": recording}
    methods = {"stimulus": "kicks", "reward": "reward", "recording": "observe"}
    own = {name: in_python(piece, methods[name]) if name in python else piece for name, piece in pieces.items()}
    base = make_loop_settings(model, SMALL | coupling)
    loops = [ClosedLoop(replace(base, **chosen), environments, 3, threads) for chosen in (pieces, own)]
    moves = 1.2 * actions(environments, 60)
    for loop in loops:
        loop.reset()
    native, slow = (all_of_it(loop, moves) for loop in loops)
    assert native == slow


@pytest.mark.parametrize("method", ["kicks", "reward", "observe"])
def test_what_a_class_below_does_in_its_own_way_is_done(method):
    told = []

    class Kicks(Delta):
        def kicks(self, actions):
            told.append("kicks")
            return super().kicks(actions)

    class Reward(Deviation):
        def reward(self, past, kicks, x):
            told.append("reward")
            return super().reward(past, kicks, x)

    class Observe(Window):
        def observe(self, signals, model):
            told.append("observe")
            return super().observe(signals, model)

    own = {
        "kicks": {"stimulus": Kicks()},
        "reward": {"reward": Reward(20)},
        "observe": {"recording": Observe(length=5)},
    }
    loop = ClosedLoop(replace(make_loop_settings("bvdp", SMALL), **own[method]), 2)
    loop.reset()
    loop.step(np.zeros((2, 1)))
    loop.observe()
    assert set(told) == {method}


def test_an_action_that_is_not_finite_changes_nothing():
    loops = [ClosedLoop(make_loop_settings("bvdp", SMALL), 3, seed=1) for _ in range(2)]
    for loop in loops:
        loop.reset()
    with pytest.raises(ValueError, match="environment 1 got"):
        loops[0].step(np.array([[0.1], [np.nan], [0.2]]))
    moves = actions(3, 30)
    first, second = (all_of_it(loop, moves) for loop in loops)
    assert first == second


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda loop: pickle.loads(pickle.dumps(loop))])
def test_a_copy_goes_its_own_way(copied):
    loop = ClosedLoop(make_loop_settings("bvdp", SMALL), 2, seed=1)
    loop.reset()
    moves = actions(2, 40)
    all_of_it(loop, moves[:13])
    other = copied(loop)
    assert all_of_it(loop, moves[13:]) == all_of_it(other, moves[13:])


@settings(max_examples=20, deadline=None)
@given(
    counts=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    stimulus=st.sampled_from([Delta(0.3), Delta(0.3, interval=3)]),
    recording=st.sampled_from([Window(length=9), Window(length=5, noise=0.1, dropout=0.2, dropout_length=4.0)]),
    threads=st.sampled_from([1, 2]),
)
def test_resting_at_once_equals_resting_step_by_step(counts, stimulus, recording, threads):
    base = replace(make_loop_settings("bvdp", SMALL), stimulus=stimulus, recording=recording)
    at_once, one_by_one = (ClosedLoop(base, 3, 5, threads) for _ in range(2))
    x = at_once.ensemble.state[:, 0]
    sums = [(np.zeros(x.shape), np.zeros(x.shape), np.zeros(x.shape)) for _ in range(2)]
    for loop in (at_once, one_by_one):
        loop.reset()
    for count in counts:
        at_once.rest(count, sums[0])
        field = []
        for _ in range(count):
            one_by_one.rest()
            add_spread(one_by_one.ensemble.state[:, 0], *sums[1])
            field.append(one_by_one.mean_field)
        np.testing.assert_array_equal(at_once.past(count), np.concatenate(field, axis=1))
        np.testing.assert_array_equal(at_once.observe(), one_by_one.observe())
    np.testing.assert_array_equal(sums[0], sums[1])
    assert all_of_it(at_once, actions(3, 20)) == all_of_it(one_by_one, actions(3, 20))


class WideWaveform(Delta):
    @property
    def waveform(self):
        return np.ones(self.interval + 1)


class LongReward(Deviation):
    @property
    def terms(self):
        return Terms("mean", 1.0, window=10**6)


class LongWindow(Window):
    def samples(self, model):
        return replace(super().samples(model), memory=10**6, count=10**6)


class OtherVariable(Window):
    def samples(self, model):
        return replace(super().samples(model), variables=[7])


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        ({"stimulus": WideWaveform()}, r"stimulus: its kicks for an action of 1 must be \(1,\), are \(2,\)"),
        ({"reward": LongReward(20)}, "reward: its window must be from 1 to"),
        ({"recording": LongWindow(length=5)}, "recording: 1000000 samples do not fit"),
        ({"recording": OtherVariable(length=5)}, "recording: variables"),
    ],
)
def test_a_piece_that_tells_the_core_of_more_than_there_is_is_refused(piece, message):
    with pytest.raises(SettingError, match=message):
        ClosedLoop(replace(make_loop_settings("bvdp", SMALL), **piece), 2)


def test_more_rest_than_there_is_room_for_is_refused_and_so_are_sums_of_other_neurons():
    loop = ClosedLoop(make_loop_settings("bvdp", SMALL), 2)
    loop.reset()
    before = loop.ensemble.state.tobytes()
    with pytest.raises(ValueError, match="at once"):
        loop.rest(10**6)
    other = np.zeros((2, loop.ensemble.neurons + 1))
    with pytest.raises(ValueError, match="sums: must be float64"):
        loop.rest(1, (other, other, other))
    assert loop.ensemble.state.tobytes() == before
