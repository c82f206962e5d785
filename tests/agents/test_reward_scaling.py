import numpy as np
from stable_baselines3.common.vec_env import VecNormalize

from rldbs.agents.reward_scaling import CompressedRewards, NormalizedRewards
from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from rldbs.envs.sb3 import PopulationSB3VecEnv


def test_rewards_are_compressed_in_order_and_nothing_else_is_changed():
    settings = make_loop_settings("bvdp", {"neurons": 20, "transient": 50, "populations": 2, "snapshots": 1})
    plain, compressed = (PopulationSB3VecEnv(ClosedLoop(settings, 5, seed=0)) for _ in range(2))
    wrapped = CompressedRewards(compressed, floor=1e-3)
    np.testing.assert_array_equal(plain.reset(), wrapped.reset())
    for action in np.random.default_rng(0).uniform(-1, 1, (10, 5, 1)).astype(np.float32):
        observations, rewards, _, _ = plain.step(action)
        same, small, _, _ = wrapped.step(action)
        np.testing.assert_array_equal(observations, same)
        np.testing.assert_allclose(small, -np.log1p(-rewards / 1e-3), rtol=1e-5)
        np.testing.assert_array_equal(np.argsort(small), np.argsort(rewards))


def test_what_a_diverging_population_costs_is_not_compressed():
    overrides = {"neurons": 20, "transient": 50, "populations": 2, "snapshots": 1, "amplitude": 40.0, "penalty": 70.0}
    loop = ClosedLoop(make_loop_settings("bvdp", overrides), 2, seed=0)
    wrapped = CompressedRewards(PopulationSB3VecEnv(loop), floor=1e-3)
    wrapped.reset()
    _, rewards, ended, _ = wrapped.step(np.array([[0.0], [1.0]], np.float32))
    assert ended.tolist() == [False, True]
    assert rewards[1] == -70.0


def test_rewards_are_divided_as_stable_baselines_does():
    overrides = {"neurons": 20, "transient": 50, "populations": 2, "snapshots": 1, "episode.steps": 4}
    settings = make_loop_settings("bvdp", overrides)
    ours = NormalizedRewards(PopulationSB3VecEnv(ClosedLoop(settings, 5, seed=0)), gamma=0.9)
    theirs = VecNormalize(PopulationSB3VecEnv(ClosedLoop(settings, 5, seed=0)), norm_obs=False, gamma=0.9)
    np.testing.assert_array_equal(ours.reset(), theirs.reset())
    for action in np.random.default_rng(0).uniform(-1, 1, (10, 5, 1)).astype(np.float32):
        for one, two in zip(ours.step(action)[:3], theirs.step(action)[:3], strict=True):
            np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(ours.get_original_reward(), theirs.get_original_reward())
        np.testing.assert_array_equal(ours.get_original_obs(), theirs.get_original_obs())
        assert (ours.ret_rms.mean, ours.ret_rms.var) == (theirs.ret_rms.mean, theirs.ret_rms.var)
