"""The reward for what lasts, and episodes that end quiet."""

import numpy as np
import pytest

import rldbs
from rldbs.control.lasting_reward import Lasting
from rldbs.core.errors import SettingError

SMALL = {"model.neurons": 50, "start.populations": 2, "start.snapshots": 1, "model.transient": 20}


def test_synchrony_strong_weights_and_current_cost():
    reward = Lasting(dt=1.0, window=4.0, target=0.5, pull=2.0, price=0.1)
    assert reward.memory == 4
    past = np.zeros((2, 3, 6))
    past[0, :, 2:], past[0, :, :2] = 0.5, 9.0  # before the window nothing counts
    past[1, :, -1] = 0.75, 0.5, 0.1
    kicks = np.array([[3.0, -3.0, 0.0, 0.0], [0.0] * 4, [0.0] * 4])
    np.testing.assert_allclose(reward.reward(past, kicks, np.zeros((3, 1))), [-0.25 - 1.0 - 0.15, -0.25, -0.25])


def test_a_train_that_weakens_synapses_pays_more_than_to_do_nothing():
    """With the defaults, as a learner discounts it: +30 mV at 100 Hz takes J·w from 260 to 150 mV in 5.2 s at χ = 0.7,
    after which χ is 0.03; free, it is 0.33 and J·w stays."""
    steps, discount = np.arange(150), 0.99
    ends = round(5.2 / 0.12)

    def paid(synchrony, weight, kick):
        past = np.stack([np.full((1, 120), synchrony), np.full((1, 120), weight / 260.0)])
        return float(Lasting().reward(past, np.full((1, 120), kick), np.zeros((1, 1)))[0])

    train = [paid(0.7, 260 - 110 * k / ends, 6.0) if k < ends else paid(0.03, 148, 0.0) for k in steps]
    nothing = [paid(0.33, 260, 0.0) for _ in steps]
    assert (discount**steps) @ train > (discount**steps) @ nothing


def test_an_environment_pays_what_its_reward_says():
    env = rldbs.make("ei_plastic", seed=0, price=1.0, pull=0.0, **SMALL)
    env.reset()
    quiet, loud = (env.step(np.array(action, np.float32))[1] for action in ([0.0, 0.0], [1.0, 0.0]))
    # 100 Hz of 1 ms phases is 12 pulses in 120 ms: 100 mV for a fifth of the time
    assert quiet > -1.0
    assert loud == pytest.approx(-20.0, abs=1.0)


@pytest.mark.parametrize("model", ["ei_plastic", "bvdp"])
def test_nothing_is_given_at_the_end_of_an_episode_that_is_to_end_quiet(model):
    small = SMALL if model == "ei_plastic" else {"neurons": 20, "start.populations": 2, "start.snapshots": 1}
    env = rldbs.make_vec(model, 2, seed=0, **{"episode.steps": 5, "episode.quiet": 2}, **small)
    given = []
    env.reset(seed=0)
    for _ in range(5):
        *_, ended, _ = env.step(np.full((2, env.single_action_space.shape[0]), 0.7, np.float32))
        given.append(np.abs(env.unwrapped.loop.kicks).sum(axis=1) > 0)
    np.testing.assert_array_equal(given, [[True] * 2] * 3 + [[False] * 2] * 2)
    assert ended.all()


def test_an_episode_that_is_all_quiet_is_refused():
    with pytest.raises(SettingError, match=r"episode.quiet=5: must be below episode.steps=5"):
        rldbs.make("bvdp", **{"episode.steps": 5, "episode.quiet": 5})
