"""Phase-locked pulses: where in the rhythm they are, and how many of them."""

import numpy as np
import pytest

from rldbs.core.errors import SettingError
from tests.agents.classical.listening import PERIOD, controller, environment, kicks, kicks_of_contacts, sine, times

STEPS = 2100
SHARP = {"frequency": 1.0, "damping": 0.3, "integrator": 2.0}
LOOP = environment("model=kuramoto", "stimulus.interval=1")
LATE = times(STEPS, LOOP) >= 1100


def middle(found: np.ndarray) -> float:
    """The middle of the pulses, in degrees of the rhythm."""
    theta = 2 * np.pi * times(STEPS, LOOP)[LATE][found != 0] / PERIOD
    return float(np.degrees(np.angle(np.exp(1j * theta).sum())))


def late(loop=LOOP, **changes):
    return kicks("phase_locked", sine(STEPS), loop, **{**SHARP, "size": 20.0, **changes})[LATE, 0]


def test_pulses_are_as_large_as_they_are_said_to_be_around_their_phase():
    for phase in (90.0, -60.0):
        found = late(phase=phase, width=72.0)
        assert middle(found) == pytest.approx(phase, abs=3)
        assert (found != 0).mean() == pytest.approx(0.2, abs=0.02)
        assert set(found.tolist()) == {0.0, 20.0}


@pytest.mark.parametrize(
    ("overrides", "size", "phase"),
    [
        (["model.response=type2"], 20.0, 0.0),
        (["model.response=type2"], -20.0, 180.0),
        (["model.response=type1"], 20.0, 90.0),
        (["model.response=fourier", "model.cosines=[0,1]", "model.sines=[0,0]"], 20.0, -90.0),
        (["model.response=fourier", "model.cosines=[4,0]", "model.sines=[0,-1]"], 20.0, 180.0),
    ],
)
def test_without_a_phase_they_are_where_the_response_to_them_drives_phases_apart(overrides, size, phase):
    """At the middle of the pulses the slope of size·Z is largest: who is ahead is pushed ahead further."""
    loop = environment("model=kuramoto", "stimulus.interval=1", *overrides)
    found = middle(late(loop, phase=None, width=180.0, size=size))
    assert np.cos(np.radians(found - phase)) > 0.995


def test_a_pause_leaves_one_pulse_in_a_cycle():
    found = late(phase=90.0, width=180.0, pause=0.8)
    given = times(STEPS, LOOP)[LATE][found != 0]
    assert np.diff(given).tolist() == [PERIOD] * (len(given) - 1)
    assert len(given) == 10


def test_where_the_stimulus_acts_at_every_fifth_decision_a_pause_counts_those():
    loop = environment("model=kuramoto", "stimulus.interval=1", "stimulus.every=5")
    found = kicks("phase_locked", sine(STEPS), loop, **SHARP, phase=90.0, width=180.0, pause=0.1)[:2000, 0] != 0
    held = found.reshape(-1, 5)
    assert (held == held[:, :1]).all()
    assert np.diff(np.flatnonzero(held[:, 0])).min() == 2


def test_every_contact_may_listen_to_the_nearest_site():
    loop = environment(
        "model=kuramoto_line", "electrode.sites=[[-3,0,0],[3,0,0]]", "recording.variable=[x1,x2]", "stimulus.interval=1"
    )
    x = np.stack([sine(STEPS), -sine(STEPS)])[:, None]
    found = kicks_of_contacts("phase_locked", x, loop, **SHARP, size=5.0, channel="nearest")[:, 0] != 0
    on = found[times(STEPS, loop) >= 1100]
    assert (on[:, 0] == on[:, 1]).all()
    assert (on[:, 0] != on[:, 2]).mean() > 0.95


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ([], "model=bvdp has no phase response that says when; set agent.phase"),
        (
            ["model=kuramoto", "model.response=flat"],
            "model.response=flat responds at all phases alike; set agent.phase",
        ),
    ],
)
def test_where_nothing_says_when_a_phase_must_be_given(overrides, message):
    loop = environment(*overrides)
    with pytest.raises(SettingError, match=rf"agent\.phase=null: {message}"):
        controller("phase_locked", loop)
    assert controller("phase_locked", loop, phase=0.0)
