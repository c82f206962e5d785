"""The vector environment equals Gymnasium's own batch of single environments, in every autoreset mode."""

from functools import partial

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger

import rldbs
from rldbs.core.errors import SettingError
from rldbs.environments import IDS

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


def test_seeds_and_counts_may_be_numpys():
    first = rldbs.make_vec("bvdp", np.int64(ENVS), seed=np.uint8(254), threads=np.int16(1), **SMALL)
    observations, _ = first.reset()
    expected, _ = rldbs.make_vec("bvdp", ENVS, seed=254, **SMALL).reset()
    np.testing.assert_array_equal(observations, expected)
    for seed in (np.uint8(254), np.arange(254, 254 + ENVS), [254, np.int64(255), np.uint64(256), 257]):
        np.testing.assert_array_equal(batch().reset(seed=seed)[0], expected)
    few = batch(neurons=np.int32(20), coupling=np.float32(0.25), amplitude=np.float64(0.5), stagger=np.bool_(True))
    settings = few.loop.settings
    assert (settings.model.coupling, settings.stimulus.amplitude, settings.episode.stagger) == (0.25, 0.5, True)
    some, all_new = batch(), batch()
    some.reset(seed=0)
    np.testing.assert_array_equal(some.reset(seed=[5, None, None, None])[0][0], all_new.reset(seed=5)[0][0])


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("most", [7, np.int64(7), 30])
def test_gymnasiums_limit_of_an_episode_is_kept_as_it_keeps_it(most, mode):
    make = SMALL | {"episode.stagger": True}
    ours = gymnasium.make_vec("rldbs/BvdP-v1", ENVS, autoreset_mode=mode, max_episode_steps=most, **make)
    single = partial(gymnasium.make, "rldbs/BvdP-v1", max_episode_steps=int(most), **make)
    theirs = SyncVectorEnv([single] * ENVS, autoreset_mode=mode)
    assert_equal(ours.reset(seed=3), theirs.reset(seed=3))
    for actions in np.random.default_rng(0).uniform(-1, 1, (40, ENVS, 1)).astype(np.float32):
        assert_equal(ours.step(actions), theirs.step(actions))


def test_a_limit_of_minus_one_is_none():
    env = gymnasium.make_vec("rldbs/BvdP-v1", 2, max_episode_steps=-1, **SMALL)
    env.reset(seed=0)
    ends = [env.step(np.zeros((2, 1), np.float32))[3].all() for _ in range(13)]
    assert ends == [False] * 12 + [True]


def test_a_learner_of_stable_baselines3_is_told_of_the_face_that_is_meant_for_it():
    with pytest.raises(ValueError, match=r"takes what rldbs\.make_sb3 makes"):
        PPO("MlpPolicy", batch())
    face = rldbs.make_sb3("bvdp", num_envs=2, seed=np.int64(7), **SMALL)
    np.testing.assert_array_equal(face.reset(), rldbs.make_vec("bvdp", 2, seed=7, **SMALL).reset()[0])
    learner = PPO("MlpPolicy", face, n_steps=8, batch_size=8, n_epochs=1, device="cpu")
    learner.set_logger(Logger(None, []))  # its own one would leave a folder among temporary files
    learner.learn(16)


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
        (lambda: rldbs.make_vec("bvdp", 2.5), "num_envs: must be a whole number"),
        (lambda: batch(seed=-1), "seed: must be a whole number from 0"),
        (lambda: batch(seed=[1, 2, 3, None]), "seed: must be a whole number from 0"),
        (lambda: batch().reset(seed=[1, 2, 3, 0.5]), "seed: must be a whole number from 0"),
        (lambda: batch(max_episode_steps=0), "max_episode_steps: must be a whole number from 1"),
        (lambda: batch().reset(seed=[1, 2]), "needs one integer, or 4; 2 given"),
        (lambda: batch().reset(options={"reset_mask": np.ones(3, bool)}), r"bool array of shape \(4,\)"),
        (lambda: batch().reset(options={"reset_mask": np.zeros(4, bool)}), "at least one True"),
    ],
)
def test_wrong_call_is_refused(call, message):
    with pytest.raises(SettingError, match=message):
        call()
