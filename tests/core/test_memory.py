"""Memory is flat: what a million steps and ten thousand episodes take, a few have taken already."""

import subprocess
import sys
from pathlib import Path

import pytest

RESIDENT = """
import os
import numpy as np
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024
"""

STEPS = """
import rldbs
ensemble = rldbs.Ensemble("hr", populations=2, neurons=20, transient=0)
random = np.random.default_rng(0)
def go(steps):
    while steps > 0:
        length = int(random.integers(0, 300))
        ensemble.advance(np.zeros((2, length)), threads=int(random.integers(1, 3)))
        steps -= length
go(50_000)
before = resident()
go(1_000_000)
print(resident() - before)
"""

EPISODES = """
import rldbs
env = rldbs.make_vec("bvdp", num_envs=2, seed=0, neurons=20)
loop = env.unwrapped.loop
def go(resets):
    for k in range(resets):
        loop.reset()
        for _ in range(k % 3):
            loop.step(np.zeros((2, loop.action_size)))
go(500)
before = resident()
go(10_000)
print(resident() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(STEPS, id="a million steps"),
        pytest.param(EPISODES, id="ten thousand resets", marks=pytest.mark.slow),
    ],
)
def test_resident_memory_stays(script):
    """In kibibytes; a leak of one float a step, or of one array a reset, would be thousands."""
    done = subprocess.run([sys.executable, "-c", RESIDENT + script], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 256
