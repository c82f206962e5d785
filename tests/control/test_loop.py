"""The closed loop: what a batch is, what an episode is, and what a controller is told."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.history import ROOM
from rldbs.control.loop import ClosedLoop
from rldbs.control.reward import Setpoint
from rldbs.control.stimulus import Delta
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


def actions(environments: int, steps: int, seed: int = 0, size: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (steps, environments, size))


STIMULI = (
    {"stimulus": "delta", "interval": 1},
    {"stimulus": "delta", "interval": 3, "every": 4, "levels": 5},
    {"stimulus": "rectangular", "width": 2},
    {"stimulus": "charge_balanced", "stimulus.width": 1, "gap": 1, "stimulus.recovery": 2},
    {"stimulus": "pulse"},
)
RECORDINGS = (
    {},
    {"recording.noise": 0.1, "recording.delay": 3},
    {"recording.relative_noise": 0.1, "recording.variable": ["y", "x"]},
    {"recording.dropout": 0.3, "recording.dropout_length": 4, "recording.noise": 0.1, "recording.sigmoid": 1.2},
    {"recording.artefact": 0.8, "recording.blanking": 2, "recording.noise": 0.1},
)
COUPLINGS = (
    {"coupling": "fixed"},
    {"coupling": "drawn", "coupling.high": 0.3},
    {"coupling": "step", "coupling.at": 10},
    {"coupling": "ramp", "coupling.length": 20},
    {"coupling": "walk", "coupling.high": 0.4},
)


@settings(max_examples=25, deadline=None)
@given(
    environments=st.integers(1, 5),
    seed=st.integers(0, 2**32),
    model=st.sampled_from(["bvdp", "hr"]),
    stimulus=st.sampled_from(STIMULI),
    recording=st.sampled_from(RECORDINGS),
    coupling=st.sampled_from(COUPLINGS),
    stagger=st.booleans(),
    reward=st.sampled_from(["deviation", "setpoint", "band", "activity"]),
    ahead=st.sampled_from([7, 1024]),
)
def test_batch_member_equals_single_environment(
    environments, seed, model, stimulus, recording, coupling, stagger, reward, ahead
):
    overrides = {**stimulus, **recording, **coupling, "stagger": stagger, "reward": reward, "model.period": 60}
    batch = loop(environments, seed, model, **overrides)
    chosen = actions(environments, 60, size=batch.action_size)
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
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("rldbs.control.random_streams.AHEAD", ahead)  # how far ahead is drawn changes nothing
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
            lengths[i].append(int(many.clock.now[i]))
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
    assert two.clock.now.tolist() == [0, 5]


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


class Longer(Delta):
    def kicks(self, actions: np.ndarray) -> np.ndarray:
        return np.zeros((len(actions), self.interval + 3))


class Flat(Setpoint):
    def reward(self, past: np.ndarray, kicks: np.ndarray, x: np.ndarray) -> np.ndarray:
        return super().reward(past, kicks, x)[:, None]


class Meddler(Setpoint):
    def reward(self, past: np.ndarray, kicks: np.ndarray, x: np.ndarray) -> np.ndarray:
        past -= past.mean()
        return super().reward(past, kicks, x)


class Coarse(Delta):
    def kicks(self, actions: np.ndarray) -> np.ndarray:
        return np.asfortranarray(super().kicks(actions), np.float32)


@pytest.mark.parametrize(
    ("piece", "error", "message"),
    [
        ({"stimulus": Longer()}, SettingError, r"stimulus: kicks must be \(2, 1\), are \(2, 4\)"),
        ({"reward": Flat()}, SettingError, r"reward: must be \(2,\), is \(2, 1\)"),
        ({"reward": Meddler()}, ValueError, "read-only"),
    ],
)
def test_a_piece_that_breaks_its_contract_is_refused(piece, error, message):
    broken = ClosedLoop(replace(make_loop_settings("bvdp", SMALL), **piece), 2)
    broken.reset()
    with pytest.raises(error, match=message):
        broken.step(np.zeros((2, 1)))


def test_kicks_of_another_kind_are_taken_for_what_they_are():
    seen = []
    for stimulus in (Coarse(0.25, interval=2), Delta(0.25, interval=2)):
        one = ClosedLoop(replace(make_loop_settings("bvdp", SMALL), stimulus=stimulus), 2)
        one.reset()
        one.step(np.array([[0.5], [1.0]]))
        seen.append(one.observe())
    np.testing.assert_array_equal(*seen)


def test_settings_can_be_copied_after_they_were_used():
    used = loop()
    used.observe()
    again = ClosedLoop(pickle.loads(pickle.dumps(copy.deepcopy(used.settings))), 1)
    again.reset()
    np.testing.assert_array_equal(again.observe(), loop().observe())


def test_diverging_population_is_named():
    two = loop(2)
    two.ensemble.state[1, 0, 3] = 1e200
    with pytest.raises(DivergedError, match="population 1 diverged after step 0 of its episode"):
        two.step(np.zeros((2, 1)))


def test_it_acts_at_every_kth_decision_only():
    three = loop(2, every=3)
    kicks = []
    for step in range(9):
        three.step(np.ones((2, 1)))
        kicks.append(three.kicks[:, 0].copy())
        if step == 3:
            three.reset(np.array([False, True]))
    acted = np.array(kicks) > 0
    assert acted[:, 0].tolist() == [True, False, False, True, False, False, True, False, False]
    assert acted[:, 1].tolist() == [True, False, False, True, True, False, False, True, False]


def test_noise_is_seen_by_the_controller_and_not_by_the_reward():
    quiet, noisy = loop(3), loop(3, **{"recording.noise": 0.2})
    for step in actions(3, 20):
        np.testing.assert_array_equal(quiet.step(step)[0], noisy.step(step)[0])
    assert np.abs(quiet.observe() - noisy.observe()).max() > 0.1


def test_a_sample_keeps_its_noise_as_it_moves_through_the_window():
    noisy = loop(**{"recording.noise": 0.2, "recording.stride": 1})
    noisy.step(np.zeros((1, 1)))
    before = noisy.observe()
    noisy.step(np.zeros((1, 1)))
    np.testing.assert_array_equal(noisy.observe()[:, :-1], before[:, 1:])


def test_delay_shows_what_was_seen_before():
    now, late = (loop(**{"recording.stride": 1, "recording.delay": delay}) for delay in (0, 4))
    seen = []
    for step in actions(1, 10):
        now.step(step)
        late.step(step)
        seen.append(now.observe())
    np.testing.assert_array_equal(late.observe(), seen[-5])


def coupling_of(steps: int, **overrides: object) -> np.ndarray:
    one = loop(2, **overrides)
    couplings = []
    for _ in range(steps):
        one.step(np.zeros((2, 1)))
        couplings.append(one.ensemble.coupling.copy())
    return np.array(couplings)


def test_coupling_steps_to_another_value():
    strengths = coupling_of(8, coupling="step", **{"coupling.to": 0.2, "coupling.at": 6, "interval": 2})
    np.testing.assert_array_equal(strengths[:, 0], [0.03] * 3 + [0.2] * 5)


def test_coupling_goes_steadily_to_another_value():
    strengths = coupling_of(8, coupling="ramp", **{"coupling.to": 0.08, "coupling.at": 2, "coupling.length": 5})
    np.testing.assert_allclose(strengths[:, 0], [0.03] * 3 + [0.04, 0.05, 0.06, 0.07, 0.08])


def test_coupling_walks_within_its_bounds_with_its_speed():
    overrides = {"coupling": "walk", "coupling.low": 0.0, "coupling.high": 10.0, "episode.steps": 10**6}
    strengths = coupling_of(4000, **{**overrides, "model.coupling": 5.0, "coupling.speed": 0.1, "neurons": 1})
    steps = np.diff(strengths, axis=0)
    np.testing.assert_allclose(steps.std(), 0.1 * np.sqrt(1 / 1000), rtol=0.05)
    assert strengths[0].tolist() == [5.0, 5.0]
    assert abs(np.corrcoef(steps.T)[0, 1]) < 0.06, "each environment walks on its own"
    narrow = coupling_of(2000, coupling="walk", **{"coupling.low": 0.02, "coupling.high": 0.04, "coupling.speed": 0.1})
    assert 0.02 <= narrow.min() < 0.022
    assert 0.038 < narrow.max() <= 0.04


def test_coupling_is_drawn_anew_for_each_episode_and_the_population_was_prepared_near_it():
    many = loop(1, coupling="drawn", populations=9, snapshots=2, **{"coupling.low": 0.1, "coupling.high": 1.0})
    drawn = []
    for _ in range(300):
        many.reset()
        strength = many.ensemble.coupling[0]
        [entry] = [e for e in range(18) if many._bank.state[e].tobytes() == many.ensemble.state[0].tobytes()]
        assert abs(many._bank.coupling[entry] - strength) <= 0.05 + 1e-12
        drawn.append(strength)
    assert len(set(drawn)) == 300
    np.testing.assert_allclose([np.min(drawn), np.mean(drawn), np.max(drawn)], [0.1, 0.55, 1.0], atol=0.05)


def test_the_next_episode_begins_with_the_first_coupling_again():
    one = loop(1, coupling="step", **{"coupling.to": 0.2, "coupling.at": 0})
    one.step(np.zeros((1, 1)))
    assert one.ensemble.coupling[0] == 0.2
    one.reset()
    assert one.ensemble.coupling[0] == 0.03


def test_populations_go_on_in_another_loop_as_in_their_own():
    first = loop(3, **{"recording.length": 30})
    for step in actions(3, 7):
        first.step(step)
    bank = first.bank(20)
    assert bank.state.tobytes() == first.ensemble.state.tobytes()
    np.testing.assert_array_equal(bank.past[:, -1], first.mean_field[:, -1])
