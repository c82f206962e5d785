"""What a learner's optimizers do not need."""

import subprocess
import sys

import pytest
import torch

from rldbs.agents.optimizers import LightAdam, _optimizers
from tests.agents.conftest import learned

LEARNS = """
import sys
from tests.agents.conftest import learned
import rldbs.experiment.train
learned("ppo")
print(*sorted({"torch._dynamo", "scipy.signal", "scipy.stats", "matplotlib.axes"} & sys.modules.keys()))
"""


def test_learning_loads_neither_a_compiler_nor_what_draws_pictures():
    done = subprocess.run([sys.executable, "-c", LEARNS], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_light_adam_is_fused_adam_to_the_bit():
    def trained(kind: type[torch.optim.Adam], **settings: bool) -> list[torch.Tensor]:
        torch.manual_seed(0)
        network = torch.nn.Linear(5, 3)
        optimizer = kind(network.parameters(), lr=0.1, eps=1e-5, **settings)
        for step in range(4):
            optimizer.zero_grad()
            network(torch.randn(7, 5)).square().sum().backward()
            optimizer.step()
            if step == 1:
                before, optimizer = optimizer, kind(network.parameters(), lr=0.1, eps=1e-5, **settings)
                optimizer.load_state_dict(before.state_dict())
        return [parameter.detach() for parameter in network.parameters()]

    for ours, theirs in zip(trained(LightAdam), trained(torch.optim.Adam, fused=True), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("agent", ["ppo", "trpo", "recurrent_ppo", "sac"])
def test_every_adam_takes_its_step_in_one_pass(agent):
    for optimizer in _optimizers(learned(agent, steps=512).learner).values():
        assert optimizer.defaults["fused"]
        assert all(group["fused"] for group in optimizer.param_groups)
