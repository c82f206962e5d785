import numpy as np

from rldbs.agents.rewards import CompressedRewards
from rldbs.config import make_loop_settings
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
