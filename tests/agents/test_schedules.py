"""What changes over a budget: from its beginning on, and never beyond its end."""

import pytest

from rldbs.agents.learner import build_learner
from rldbs.agents.settings import LEARNERS, NetworkSettings
from rldbs.control.loop import ClosedLoop
from tests.conftest import small_settings

NETWORKS = [name for name, settings in LEARNERS.items() if issubclass(settings, NetworkSettings)]
KINDS = ("ppo", "sac")
"""One that learns from rollouts, and one from what it remembers."""
SCHEDULE = ("agent.learning_rate=1e-3", "agent.learning_rate_end=0")


def rates(agent: str, steps: int) -> tuple[list[float], list[float]]:
    """With which learning rates a learner learns, and at which shares of the budget left it sets its exploration."""
    settings = small_settings(SCHEDULE, agent)
    learner = build_learner(settings.agent, ClosedLoop(settings.loop, settings.envs, 0), seed=0)
    asked: list[float] = []
    explored: list[float] = []
    schedule, explore = learner.lr_schedule, getattr(learner, "explore")  # noqa: B009

    def rate(remaining: float) -> float:
        asked.append(float(schedule(remaining)))
        return asked[-1]

    def exploration(remaining: float) -> None:
        explored.append(remaining)
        explore(remaining)

    learner.lr_schedule, learner.explore = rate, exploration  # type: ignore[assignment, attr-defined]
    learner.learn(steps)
    return asked, explored


@pytest.mark.parametrize(
    ("agent", "steps"),
    [
        pytest.param(agent, steps, marks=() if steps == 1300 or agent in KINDS else pytest.mark.slow)
        for agent in NETWORKS
        for steps in (600, 1024, 1300)
    ],
)
def test_no_schedule_goes_beyond_its_end(agent, steps):
    asked, explored = rates(agent, steps)
    assert asked == sorted(asked, reverse=True)
    assert 0 < min(asked) < max(asked) <= 1e-3
    assert all(0 < remaining <= 1 for remaining in explored)


@pytest.mark.parametrize("agent", ["ppo", "a2c", "trpo", "recurrent_ppo", "ars"])
def test_the_only_rollout_is_learned_from_at_the_full_rate(agent):
    asked, _ = rates(agent, 512)
    assert set(asked) == {1e-3}


def test_each_rollout_is_learned_from_at_the_rate_of_its_beginning():
    asked, explored = rates("ppo", 1300)
    parts = [1, 1 - 512 / 1300, 1 - 1024 / 1300]
    assert explored == parts
    assert list(dict.fromkeys(asked)) == [1e-3 * part for part in parts]


@pytest.mark.parametrize("agent", ["dqn", "qrdqn"])
def test_random_levels_keep_to_their_end(agent):
    settings = small_settings(["agent.random=1", "agent.random_end=0.25", "agent.random_until=1"], agent)
    learner = build_learner(settings.agent, ClosedLoop(settings.loop, settings.envs, 0), seed=0)
    learner.learn(1001)
    assert learner.num_timesteps > 1001
    assert learner.exploration_rate == 0.25  # type: ignore[attr-defined]
