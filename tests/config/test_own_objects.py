"""An object of one's own serves in the place of a named piece of an environment, or is refused in words."""

import copy
import pickle
from dataclasses import dataclass

import numpy as np
import pytest

import rldbs
from rldbs.control.reward import Deviation
from rldbs.control.stimulus import Delta

SMALL = {"neurons": 40, "transient": 400}


class Silence:
    """No dataclass: an object needs none."""

    memory = 1

    def reward(self, past, kicks, x):
        return -np.abs(kicks).sum(axis=1)


def rewards(env, count=20):
    env.reset()
    return [env.step(np.full(1, 0.5, np.float32))[1] for _ in range(count)]


def test_an_object_of_ours_is_the_named_option():
    named = rewards(rldbs.make("bvdp", seed=1, **SMALL, reward="deviation", window=50, beta=0.2))
    assert rewards(rldbs.make("bvdp", seed=1, **SMALL, reward=Deviation(50, 0.2))) == named


def test_an_object_of_ones_own_serves_alone_and_in_a_batch_and_can_be_copied():
    env = rldbs.make("bvdp", seed=1, **SMALL, reward=Silence(), stimulus=Delta(amplitude=0.2))
    assert rewards(env) == [-0.1] * 20
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert twin.step(np.ones(1, np.float32))[1] == -0.2
    batch = rldbs.make_vec("hr", num_envs=2, seed=1, **SMALL, reward=Silence())
    batch.reset()
    assert batch.step(np.zeros((2, 1), np.float32))[1].tolist() == [0.0, 0.0]
    assert rldbs.make_sb3("bvdp", 2, seed=1, **SMALL, reward=Silence()).reset().shape == (2, 80)


@dataclass(frozen=True)
class Half:
    memory: int = 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"reward": Half()}, "reward: Half lacks reward, which rldbs.control.reward.Reward describes"),
        ({"reward": Silence}, r"reward=Silence: is a class; give an object of it: reward=Silence\(…\)"),
        ({"stimulus": object()}, "object lacks interval, every, amplitude"),
        ({"stimulus": Delta(limit=1.0)}, "is for several contacts together"),
    ],
)
def test_what_does_not_serve_is_refused(given, message):
    with pytest.raises(rldbs.SettingError, match=message):
        rldbs.make("bvdp", **SMALL, **given)
