"""What the settings of on-policy learners make of them, shown on PPO."""

import numpy as np
import pytest
import torch

from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.learner_state import policy_arrays
from rldbs.core.errors import RunError
from tests.agents.conftest import learned


def learner_of(*overrides: str, steps: int = 2048):
    return learned("ppo", *overrides, steps=steps)


def test_without_bias_the_actor_is_odd_after_learning():
    learner, _, _ = learner_of("agent.actor_bias=false", "agent.learning_rate=0.01")
    observations = torch.randn(6, 80)
    mode = learner.policy.get_distribution(observations).mode()
    assert mode.abs().max() > 0.01
    torch.testing.assert_close(learner.policy.get_distribution(-observations).mode(), -mode)


@pytest.mark.parametrize("agent", ["a2c", "trpo", "recurrent_ppo"])
def test_without_bias_nothing_is_done_about_nothing(agent):
    run = learned(agent, "agent.actor_bias=false", "agent.learning_rate=0.01", steps=512)
    assert np.abs(run.controller().act(run.loop.observe())).max() > 1e-4
    np.testing.assert_array_equal(run.controller().act(np.zeros((2, 80), np.float32)), 0.0)


def test_among_levels_the_actor_keeps_its_bias():
    run = learned("ppo", "agent.actor_bias=false", "stimulus.levels=5")
    assert run.learner.policy.action_net.bias.requires_grad
    assert not hasattr(run.learner.policy, "log_std")


def test_with_bias_it_is_not():
    learner, _, _ = learner_of("agent.actor_bias=true", "agent.learning_rate=0.01")
    nothing = learner.policy.get_distribution(torch.zeros(1, 80)).mode().detach()
    assert abs(float(nothing)) > 1e-6


def test_exploration_follows_its_schedule():
    learner, _, _ = learner_of("agent.log_std=-1", "agent.log_std_end=-3")
    rollouts = 2048 // (8 * 64)
    assert not learner.policy.log_std.requires_grad
    assert learner.policy.log_std.item() == pytest.approx(-1 - 2 * (rollouts - 1) / rollouts)


def test_exploration_is_learned_where_no_end_is_given():
    learner, _, _ = learner_of("agent.log_std=-1", "agent.log_std_end=null")
    assert learner.policy.log_std.item() != -1
    assert learner.policy.log_std.requires_grad


def test_stochastic_policy_spreads_around_the_deterministic_one_and_repeats_by_its_generator():
    run = learner_of("agent.log_std=-2", "agent.log_std_end=-2")
    observations = run.loop.observe()
    mode = run.controller().act(observations)

    def sample() -> np.ndarray:
        actor = run.controller(np.random.default_rng(1))
        return np.stack([actor.act(observations) for _ in range(400)])

    draws = sample()
    np.testing.assert_array_equal(draws, sample())
    np.testing.assert_allclose(draws.mean(axis=0), mode, atol=0.03)
    np.testing.assert_allclose(draws.std(axis=0), np.exp(-2), rtol=0.2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("log_std"), "log_std: shape missing"),
        (lambda w: w.update(extra=np.zeros(2)), "extra"),
        (lambda w: w.update(log_std=np.zeros(3, np.float32)), r"log_std: shape \(3,\)"),
        (lambda w: w["log_std"].fill(np.nan), "log_std: not finite"),
    ],
)
def test_weights_that_do_not_fit_are_refused(change, message):
    learner, settings, _ = learner_of(steps=512)
    weights = policy_arrays(learner.policy)
    change(weights)
    with pytest.raises(RunError, match=message):
        LearnedController(settings.agent, settings.loop, weights)
