"""Our PPO learns from a rollout what Stable-Baselines3's does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from stable_baselines3 import PPO

from rldbs.agents.learner import build_learner
from rldbs.agents.learner_state import policy_arrays
from rldbs.agents.ppo import PopulationPPO
from rldbs.control.loop import ClosedLoop
from tests.conftest import small_settings

pytestmark = pytest.mark.filterwarnings("ignore:You have specified a mini-batch size")  # of which the last is smaller


def collected(*overrides: str, threads: int = 1) -> Any:
    settings = small_settings(("agent.rollout=32", "agent.minibatch=100", "agent.epochs=3", *overrides), "ppo")
    loop = ClosedLoop(settings.loop, settings.envs, 0, threads)
    learner: Any = build_learner(settings.agent, loop, seed=0)
    _, callback = learner._setup_learn(10**6, None)
    learner.collect_rollouts(learner.env, callback, learner.rollout_buffer, learner.n_steps)
    return learner


def learned(learner: Any, train: Callable[[Any], None]) -> tuple[dict[str, Any], dict[str, float]]:
    """The weights after learning from the rollout, and what was logged."""
    np.random.seed(0)  # noqa: NPY002
    train(learner)
    logged = {key: float(value) for key, value in learner.logger.name_to_value.items()}
    return policy_arrays(learner.policy), logged


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("agent.entropy=0.01", "agent.log_std_end=null"),
        ("agent.difference_gain=10", "agent.actor_bias=false", "agent.hidden=[16]"),
        ("agent.past_kicks=3", "agent.difference_gain=10"),
        ("stimulus.levels=5", "agent.entropy=0.01"),
        ("agent.minibatch=51",),  # the last one of 256 is alone
        ("agent.max_grad_norm=0.01",),
        ("agent.max_grad_norm=100",),
    ],
)
def test_update_is_that_of_stable_baselines(overrides):
    one, other = (collected(*overrides) for _ in range(2))
    (ours, logged), (theirs, expected) = learned(one, PopulationPPO.train), learned(other, PPO.train)
    before = policy_arrays(collected(*overrides).policy)
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], atol=2e-4, rtol=1e-3, err_msg=name)
    assert max(np.abs(ours[name] - before[name]).max() for name in ours) > 2e-3
    for our, their in zip(one.policy.parameters(), other.policy.parameters(), strict=True):  # of the last minibatch
        np.testing.assert_allclose(our.grad, their.grad, atol=2e-3, rtol=1e-2)
    assert logged.keys() == expected.keys()
    for name in logged:
        assert logged[name] == pytest.approx(expected[name], rel=1e-3, abs=1e-5), name


def test_threads_change_no_bit():
    (one, first), (two, second) = (learned(collected(threads=threads), PopulationPPO.train) for threads in (1, 2))
    for name in one:
        np.testing.assert_array_equal(one[name], two[name], err_msg=name)
    assert first == second
