"""Where the step in which an environment begins anew counts for nothing, it uses up nothing of its randomness."""

import copy

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import rldbs
from rldbs.control import random_streams
from rldbs.control.random_streams import Stream
from tests.envs.test_vector import assert_equal

SMALL = {"transient": 100, "populations": 2, "snapshots": 2, "episode.steps": 9}
NOISE, DROPOUT = {"recording.noise": 0.1}, {"recording.dropout": 0.2, "recording.dropout_length": 3}
IN_TISSUE = {"tissue": "cube", "electrode": "four", "period": 60, "amplitude": 0.1, "interval": 30}
CASES = {
    "noise": ("bvdp", NOISE),
    "relative noise": ("hr", {"recording.relative_noise": 0.1}),
    "dropout": ("bvdp", DROPOUT),
    "all that a sensor does": ("hr", NOISE | DROPOUT | {"recording.artefact": 0.5, "recording.blanking": 1}),
    "oscillators": ("kuramoto", NOISE | {"neurons": 27}),
    "populations": ("kuramoto_populations", NOISE | DROPOUT | {"neurons": 30}),
    "coupling": ("bvdp", {"coupling": "walk", "coupling.high": 0.4}),
    "electrode": ("bvdp", IN_TISSUE | {"neurons": 27, "electrode_drift": "walk", "plasticity": "walk"} | NOISE),
    "scar": ("kuramoto", {"neurons": 27, "electrode": "four", "encapsulation": "growth", "interval": 70} | NOISE),
    "rates": ("stn_gpe", NOISE | {"course": "switching", "course.shortest": 20.0, "course.longest": 60.0}),
}


def batch_and_singles(envs: int, model: str, **overrides: object):
    given = {"neurons": 20, **SMALL, **overrides}
    if model == "stn_gpe":
        del given["neurons"]
    ours = rldbs.make_vec(model, envs, **given)
    return ours, SyncVectorEnv([lambda: rldbs.make(model, **given)] * envs, autoreset_mode=AutoresetMode.NEXT_STEP)


def actions(env, steps: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (steps, *env.action_space.shape)).astype(np.float32)


@pytest.mark.parametrize("stagger", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_a_batch_is_its_single_environments_over_several_episodes(case, stagger):
    model, overrides = CASES[case]
    ours, theirs = batch_and_singles(2, model, **overrides, **{"episode.stagger": stagger})
    assert_equal(ours.reset(seed=11), theirs.reset(seed=11))
    for action in actions(ours, 32):
        assert_equal(ours.step(action), theirs.step(action))


def test_a_batch_of_one_with_noise_is_the_single_environment():
    ours, theirs = batch_and_singles(1, "bvdp", **NOISE, **{"episode.steps": 1})
    assert_equal(ours.reset(seed=5), theirs.reset(seed=5))
    for action in actions(ours, 12):
        assert_equal(ours.step(action), theirs.step(action))


def test_a_copy_and_a_state_go_on_with_the_randomness_that_was_not_used():
    ours, other = (batch_and_singles(3, "bvdp", **NOISE, **DROPOUT, **{"episode.stagger": True})[0] for _ in "12")
    ours.reset(seed=1)
    chosen = actions(ours, 50)
    for action in chosen[:25]:
        ours.step(action)
    other.set_state(ours.get_state())
    copied = copy.deepcopy(ours)
    for action in chosen[25:]:
        mine = ours.step(action)
        assert_equal(mine, other.step(action))
        assert_equal(mine, copied.step(action))


def test_what_is_put_back_comes_again_for_those_rows_alone(monkeypatch):
    monkeypatch.setattr(random_streams, "AHEAD", 7)
    streams = [Stream("random", 2), Stream("random", 2)]
    for stream in streams:
        for row in range(2):
            stream.seed(row, np.random.default_rng(row))
    plain, again = streams
    expected = plain.next(60)[:, :, 0]
    taken, idle = [[], []], np.array([False, True])
    for turn in range(20):
        numbers = again.next(3)[:, :, 0]
        taken[0] += numbers[0].tolist()
        if turn % 3:
            taken[1] += numbers[1].tolist()
        else:
            again.put_back(idle, 3)
        if turn == 10:
            again.saved()  # looks at it, and changes nothing
    assert taken[0] == expected[0].tolist()
    assert taken[1] == expected[1, : len(taken[1])].tolist()
