"""The Stable-Baselines3 face: the same physics, fresh arrays, and episodes that are handed over whole."""

import numpy as np

from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from rldbs.envs.sb3 import PopulationSB3VecEnv

SMALL = {
    "neurons": 20,
    "transient": 100,
    "populations": 3,
    "snapshots": 2,
    "episode.steps": 13,
    "stagger": True,
}


def face(environments: int = 4) -> PopulationSB3VecEnv:
    return PopulationSB3VecEnv(ClosedLoop(make_loop_settings("bvdp", SMALL), environments, seed=7))


def test_it_steps_the_closed_loop():
    env, loop = face(), ClosedLoop(make_loop_settings("bvdp", SMALL), 4, seed=7)
    loop.reset()
    np.testing.assert_array_equal(env.reset(), loop.observe())
    for action in np.random.default_rng(0).uniform(-1, 1, (30, 4, 1)).astype(np.float32):
        observations, rewards, ended, infos = env.step(action)
        expected, truncated = loop.step(action)
        final = loop.observe()
        if truncated.any():
            loop.reset(truncated)
        np.testing.assert_array_equal(rewards, expected.astype(np.float32))
        np.testing.assert_array_equal(ended, truncated)
        np.testing.assert_array_equal(observations, loop.observe())
        for i in range(4):
            assert ("terminal_observation" in infos[i]) == truncated[i]
            if truncated[i]:
                np.testing.assert_array_equal(infos[i]["terminal_observation"], final[i])
                assert infos[i]["TimeLimit.truncated"] is True


def test_episode_reports_its_return_and_length():
    env = face()
    env.reset()
    returns, lengths = np.zeros(4), np.zeros(4, int)
    for _ in range(40):
        _, rewards, ended, infos = env.step(np.full((4, 1), 0.3, np.float32))
        returns += rewards
        lengths += 1
        for i in np.flatnonzero(ended):
            np.testing.assert_allclose(infos[i]["episode"]["r"], returns[i], rtol=1e-5)
            assert infos[i]["episode"]["l"] == lengths[i]
            returns[i], lengths[i] = 0.0, 0


def test_arrays_are_fresh_so_that_the_learner_may_keep_and_change_them():
    env = face()
    first = env.reset()
    copy = first.copy()
    _, rewards, _, _ = env.step(np.zeros((4, 1), np.float32))
    rewards += 100.0
    _, again, _, _ = env.step(np.zeros((4, 1), np.float32))
    np.testing.assert_array_equal(first, copy)
    assert (again < 50).all()


def test_seed_repeats_the_episodes():
    env = face()
    env.seed(3)
    first = env.reset()
    env.seed(3)
    np.testing.assert_array_equal(env.reset(), first)
