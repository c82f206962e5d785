"""Learned networks in C decide as they themselves do, on what closed loops have recorded."""

import numpy as np
import pytest

from tests.export.conftest import differences, learner_subject, subject

NETWORKS = [
    ("ppo", ("agent.past_kicks=3", "recording.variable=[x,y]")),
    ("ppo", ("agent.past_kicks=3", "stimulus.levels=5")),
    ("a2c", ("stimulus=rectangular", "recording.stride=4", "recording.sigmoid=0.5", "recording.delay=5")),
    ("recurrent_ppo", ("agent.hidden=[8,4]", "agent.past_kicks=3")),
    ("crossq", ("agent.hidden=[8,4]",)),
    ("td3", ("agent.difference_gain=0", "recording.centered=false", "recording.stride=3")),
    ("qrdqn", ("agent.quantiles=7", "agent.hidden=[8,4]")),
    ("ars", ("agent.hidden=[8]", "agent.actor_bias=true", "stimulus.levels=5")),
]
MORE = [
    ("ppo", ("agent.difference_gain=0", "recording.centered=false", "recording.stride=3")),
    ("ppo", ("recording.sigmoid=0.5", "recording.delay=5", "recording.noise=0.1")),
    ("trpo", ("stimulus=pulse", "agent.past_kicks=2")),
    ("recurrent_ppo", ("stimulus.levels=5", "recording.variable=[x,y]")),
    ("sac", ("agent.hidden=[8,4]",)),
    ("tqc", ()),
    ("ddpg", ()),
    ("dqn", ()),
    ("ars", ()),
]


@pytest.mark.parametrize(
    ("agent", "more"), [*NETWORKS, *(pytest.param(*case, marks=pytest.mark.slow) for case in MORE)]
)
def test_a_network_in_c_decides_as_itself(agent, more, tmp_path):
    exported = learner_subject(agent, *more)
    found = differences(exported, tmp_path)
    assert np.abs(exported.recorded.actions).max() > 0
    assert found.max() < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bvdp-ppo", "bvdp_chaotic-ppo", "hr-ppo"])
def test_so_does_a_policy_that_comes_with_the_package_for_long(name, tmp_path):
    exported = subject(f"run=zoo:{name}", decisions=10_000)
    assert differences(exported, tmp_path).max() < 1e-4
