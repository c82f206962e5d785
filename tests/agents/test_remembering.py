"""Learners that are told of their past kicks: while they learn, as controllers, and when they go on."""

from typing import Any

import numpy as np
import pytest

from rldbs.agents.learner import build_learner
from rldbs.agents.learner_state import learner_state, restore_learner
from rldbs.agents.remembering import Remembering, remembering
from rldbs.control.loop import ClosedLoop
from rldbs.envs.sb3 import PopulationSB3VecEnv
from tests.agents.conftest import learned
from tests.conftest import small_settings

PAST = ("agent.past_kicks=3", "agent.difference_gain=10", "agent.log_std=-1")


def remembering_env(*overrides: str, count: int = 2) -> Remembering:
    loop = ClosedLoop(small_settings(overrides, "ppo").loop, 2, 0)
    return Remembering(PopulationSB3VecEnv(loop), count)


def column(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)[:, None]


def test_last_kicks_of_the_episode_follow_the_observation():
    env = remembering_env("episode.steps=3", "episode.stagger=false", "recording.length=4")
    assert env.observation_space.shape == (6,)
    np.testing.assert_array_equal(env.reset()[:, 4:], 0.0)
    np.testing.assert_allclose(env.step(column(1.0, -0.5))[0][:, 4:], [[0.1, 0.0], [-0.05, 0.0]])
    np.testing.assert_allclose(env.step(column(3.0, 0.0))[0][:, 4:], [[0.1, 0.1], [0.0, -0.05]])
    observations, _, ended, infos = env.step(column(0.5, 0.5))
    assert ended.all()
    np.testing.assert_array_equal(observations[:, 4:], 0.0)
    np.testing.assert_allclose(infos[0]["terminal_observation"][4:], [0.05, 0.1])
    np.testing.assert_allclose(infos[1]["terminal_observation"][4:], [0.05, 0.0])
    assert env.observation_space.contains(infos[0]["terminal_observation"])


def test_of_levels_their_kicks_are_remembered():
    env = remembering_env("stimulus.levels=5", "recording.length=4")
    env.reset()
    np.testing.assert_allclose(env.step(np.array([4, 1]))[0][:, 4:], [[0.1, 0.0], [-0.05, 0.0]])


@pytest.mark.parametrize("agent", ["ppo", "a2c", "trpo"])
def test_controller_acts_as_the_learner_does(agent):
    run = learned(agent, *PAST, steps=512)
    env, loop = remembering_env(count=3), ClosedLoop(run.settings.loop, 2, 0)
    observations: Any = env.reset()
    loop.reset()
    controller = run.controller()
    for _ in range(6):
        own = run.learner.predict(observations, deterministic=True)[0]
        actions = controller.act(loop.observe())
        np.testing.assert_allclose(actions, own, atol=1e-6)
        observations = env.step(actions)[0]
        loop.step(actions)
    np.testing.assert_allclose(observations[:, -3:-2], 0.1 * actions)


def test_only_who_is_told_remembers():
    assert remembering(learned("ppo", *PAST, steps=512).learner.env) is not None
    assert remembering(learned("ppo", steps=512).learner.env) is None


def test_what_goes_on_remembers_the_same():
    run = learned("ppo", *PAST, steps=512)
    fresh = build_learner(run.settings.agent, ClosedLoop(run.settings.loop, run.settings.envs, 0), seed=1)
    restore_learner(fresh, learner_state(run.learner))
    actions = np.full((run.settings.envs, 1), 0.5, np.float32)
    one, other = (learner.env.step(actions)[0] for learner in (run.learner, fresh))
    np.testing.assert_array_equal(one, other)
    assert (one[:, -1] != 0.0).any()
