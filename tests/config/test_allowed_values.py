"""Every setting of every choice says what it may be, and its default is that."""

import pytest

from rldbs.config.allowed_values import allowed_values
from rldbs.config.groups import groups, keys

LIST = [(group, option) for group in ("model", "agent", "stimulus", "reward", "start") for option in groups()[group]]


@pytest.mark.parametrize(("group", "option"), LIST)
def test_every_key_says_what_it_may_be(group, option):
    found = keys("train", {group: option})
    allowed = allowed_values(found)
    silent = [key for key, words in allowed.items() if not words and not key.endswith(".name")]
    assert silent == []


def test_ranges_are_those_of_the_records():
    allowed = allowed_values(keys("train", {"model": "hr", "agent": "sac"}))
    assert allowed["seed"] == "a whole number from 0 to 4 294 967 295"
    assert allowed["threads"] == "a whole number from 1 to 256 or null"
    assert allowed["agent.gamma"] == "a number from 0 and below 1"
    assert allowed["model.parameters.slow_rate"] == "a finite number"
    assert allowed["checkpoints.policy"] == "deterministic or stochastic"
