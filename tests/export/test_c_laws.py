"""Classical controllers in C decide as they themselves do, on what closed loops have recorded."""

import pytest

from rldbs.agents.classical import CLASSICAL
from rldbs.core.errors import SettingError
from rldbs.export.formats import c_controller
from tests.export.conftest import FEW, differences, subject

OSCILLATORS = ("model=kuramoto", "model.neurons=64", "recording.variable=[y,x]", "agent.channel=1")
"""Their time is in ms."""
LAWS = [
    ("constant", ()),
    ("open_loop", ("stimulus=rectangular", "stimulus.every=3", "agent.period=0.1")),
    ("proportional", ("agent.smoothing=4", "recording.centered=false", "agent.offset=null", "recording.variable=y")),
    ("pd", ("recording.variable=[x,y]", "agent.channel=1", "recording.delay=7", "recording.noise=0.05")),
    ("pi", ("agent.gain=0.02", "agent.integral_gain=0.05", "agent.baseline=1", "stimulus.amplitude=0.02")),
    ("delayed_feedback", ("agent.delay=1.3", "agent.fade_in=1", "recording.stride=5", "stimulus=rectangular")),
    ("nonlinear_delayed_feedback", ("agent.delay=0.4", "recording.stride=3")),
    ("passive_oscillator", ("recording.sigmoid=0.5",)),
    ("adaptive_feedback", ("agent.baseline=2", "agent.largest_gain=0.06")),
    ("phase_pulses", ("agent.pulses=2",)),
    ("on_off", ("agent.threshold=0.5",)),
    (
        "dual_threshold",
        ("agent.ramp=0.3", "agent.lower=1.58", "agent.upper=1.6", "agent.size=0.05", "stimulus.amplitude=0.05"),
    ),
    ("until", ("agent.below=0.1", "agent.above=0.6", "recording.variable=[y,x]", "agent.channel=1")),
    ("beta_on_off", (*OSCILLATORS, "agent.threshold=0.6", "agent.size=-80", "agent.ramp=0")),
    ("beta_dual", (*OSCILLATORS, "agent.lower=0.5", "agent.upper=0.7", "agent.ramp=90", "agent.size=200")),
    ("beta_pi", (*OSCILLATORS, "agent.target=0.4", "agent.gain=300", "agent.size=300", "recording.noise=0.1")),
]
MORE = [
    ("until", ("agent.below=-0.7", "agent.above=0.7", "agent.measure=mean", "recording.centered=false")),
    ("pd", ("agent.baseline=1", "agent.smoothing=3", "stimulus=pulse")),
    ("pi", ("agent.integral_gain=-0.01",)),
    ("delayed_feedback", ("agent.fade_in=0", "agent.difference=true")),
    ("phase_pulses", ("agent.pulses=1", "recording.length=20")),
]


@pytest.mark.parametrize(("agent", "more"), [*LAWS, *(pytest.param(*case, marks=pytest.mark.slow) for case in MORE)])
def test_a_controller_in_c_decides_as_itself(agent, more, tmp_path):
    exported = subject(f"agent={agent}", *FEW, *more, decisions=600)
    found = differences(exported, tmp_path)
    assert abs(exported.recorded.actions).max() > 0
    assert found.max() < 1e-4


OF_OSCILLATORS = {"acd", "acd_oracle", "coordinated_reset", "high_frequency", "phase_locked", "on_demand"}


def test_every_controller_but_chance_and_those_of_oscillators_can_be_exported():
    assert {agent for agent, _ in LAWS} == CLASSICAL.keys() - {"random"} - OF_OSCILLATORS


def test_what_steers_several_contacts_is_refused():
    with pytest.raises(SettingError, match="for one contact; there are 4"):
        c_controller(subject("agent=pd", "electrode=four", *FEW))


@pytest.mark.parametrize(
    ("agent", "why"),
    [
        ("random", "NumPy's generators"),
        ("none", "never stimulates"),
        ("high_frequency model=kuramoto tissue=line", "no form in C; these have: constant, open_loop"),
    ],
)
def test_what_has_no_form_in_c_is_refused(agent, why):
    with pytest.raises(SettingError, match=why):
        c_controller(subject(*f"agent={agent}".split(), *FEW))
