"""What contacts that act apart are asked for is known as the stimulus gives it, within the limit of all together."""

import numpy as np
import pytest

from rldbs.agents.regulator.possible_inputs import PossibleInputs
from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop import ClosedLoop
from rldbs.control.loop_settings import LoopSettings

AMPLITUDE = 20.0
DEVICES = {
    "delta": {},
    "limit": {"stimulus.limit": 25.0},
    "saturation": {"stimulus.saturation": 0.3},
    "resolution and limit": {"stimulus.resolution": 0.15, "stimulus.saturation": 0.5, "stimulus.limit": 25.0},
    "every third step": {"stimulus.every": 3, "stimulus.limit": 25.0},
    "charge balanced": {"stimulus": "charge_balanced"},
    "pulses": {"stimulus": "pulse", "stimulus.interval": 10, "stimulus.limit": 25.0},
}


def four_contacts(**overrides: object) -> LoopSettings:
    small = {"neurons": 27, "transient": 50, "populations": 2, "snapshots": 1, "electrode": "four"}
    return make_loop_settings("kuramoto", {**small, "stimulus.amplitude": AMPLITUDE, **overrides})


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_what_is_given_at_each_contact_is_known(device):
    settings = four_contacts(**device)
    loop, inputs = ClosedLoop(settings, 3), PossibleInputs(settings.stimulus, 4)
    loop.reset()
    generator, seen = np.random.default_rng(0), []
    for step in range(30):
        acts = np.full(3, step % settings.stimulus.every == 0)
        chosen, given = inputs.give(generator.normal(0.0, 0.7, (3, 4)), acts)
        loop.step(chosen)
        np.testing.assert_allclose(loop.kicks[:, 0], AMPLITUDE * given, atol=1e-5)
        assert np.abs(given).sum(axis=1).max() <= device.get("stimulus.limit", np.inf) / AMPLITUDE + 1e-6
        seen.append(given)
    assert np.ptp(seen, axis=(0, 1)).min() > 0.2


def test_what_is_asked_is_held_against_a_contact_and_against_all():
    wanted = np.array([[[0.5, -0.5, 0.5, 0.5], [0.0, 2.0, 0.0, 0.0], [0.1, 0.1, 0.1, -0.1]]])
    free, limited = (PossibleInputs(four_contacts(**device).stimulus, 4) for device in ({}, DEVICES["limit"]))
    np.testing.assert_allclose(free.asked(wanted), [[0.5, 2.0, 0.1]])
    np.testing.assert_allclose(limited.asked(wanted), [[2.0 / 1.25, 2.0, 0.4 / 1.25]])


def test_contacts_that_act_together_take_one_input():
    settings = four_contacts(**{"stimulus.together": True, "stimulus.limit": 25.0, "stimulus.amplitude": 5.0})
    loop, inputs = ClosedLoop(settings, 2), PossibleInputs(settings.stimulus, 1)
    loop.reset()
    chosen, given = inputs.give(np.array([[0.4], [-3.0]]), np.ones(2, np.bool_))
    assert chosen.shape == (2, 1)
    loop.step(chosen)
    np.testing.assert_allclose(loop.kicks[:, 0], 5.0 * given * np.ones((2, 4)), rtol=1e-6)
