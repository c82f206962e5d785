"""The closed loop: what a batch is, what an episode is, and what a controller is told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rldbs.config import make_loop_settings
from rldbs.control.loop import ROOM, ClosedLoop
from rldbs.core.errors import DivergedError, SettingError

SMALL = {
    "neurons": 20,
    "transient": 100,
    "populations": 3,
    "snapshots": 2,
    "episode.steps": 40,
    "recording.length": 10,
    "centered": False,
}


def loop(environments: int = 1, seed: int = 0, model: str = "bvdp", **overrides: object) -> ClosedLoop:
    loop = ClosedLoop(make_loop_settings(model, SMALL | overrides), environments, seed)
    loop.reset()
    return loop


def actions(environments: int, steps: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (steps, environments, 1))


@settings(max_examples=15, deadline=None)
@given(
    environments=st.integers(1, 5),
    seed=st.integers(0, 2**32),
    model=st.sampled_from(["bvdp", "hr"]),
    interval=st.integers(1, 3),
    stagger=st.booleans(),
    reward=st.sampled_from(["deviation", "setpoint"]),
)
def test_batch_member_equals_single_environment(environments, seed, model, interval, stagger, reward):
    overrides = {"stimulus.interval": interval, "stagger": stagger, "reward": reward}
    batch = loop(environments, seed, model, **overrides)
    chosen = actions(environments, 60)
    told = [batch.observe()]
    paid, ended = [], []
    for step in chosen:
        rewards, truncated = batch.step(step)
        paid.append(rewards)
        ended.append(truncated)
        if truncated.any():
            batch.reset(truncated)
        told.append(batch.observe())
    for i in range(environments):
        single = loop(1, seed + i, model, **overrides)
        assert single.observe().tobytes() == told[0][i].tobytes()
        for t, step in enumerate(chosen):
            rewards, truncated = single.step(step[i : i + 1])
            assert rewards[0].tobytes() == paid[t][i].tobytes()
            assert truncated[0] == ended[t][i]
            if truncated[0]:
                single.reset(truncated)
            assert single.observe().tobytes() == told[t + 1][i].tobytes()


def test_first_observation_is_the_true_past_of_the_population():
    quiet = loop(**{"recording.length": 30, "recording.stride": 1})
    before = quiet.observe()[0]
    for _ in range(29):
        quiet.rest()
    after = quiet.observe()[0]
    assert after[0] == before[-1]
    assert np.abs(np.diff(before)).max() < 0.3, "a window without a jump"


def test_window_is_the_same_after_the_record_has_moved_to_its_beginning():
    small = loop(2, **{"episode.steps": 10**6})
    seen = []
    for _ in range(ROOM + 50):
        small.rest()
        seen.append(small.mean_field[:, -1, 0].copy())
    newest = np.array(seen[-19:]).T[:, ::2].astype(np.float32)
    np.testing.assert_array_equal(small.observe(), newest)


def test_first_episodes_are_staggered_and_later_ones_are_whole():
    many = loop(8, stagger=True)
    lengths: dict[int, list[int]] = {i: [] for i in range(8)}
    for _ in range(130):
        _, truncated = many.step(np.zeros((8, 1)))
        for i in np.flatnonzero(truncated):
            lengths[i].append(int(many.clock[i]))
        if truncated.any():
            many.reset(truncated)
    assert len({first for first, *_ in lengths.values()}) > 4
    assert all(later == 40 for _, *rest in lengths.values() for later in rest)


def test_reset_gives_populations_from_the_bank_and_leaves_the_others_alone():
    two = loop(2)
    for _ in range(5):
        two.step(np.ones((2, 1)))
    other = two.ensemble.state[1].tobytes()
    two.reset(np.array([True, False]))
    assert two.ensemble.state[1].tobytes() == other
    assert any(two.ensemble.state[0].tobytes() == entry.tobytes() for entry in two._bank.state)
    assert two.clock.tolist() == [0, 5]


def test_actions_outside_the_range_are_clipped():
    big, one = loop(), loop()
    big.step(np.array([[7.0]]))
    one.step(np.array([[1.0]]))
    assert big.kicks == one.kicks
    assert big.ensemble.state.tobytes() == one.ensemble.state.tobytes()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.zeros((2, 2)), r"must be \(2, 1\), are \(2, 2\)"),
        (np.array([[0.0], [np.nan]]), "environment 1 got .nan."),
    ],
)
def test_wrong_actions_are_refused_before_anything_moves(wrong, message):
    two = loop(2)
    before = two.ensemble.state.tobytes()
    with pytest.raises(SettingError, match=message):
        two.step(wrong)
    assert two.ensemble.state.tobytes() == before


def test_diverging_population_is_named():
    two = loop(2)
    two.ensemble.state[1, 0, 3] = 1e200
    with pytest.raises(DivergedError, match="population 1 diverged at step 1 of its episode"):
        two.step(np.zeros((2, 1)))
