"""A population that goes out of bounds, as each of the three faces tells it."""

import pickle
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import rldbs
from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from rldbs.envs.sb3 import PopulationSB3VecEnv
from tests.envs.test_vector import assert_equal

SMALL = {
    "neurons": 20,
    "transient": 100,
    "populations": 3,
    "snapshots": 2,
    "episode.steps": 13,
    "amplitude": 40.0,
    "penalty": 50.0,
    "centered": False,
}
ENVS = 4


def kicks(steps: int) -> np.ndarray:
    """None but for some kicks that no population survives."""
    random = np.random.default_rng(0)
    return (random.random((steps, ENVS, 1)) < 0.1).astype(np.float32)


def test_a_single_environment_terminates():
    env = rldbs.make("bvdp", seed=0, **SMALL)
    before, _ = env.reset()
    observation, reward, terminated, truncated, info = env.step(np.ones(1, np.float32))
    assert (reward, terminated, truncated) == (-50.0, True, False)
    assert env.observation_space.contains(observation)
    np.testing.assert_array_equal(observation[-1], before[-1])
    assert np.isfinite(info["mean_field"]).all()
    assert info["diverged"].startswith("diverged after step 0 of its episode: mean field")
    env.reset()
    _, _, terminated, _, info = env.step(np.zeros(1, np.float32))
    assert not terminated
    assert "diverged" not in info


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_a_batch_is_that_of_single_environments(mode):
    ours = rldbs.make_vec("bvdp", ENVS, autoreset_mode=mode, **SMALL)
    theirs = SyncVectorEnv([lambda: rldbs.make("bvdp", **SMALL)] * ENVS, autoreset_mode=mode)
    assert_equal(ours.reset(seed=3), theirs.reset(seed=3))
    ended = 0
    for action in kicks(60):
        mine = ours.step(action)
        assert_equal(mine, theirs.step(action))
        assert np.isfinite(mine[0]).all()
        ended += mine[2].sum()
    assert ended > 5


def test_without_autoreset_it_waits_to_be_reset():
    env = rldbs.make_vec("bvdp", ENVS, autoreset_mode=AutoresetMode.DISABLED, **SMALL)
    env.reset(seed=3)
    action = np.zeros((ENVS, 1), np.float32)
    action[2] = 1.0
    _, _, terminated, truncated, info = env.step(action)
    assert terminated.tolist() == [False, False, True, False]
    assert not truncated.any()
    assert info["_diverged"].tolist() == terminated.tolist()
    assert info["diverged"].tolist()[:2] == [None, None]
    with pytest.raises(rldbs.core.errors.SettingError, match=r"environments \[2\] have ended"):
        env.step(action)
    env.reset(options={"reset_mask": terminated})
    assert not env.step(np.zeros((ENVS, 1), np.float32))[2].any()


def test_gymnasium_finds_nothing_wrong_with_it():
    env = gymnasium.make("rldbs/BvdP-v1", **SMALL)
    env.reset(seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert env.step(np.ones(1, np.float32))[2]


def test_stable_baselines_is_told_that_nothing_would_have_followed():
    loop = ClosedLoop(make_loop_settings("bvdp", SMALL), ENVS, seed=7)
    env = PopulationSB3VecEnv(loop)
    env.reset()
    action = np.zeros((ENVS, 1), np.float32)
    action[1] = 1.0
    observations, rewards, ended, infos = env.step(action)
    assert ended.tolist() == [False, True, False, False]
    assert rewards[1] == -50.0
    assert infos[1]["TimeLimit.truncated"] is False
    assert infos[1]["episode"]["l"] == 1
    assert infos[1]["episode"]["r"] == -50.0
    assert infos[1]["diverged"].startswith("diverged after step 0")
    assert np.isfinite(infos[1]["terminal_observation"]).all()
    assert not np.array_equal(observations[1], infos[1]["terminal_observation"])
    assert not env.step(np.zeros((ENVS, 1), np.float32))[2].any()


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_a_copy_made_just_then_goes_on_to_the_bit(mode):
    ours = rldbs.make_vec("bvdp", ENVS, autoreset_mode=mode, **SMALL)
    again = rldbs.make_vec("bvdp", ENVS, autoreset_mode=mode, **SMALL)
    ours.reset(seed=3)
    again.reset(seed=3)
    action = np.array([[0.0], [1.0], [0.0], [1.0]], np.float32)
    assert ours.step(action)[2].sum() == 2
    copied = pickle.loads(pickle.dumps(ours))
    again.set_state(ours.get_state())
    for action in kicks(30):
        mine = ours.step(action)
        assert_equal(mine, copied.step(action))
        assert_equal(mine, again.step(action))
