"""Settings that do not go together are refused, with the reason and what to do."""

import subprocess
import sys

import pytest

from rldbs.agents.settings import LEARNERS
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings
from rldbs.core.errors import SettingError
from tests.conftest import small_settings

AMPLITUDES = [name for name, settings in LEARNERS.items() if settings.takes == ("amplitudes",)]


def refusal(agent: str, *overrides: str) -> str:
    with pytest.raises(SettingError) as error:
        small_settings(overrides, agent)
    return str(error.value)


@pytest.mark.parametrize("agent", ["dqn", "qrdqn"])
def test_learner_of_levels_needs_levels(agent):
    text = refusal(agent, "stimulus.levels=null")
    assert f"agent={agent}: chooses among levels, but stimulus.levels is null" in text
    assert "Set stimulus.levels=21, or use agent=ppo|a2c" in text


def test_learners_of_amplitudes_refuse_levels():
    assert AMPLITUDES == ["sac", "tqc", "crossq", "td3", "ddpg"]
    for agent in AMPLITUDES:
        text = refusal(agent, "stimulus.levels=5")
        assert f"agent={agent}: chooses any amplitude, but stimulus.levels=5" in text
        assert "Set stimulus.levels=null, or use agent=ppo|a2c|trpo|recurrent_ppo|dqn|qrdqn|ars|lqg|lqg_search" in text


def test_measuring_a_run_under_conditions_that_its_learner_cannot_serve_is_refused():
    config = compose("evaluate", ["agent=sac", "tuned=none", "run=last", "stimulus.levels=5"])
    with pytest.raises(SettingError, match=r"agent=sac: chooses any amplitude, but stimulus\.levels=5"):
        evaluate_settings(config)


@pytest.mark.parametrize(
    ("agent", "overrides", "words"),
    [
        ("a2c", ["steps=500"], "steps=500: must be at least one rollout, envs × agent.rollout = 8 × 64 = 512"),
        ("trpo", ["agent.minibatch=1000"], "agent.minibatch=1000: must be at most envs × agent.rollout"),
        ("recurrent_ppo", ["agent.minibatch=1000"], "agent.minibatch=1000: must be at most"),
        ("sac", ["steps=256"], "steps=256: must be above agent.warmup=256"),
        ("td3", ["agent.returns=1000"], "must be at least envs × agent.returns = 8 × 1000"),
        ("tqc", ["agent.dropped=15"], "agent.dropped=15: must be below agent.quantiles=15"),
        ("ars", ["agent.best=5"], "agent.best=5: must be at most agent.directions=4"),
        ("ars", ["envs=12"], "envs=12: must be a multiple of 2 × agent.directions = 8"),
        ("ars", ["agent.rollout=1000"], "envs × agent.rollout = 8 × 1000"),
        ("lqg", ["agent.orders=[4,20]"], "agent.orders=[4, 20]: must be below 20, a fourth of what is used of agent."),
        ("lqg", ["agent.settling=0.9"], "agent.orders=[2, 4]: must be below 3"),
        ("lqg", ["steps=500"], "steps=500: must be at least one rollout, 4 environments × 128 steps = 512"),
        (
            "lqg_search",
            ["agent.pairs=2"],
            "envs=4: must be at least 2 × agent.pairs + 1 = 5, an environment for each trial of a generation and for "
            "the policy as it is",
        ),
        ("lqg_search", ["agent.orders=[20]"], "agent.orders=[20]: must be below 20"),
        (
            "lqg_search",
            ["agent.identifications=8"],
            "steps=4096: must be above 4096, which agent.identifications × envs × agent.recorded = 8 × 4 × 128 take",
        ),
    ],
)
def test_settings_that_do_not_fit_each_other_are_refused(agent, overrides, words):
    assert words in refusal(agent, *overrides)


def test_settings_are_known_without_torch():
    code = "import sys, rldbs.agents.settings; sys.exit('torch' in sys.modules or 'stable_baselines3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
