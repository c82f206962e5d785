"""The vector environment equals Gymnasium's own batch of single environments, in every autoreset mode."""

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import rldbs
from rldbs.core.errors import SettingError
from rldbs.envs import IDS

SMALL = {"neurons": 20, "transient": 100, "populations": 3, "snapshots": 2, "episode.steps": 13}
ENVS = 4


def singles(mode: AutoresetMode) -> SyncVectorEnv:
    return SyncVectorEnv([lambda: rldbs.make("bvdp", **SMALL)] * ENVS, autoreset_mode=mode)


def batch(mode: AutoresetMode = AutoresetMode.NEXT_STEP, **overrides: object):
    return rldbs.make_vec("bvdp", ENVS, autoreset_mode=mode, **SMALL | overrides)


def assert_equal(left: object, right: object) -> None:
    """Bit for bit, through tuples, dicts and arrays of objects; only where the masks say that there is a value."""
    if isinstance(left, tuple):
        for mine, other in zip(left, right, strict=True):
            assert_equal(mine, other)
    elif isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            where = left.get(f"_{key}")
            if where is None or isinstance(left[key], dict):
                assert_equal(left[key], right[key])
            else:
                for i in np.flatnonzero(where):
                    assert_equal(left[key][i], right[key][i])
    else:
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_batch_equals_gymnasiums_batch_of_single_environments(mode):
    ours, theirs = batch(mode), singles(mode)
    assert_equal(ours.reset(seed=3), theirs.reset(seed=3))
    random = np.random.default_rng(0)
    for _ in range(45):
        actions = random.uniform(-1, 1, (ENVS, 1)).astype(np.float32)
        assert_equal(ours.step(actions), theirs.step(actions))
    assert ours.metadata["autoreset_mode"] is mode
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space


def test_without_autoreset_the_caller_resets_with_a_mask():
    ours, theirs = batch(AutoresetMode.DISABLED), singles(AutoresetMode.DISABLED)
    assert_equal(ours.reset(seed=[3, 1, 4, 1]), theirs.reset(seed=[3, 1, 4, 1]))
    actions = np.zeros((ENVS, 1), np.float32)
    half = np.array([True, False, True, False])
    for step in range(30):
        if step == 7:
            assert_equal(ours.reset(options={"reset_mask": half}), theirs.reset(options={"reset_mask": half}))
        mine = ours.step(actions)
        assert_equal(mine, theirs.step(actions))
        ended = mine[3]
        if ended.any():
            with pytest.raises(SettingError, match="reset_mask"):
                ours.step(actions)
            assert_equal(ours.reset(options={"reset_mask": ended}), theirs.reset(options={"reset_mask": ended}))


def test_single_of_seed_plus_i_is_member_i():
    ours = rldbs.make_vec("bvdp", ENVS, seed=20, **SMALL)
    observations, _ = ours.reset()
    for i in range(ENVS):
        np.testing.assert_array_equal(rldbs.make("bvdp", seed=20 + i, **SMALL).reset()[0], observations[i])


def test_unseeded_batches_differ():
    assert not np.array_equal(batch(populations=30).reset()[0], batch(populations=30).reset()[0])


@pytest.mark.parametrize("env_id", IDS)
def test_gymnasium_makes_the_batch_by_id(env_id):
    env = gymnasium.make_vec(env_id, num_envs=3, **SMALL)
    assert env.unwrapped.num_envs == 3
    observations, _ = env.reset(seed=0)
    assert observations in env.observation_space
    assert env.step(env.action_space.sample())[0] in env.observation_space
    env.close()


def test_handed_out_arrays_are_never_changed_later():
    env = batch(AutoresetMode.SAME_STEP)
    kept = [env.reset(seed=0)[0]]
    copies = [kept[0].copy()]
    for _ in range(20):
        step = env.step(np.ones((ENVS, 1), np.float32))
        arrays = [*step[:4], *(step[4][key] for key in ("mean_field", "kicks") if key in step[4])]
        kept += arrays
        copies += [a.copy() for a in arrays]
    for array, copy in zip(kept, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_pictures_of_every_member():
    env = batch(render_mode="rgb_array")
    env.reset(seed=0)
    env.step(np.ones((ENVS, 1), np.float32))
    frames = env.render()
    assert len(frames) == ENVS
    assert all(frame.dtype == np.uint8 and frame.shape[2] == 3 for frame in frames)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rldbs.make_vec("bvdp", 0), "num_envs"),
        (lambda: batch("Sometimes"), "NextStep, SameStep, Disabled"),
        (lambda: batch().reset(seed=[1, 2]), "must be one integer, or 4; 2 given"),
        (lambda: batch().reset(options={"reset_mask": np.ones(3, bool)}), r"bool array of shape \(4,\)"),
        (lambda: batch().reset(options={"reset_mask": np.zeros(4, bool)}), "at least one True"),
    ],
)
def test_wrong_call_is_refused(call, message):
    with pytest.raises(SettingError, match=message):
        call()
