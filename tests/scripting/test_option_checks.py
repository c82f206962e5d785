"""``rldbs.check`` passes what keeps the promises, and names what does not."""

from dataclasses import dataclass

import numpy as np
import pytest

import rldbs
from rldbs.agents.classical.base import Kicker
from rldbs.agents.classical.linear import ProportionalSettings
from rldbs.config import python_arguments
from rldbs.control.reward import REWARDS, Deviation
from rldbs.envs.vector import PopulationVectorEnv


@pytest.mark.parametrize(
    ("group", "name"),
    [("reward", "band"), ("stimulus", "pulse"), ("recording", "window"), ("coupling", "walk"), ("agent", "pi")],
)
def test_ours_keep_them(group, name):
    rldbs.check(group, name)


@dataclass(frozen=True)
class Mixing(Deviation):
    def reward(self, past, kicks, x):
        reward = super().reward(past, kicks, x)
        return reward - reward.mean()


def test_a_reward_across_environments_is_told(monkeypatch):
    monkeypatch.setitem(REWARDS.own, "deviation", Mixing)
    python_arguments._composed_loop.cache_clear()
    with pytest.raises(rldbs.SettingError, match="rewards in a batch are not those of a single"):
        rldbs.check("reward", "deviation")
    python_arguments._composed_loop.cache_clear()


def test_what_is_not_saved_is_told(monkeypatch):
    monkeypatch.setattr(PopulationVectorEnv, "set_state", lambda self, state: None)
    with pytest.raises(rldbs.SettingError, match="goes on in another way after it was saved"):
        rldbs.check("coupling", "fixed")


class Loud(Kicker):
    def kick(self, observations):
        return observations[:, 0] - observations[:, 0].mean()


def test_a_controller_across_environments_is_told(monkeypatch):
    monkeypatch.setattr(ProportionalSettings, "make", lambda self, loop, seed: Loud(loop))
    with pytest.raises(rldbs.SettingError, match="agent=proportional: actions in a batch are not those"):
        rldbs.check("agent", "proportional")


def test_actions_out_of_bounds_are_told(monkeypatch):
    class Wild:
        def act(self, observations):
            return np.full((len(observations), 1), 2.0, np.float32)

    monkeypatch.setattr(ProportionalSettings, "make", lambda self, loop, seed: Wild())
    with pytest.raises(rldbs.SettingError, match=r"within \[−1, 1\], not float32 \(3, 1\) from 2 to 2"):
        rldbs.check("agent", "proportional")


@pytest.mark.parametrize(
    ("group", "name", "words"),
    [
        ("reward", "nothing", "reward='nothing': there is no such option to check"),
        ("model", "bvdp", "model='bvdp': there is no such option to check"),
        ("agent", "ppo", "agent=ppo: is a learner, which a short training shows"),
    ],
)
def test_what_cannot_be_checked_is_refused(group, name, words):
    with pytest.raises(rldbs.SettingError, match=words):
        rldbs.check(group, name)
