"""Rollouts of ours are those of Stable-Baselines3."""

from typing import Any

import numpy as np
import pytest
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

from rldbs.agents.learner import build_learner
from rldbs.control.loop import ClosedLoop
from tests.conftest import small_settings

SHORT = ("episode.steps=7", "agent.rollout=32", "agent.minibatch=64")
"""Episodes of which many end in a rollout."""


def collected(agent: str, overrides: tuple[str, ...], theirs: bool, rollouts: int = 2) -> Any:
    """A learner that has learned from a rollout and collected the next one, in our way or in Stable-Baselines3's."""
    settings = small_settings(overrides, agent)
    learner: Any = build_learner(settings.agent, ClosedLoop(settings.loop, settings.envs, 0), seed=0)
    _, callback = learner._setup_learn(10**6, None)
    for _ in range(rollouts):
        arguments = learner.env, callback, learner.rollout_buffer, learner.n_steps
        if theirs:
            learner.explore(1.0 - learner.num_timesteps / 10**6)
            assert OnPolicyAlgorithm.collect_rollouts(learner, *arguments)
        else:
            assert learner.collect_rollouts(*arguments)
    return learner


@pytest.mark.parametrize(
    ("agent", "overrides"),
    [
        ("ppo", SHORT),
        ("ppo", (*SHORT, "agent.difference_gain=10", "agent.actor_bias=false", "agent.log_std_end=null")),
        ("ppo", (*SHORT, "agent.past_kicks=3")),
        ("ppo", (*SHORT, "stimulus.levels=5")),
        ("ppo", (*SHORT, "stimulus.levels=5", "agent.past_kicks=3")),
        ("a2c", ("episode.steps=7",)),
        ("trpo", SHORT),
        ("ppo", (*SHORT, "stimulus.amplitude=20")),  # populations diverge
    ],
)
def test_rollout_is_that_of_stable_baselines(agent, overrides):
    ours, theirs = (collected(agent, overrides, theirs) for theirs in (False, True))
    for name in ("observations", "actions", "episode_starts", "log_probs"):
        one, two = (getattr(learner.rollout_buffer, name) for learner in (ours, theirs))
        np.testing.assert_array_equal(one, two, err_msg=name)
    assert ours.rollout_buffer.episode_starts[1:].sum() > 10 or agent == "a2c"
    for name in ("values", "rewards", "advantages", "returns"):  # the critic sums in another order
        one, two = (getattr(learner.rollout_buffer, name) for learner in (ours, theirs))
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5, err_msg=name)
    np.testing.assert_array_equal(ours._last_obs, theirs._last_obs)
    np.testing.assert_array_equal(ours._last_episode_starts, theirs._last_episode_starts)
    assert ours.num_timesteps == theirs.num_timesteps
    assert [e["r"] for e in ours.ep_info_buffer] == [e["r"] for e in theirs.ep_info_buffer]


class Stopping(BaseCallback):
    def _on_step(self) -> bool:
        assert len(self.locals["infos"]) == self.training_env.num_envs
        return self.n_calls < 3


def test_a_callback_sees_every_step_and_can_stop_it():
    settings = small_settings(SHORT, "ppo")
    learner: Any = build_learner(settings.agent, ClosedLoop(settings.loop, settings.envs, 0), seed=0)
    _, callback = learner._setup_learn(10**6, Stopping())
    assert not learner.collect_rollouts(learner.env, callback, learner.rollout_buffer, learner.n_steps)
    assert learner.num_timesteps == 3 * settings.envs
