"""What the settings of off-policy learners make of them."""

import numpy as np
import pytest

from rldbs.agents.schedules import GaussianNoise
from tests.agents.conftest import learned


def test_noise_falls_in_its_logarithm():
    run = learned("td3", "agent.noise=0.4", "agent.noise_end=0.1", steps=1024)
    remaining = 4 * 8 / 1024  # before the last collection
    assert run.learner.action_noise.std == pytest.approx(0.1 * 4**remaining)


def test_noise_falls_to_nothing():
    run = learned("ddpg", "agent.noise=0.4", "agent.noise_end=0", steps=1024)
    assert run.learner.action_noise.std == pytest.approx(0.4 * 4 * 8 / 1024)


def test_noise_is_independent_for_each_environment():
    noise = GaussianNoise(4, 1, seed=0)
    noise.std = 0.5
    draws = np.stack([noise() for _ in range(2000)])[..., 0]
    np.testing.assert_allclose(np.cov(draws.T), 0.25 * np.eye(4), atol=0.03)


def test_entropy_learners_begin_with_the_exploration_that_is_set():
    run = learned("sac", "agent.log_std=-2.5", "agent.learning_rate=1e-12", "agent.learning_rate_end=0")
    actor = run.learner.policy.actor
    assert actor.log_std.weight.abs().max() < 1e-9
    assert actor.log_std.bias.item() == pytest.approx(-2.5)


def test_an_episode_cut_short_is_no_end():
    """Episodes end by truncation: the store keeps the last observation of the old one, and does not call it final."""
    run = learned("sac", "episode.steps=20", "agent.returns=1", steps=1024)
    store = run.learner.replay_buffer
    ends = np.argwhere(store.dones[: store.pos] > 0)
    assert len(ends) > 20
    assert store.timeouts[*ends.T].all()
    t, i = ends[ends[:, 0] + 1 < store.pos].T
    assert (store.next_observations[t, i] != store.observations[t + 1, i]).any(axis=1).all()
    np.testing.assert_allclose(store.next_observations[t, i][:, :-1], store.observations[t, i][:, 1:], atol=2.5)
    sample = store.sample(2000)
    assert not sample.dones.any()


def test_an_episode_in_which_a_population_diverged_is_an_end():
    """Nothing would have followed: the store says so, and what it has of it is finite."""
    run = learned("td3", "stimulus.amplitude=8", "agent.returns=1", steps=1024)
    store = run.learner.replay_buffer
    ends = np.argwhere(store.dones[: store.pos] > 0)
    assert len(ends) > 20
    assert not store.timeouts[*ends.T].any()
    assert np.isfinite(store.next_observations[*ends.T]).all()
    sample = store.sample(2000)
    assert sample.dones.any()
    assert sample.rewards[sample.dones > 0].max() < sample.rewards[sample.dones == 0].min()
