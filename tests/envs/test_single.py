"""The single environment keeps Gymnasium's contract."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as sb3_check_env

import rldbs
from rldbs.core.errors import SettingError
from rldbs.environments import IDS

SMALL = {"neurons": 20, "transient": 100, "populations": 3, "snapshots": 2}


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_gymnasium_finds_nothing_to_complain_about(env_id, render_mode, caplog):
    env = gymnasium.make(env_id, render_mode=render_mode, **SMALL)
    check_env(env.unwrapped, skip_render_check=False)
    assert caplog.text == ""


@pytest.mark.parametrize("env_id", IDS)
def test_stable_baselines3_finds_nothing_to_complain_about(env_id):
    sb3_check_env(gymnasium.make(env_id, **SMALL).unwrapped)


def test_seed_of_make_is_the_seed_of_the_first_reset():
    many = SMALL | {"populations": 50}
    made, reset = rldbs.make("bvdp", seed=5, **many), rldbs.make("bvdp", **many)
    first, _ = made.reset()
    np.testing.assert_array_equal(first, reset.reset(seed=5)[0])
    second, _ = made.reset()
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(second, reset.reset()[0])


def test_a_seed_may_be_numpys():
    made, reset = rldbs.make("bvdp", seed=np.int64(5), **SMALL), rldbs.make("bvdp", **SMALL)
    np.testing.assert_array_equal(made.reset()[0], reset.reset(seed=np.uint8(5))[0])


@pytest.mark.parametrize("seed", [-1, 0.5, "1", True, np.array([1, 2])])
def test_what_is_no_seed_is_refused(seed):
    env = rldbs.make("bvdp", **SMALL)
    for use in (lambda: rldbs.make("bvdp", seed=seed, **SMALL), lambda: env.reset(seed=seed)):
        with pytest.raises(SettingError, match="seed: must be a whole number from 0"):
            use()


def test_episode_is_truncated_never_terminated():
    env = rldbs.make("bvdp", seed=0, **SMALL, **{"episode.steps": 25})
    env.reset()
    ends = [env.step(env.action_space.sample())[2:4] for _ in range(25)]
    assert ends == [(False, False)] * 24 + [(False, True)]


def test_info_holds_the_physics_in_physical_units():
    env = rldbs.make("bvdp", seed=0, **SMALL, amplitude=0.4, interval=3)
    env.reset()
    *_, info = env.step(np.array([-0.5], np.float32))
    np.testing.assert_allclose(info["kicks"], [-0.2, 0.0, 0.0])
    assert info["mean_field"].shape == (3, 2)


def test_picture_shows_the_running_signal():
    env = rldbs.make("hr", seed=0, render_mode="rgb_array", **SMALL)
    env.reset()
    first = env.render()
    for _ in range(50):
        env.step(env.action_space.sample())
    then = env.render()
    assert first.dtype == np.uint8
    assert first.shape == then.shape == (*first.shape[:2], 3)
    assert not np.array_equal(first, then)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"neuron": 5}, "neurons"),
        ({"neurons": 0}, "model.neurons"),
        ({"reward": "setpont"}, "setpoint"),
        ({"render_mode": "human"}, "rgb_array"),
        ({"model": "hrr"}, "hr"),
    ],
)
def test_wrong_setting_is_refused_with_what_is_right(arguments, message):
    with pytest.raises(SettingError, match=message):
        rldbs.make(**arguments)
