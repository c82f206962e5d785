"""Learned networks in C decide as they themselves do, on what closed loops have recorded."""

import numpy as np
import pytest

from tests.export.conftest import differences, learner_subject, subject

NETWORKS = [
    ("ppo", ("agent.past_kicks=3", "recording.variable=[x,y]")),
    ("ppo", ("agent.difference_gain=0", "recording.centered=false", "recording.stride=3")),
    ("ppo", ("agent.past_kicks=3", "stimulus.levels=5")),
    ("ppo", ("recording.sigmoid=0.5", "recording.delay=5", "recording.noise=0.1")),
    ("a2c", ("stimulus=rectangular", "recording.stride=4")),
    ("trpo", ("stimulus=pulse", "agent.past_kicks=2")),
    ("recurrent_ppo", ("agent.hidden=[8,4]", "agent.past_kicks=3")),
    ("recurrent_ppo", ("stimulus.levels=5", "recording.variable=[x,y]")),
    ("sac", ("agent.hidden=[8,4]",)),
    ("tqc", ()),
    ("crossq", ("agent.hidden=[8,4]",)),
    ("td3", ("agent.difference_gain=0",)),
    ("ddpg", ()),
    ("dqn", ()),
    ("qrdqn", ("agent.quantiles=7", "agent.hidden=[8,4]")),
    ("ars", ()),
    ("ars", ("agent.hidden=[8]", "agent.actor_bias=true", "stimulus.levels=5")),
]


@pytest.mark.parametrize(("agent", "more"), NETWORKS)
def test_a_network_in_c_decides_as_itself(agent, more, tmp_path):
    exported = learner_subject(agent, *more)
    found = differences(exported, tmp_path)
    assert np.abs(exported.recorded.actions).max() > 0
    assert found.max() < 1e-5


@pytest.mark.parametrize("name", ["bvdp-ppo", "hr-ppo"])
def test_so_does_a_policy_that_comes_with_the_package(name, tmp_path):
    exported = subject(f"run=zoo:{name}", "model.neurons=100", decisions=1000)
    assert differences(exported, tmp_path).max() < 1e-4
