"""Lessons: a learner comes to do what a controller does, and its critics learn before it goes on."""

import numpy as np
import pytest
import torch

from rldbs.agents.judging import ACTOR
from rldbs.agents.learner import build_learner
from rldbs.agents.learner_state import policy_arrays
from rldbs.agents.taught import teach
from rldbs.control.loop import ClosedLoop
from tests.conftest import small_settings

TEACHER = (
    "teacher.agent=proportional",
    "teacher.settings={gain:0.05}",
    "teacher.steps=1600",
    "teacher.rounds=3",
    "teacher.updates=200",
    "episode.steps=100",
)
TEACHABLE = ("ppo", "a2c", "trpo", "sac", "tqc", "crossq", "td3", "ddpg")


def built(agent, *overrides):
    settings = small_settings([*TEACHER, *overrides], agent)
    learner = build_learner(settings.agent, ClosedLoop(settings.loop, settings.envs, 0), 0, settings.teacher)
    return settings, learner


def taught(agent, *overrides, seed=5):
    settings, learner = built(agent, *overrides)
    told = []
    loop = ClosedLoop(settings.loop, settings.envs, 77)
    teach(learner, settings.agent, settings.teacher, loop, seed, lambda number, difference: told.append(difference))
    return settings, learner, told


def acted(settings, learner):
    """What teacher and learner do at the same observations, where the teacher acts."""
    loop = ClosedLoop(settings.loop, settings.envs, 99)
    loop.reset()
    teacher, wanted, done = settings.teacher.controller.make(settings.loop, 0), [], []
    for _ in range(60):
        observations = loop.observe()
        wanted.append(teacher.act(observations))
        done.append(learner.predict(observations, deterministic=True)[0])
        loop.episode_step(wanted[-1])
    return np.concatenate(wanted)[:, 0], np.concatenate(done)[:, 0]


@pytest.mark.parametrize(
    "agent", [pytest.param(agent, marks=() if agent in ("ppo", "sac") else pytest.mark.slow) for agent in TEACHABLE]
)
def test_a_learner_does_what_its_teacher_does(agent):
    wanted, done = acted(*built(agent))
    assert np.abs(np.corrcoef(wanted, done)[0, 1]) < 0.95
    wanted, done = acted(*taught(agent)[:2])
    assert np.corrcoef(wanted, done)[0, 1] > 0.95
    assert np.sqrt(np.mean((wanted - done) ** 2)) < 0.3 * wanted.std()


def test_a_learner_that_is_told_of_its_kicks_is_taught_with_them():
    settings, learner, told = taught("ppo", "agent.past_kicks=3")
    assert len(told) == 3
    assert learner.policy.observation_space.shape[0] == settings.loop.recording.size + 3


def test_lessons_are_the_same_for_the_same_seed_and_others_for_another():
    first, again, other = (policy_arrays(taught("ppo", seed=seed)[1].policy) for seed in (5, 5, 6))
    for name, weights in first.items():
        np.testing.assert_array_equal(weights, again[name])
    assert any((weights != other[name]).any() for name, weights in first.items() if name.startswith(ACTOR))


def test_lessons_take_nothing_from_what_the_learning_draws():
    settings, learner = built("ppo")
    before = torch.get_rng_state()
    loop = ClosedLoop(settings.loop, settings.envs, 77)
    teach(learner, settings.agent, settings.teacher, loop, 5, lambda *_: None)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_learner_takes_over_half_of_the_environments_in_each_round(monkeypatch):
    settings, learner = built("ppo", "teacher.rounds=4")
    loop, given = ClosedLoop(settings.loop, settings.envs, 77), []
    step = loop.episode_step
    monkeypatch.setattr(loop, "episode_step", lambda actions: given.append(actions.copy()) or step(actions))
    monkeypatch.setattr("rldbs.agents.taught.LearnedController", lambda *_: Always())
    teach(learner, settings.agent, settings.teacher, loop, 5, lambda *_: None)
    rounds = np.array_split(np.array(given)[:, :, 0], 4)
    assert [int((actions == Always.ACTION).all(axis=0).sum()) for actions in rounds] == [0, 4, 6, 7]


class Always:
    ACTION = np.float32(0.123)

    def act(self, observations):
        return np.full((len(observations), 1), self.ACTION)


@pytest.mark.parametrize("agent", ["ppo", "td3"])
def test_only_critics_learn_at_first(agent):
    learner = taught(agent, "teacher.judging=512")[1]
    before = policy_arrays(learner.policy)
    learner.learn(512)
    judged = policy_arrays(learner.policy)
    changed = {name for name, weights in before.items() if (weights != judged[name]).any()}
    assert changed
    assert not [name for name in changed if name.startswith(ACTOR)]
    learner.learn(512, reset_num_timesteps=False)
    after = policy_arrays(learner.policy)
    assert [name for name in before if name.startswith(ACTOR) and (before[name] != after[name]).any()]


def test_a_taught_learner_never_acts_at_random():
    learner = taught("td3", "agent.warmup=256", "agent.noise=0", "agent.noise_end=0")[1]
    learner.learn(128)
    seen = learner.replay_buffer
    filled = seen.size()
    observations = seen.observations[(np.repeat(np.arange(filled), 8), np.tile(np.arange(8), filled))]
    done = learner.predict(observations, deterministic=True)[0].reshape(filled, 8, -1)
    np.testing.assert_allclose(seen.actions[:filled], done, atol=1e-6)
