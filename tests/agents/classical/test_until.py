"""A train that ends once a recorded variable is low enough."""

import numpy as np
import pytest

from rldbs.core.errors import SettingError
from tests.agents.classical.listening import controller, environment

TWO = ("recording.variable=[x,y]", "stimulus.interval=1")


def seen(x, y):
    """Windows in which x and y are constant but for an alternation of size 1 in x."""
    around = np.where(np.arange(40) % 2, 1.0, -1.0)
    return np.stack([np.concatenate([a * around, np.full(40, b)]) for a, b in zip(x, y, strict=True)]).astype(
        np.float32
    )


def given(pulses, x, y):
    return pulses.act(seen(x, y))[:, 0]


def test_pulses_end_for_good_once_the_mean_is_low_enough():
    pulses = controller("until", environment(*TWO), channel=1, measure="mean", below=0.5, size=-0.01, duty=1.0)
    assert (given(pulses, [0.0] * 3, [1.0, 0.6, 0.4]) != 0).tolist() == [True, True, False]
    assert (given(pulses, [0.0] * 3, [0.4, 0.6, 9.0]) != 0).tolist() == [False, True, False]
    assert (given(pulses, [0.0] * 3, [9.0, 0.6, 9.0]) != 0).tolist() == [False, True, False]


def test_pulses_begin_anew_above_another_value():
    pulses = controller("until", environment(*TWO), measure="std", below=0.5, above=1.5, size=0.01, duty=1.0)
    found = [given(pulses, [size], [0.0])[0] != 0 for size in (1.0, 0.4, 1.0, 2.0, 1.0)]
    assert found == [True, False, False, True, True]


def test_a_train_of_a_timed_stimulus_ends_too():
    loop = environment("model=ei_plastic", "recording.variable=weight", "recording.length=1", "recording.stride=1")
    pulses = controller("until", loop, measure="mean", below=0.577, size=30.0, period=10.0 / 100.0)
    np.testing.assert_allclose(pulses.act(np.array([[1.0], [0.5]], np.float32)), [[0.3, 0.0], [0.0, 0.0]], atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel": 2}, "agent.channel=2: must be below 2"),
        ({"above": 0.1, "below": 0.5}, "must be at least agent.below"),
    ],
)
def test_what_cannot_be_is_refused(changes, words):
    with pytest.raises(SettingError, match=words):
        controller("until", environment(*TWO), **changes)
