"""Random search that tries all candidates at once."""

import copy

import numpy as np
import pytest
import torch
from stable_baselines3.common.callbacks import ConvertCallback

from tests.agents.conftest import learned


@pytest.mark.parametrize("hidden", ["[]", "[16]"])
def test_candidates_act_together_as_each_would_alone(hidden):
    run = learned("ars", f"agent.hidden={hidden}", "agent.difference_gain=3")
    learner, observations = run.learner, torch.from_numpy(run.loop.observe())
    candidates = learner.weights + torch.randn(4, len(learner.weights))
    together = torch.vmap(learner._act)(learner._by_name(candidates), observations.view(4, 2, -1))
    for k, candidate in enumerate(candidates):
        alone = copy.deepcopy(learner.policy)
        alone.load_from_vector(candidate)
        expected = alone(observations[2 * k : 2 * k + 2]).clamp(-1, 1)
        torch.testing.assert_close(together[k], expected, atol=1e-6, rtol=0)


def test_every_environment_step_counts_once():
    run = learned("ars", steps=1000)
    assert run.learner.num_timesteps == 2 * 8 * 64
    assert run.learner._n_updates == 2


def test_policy_without_bias_is_odd():
    run = learned("ars", "agent.hidden=[16]", "agent.actor_bias=false", "agent.learning_rate=1")
    observations = torch.randn(6, 80)
    actions = run.learner.policy(observations)
    assert actions.abs().max() > 0.01
    torch.testing.assert_close(run.learner.policy(-observations), -actions)


def test_among_levels_the_policy_keeps_its_bias():
    run = learned("ars", "agent.actor_bias=false", "stimulus.levels=5", steps=512)
    assert run.learner.policy.action_net[0].bias is not None


def test_search_climbs():
    """Where candidates are worth the sum of their weights, that sum grows."""
    run = learned("ars", steps=512)
    learner = run.learner
    learner.evaluate_candidates = lambda weights, *_: weights.sum(dim=1)
    before = float(learner.weights.sum())
    for _ in range(5):
        learner._do_one_update(ConvertCallback(None), None)
    assert float(learner.weights.sum()) > before
    np.testing.assert_array_equal(
        torch.nn.utils.parameters_to_vector(learner.policy.parameters()).detach(), learner.weights
    )
