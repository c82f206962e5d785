"""Regulators in C decide as they themselves do, and keep a population as quiet."""

from dataclasses import replace

import numpy as np
import pytest

from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.control.loop import ClosedLoop
from rldbs.export.formats import c_controller
from rldbs.export.subject import Subject
from tests.conftest import small_settings
from tests.export.conftest import compiled, differences, subject


def made_up(*overrides: str, mixed: bool = False, size: float = 0.1) -> Subject:
    """A regulator with weights, of that size, that no identification has found."""
    settings = replace(small_settings(("agent.hold=0.1", *overrides), "lqg").final, threads=1)
    agent, loop, generator = settings.agent, settings.loop, np.random.default_rng(2)
    sizes = Sizes.of(agent, loop)
    weights = sizes.empty()
    weights |= {name: generator.normal(0.0, size, weights[name].shape) for name in ("outputs", "inputs", "gains")}
    weights |= {"loudness": np.array(0.4), "chosen": np.array(1.0), "rest": np.full(sizes.shapes()["rest"], -0.2)}
    if mixed:
        weights["mixture"] = sizes.plain + generator.normal(0.0, 0.1, sizes.plain.shape)
    return Subject(settings, "control", 400, weights, 512)


SITES = (
    "electrode.sites=[[0.1,0,0],[-0.2,0.1,0.1],[0,-0.3,0]]",
    "recording.variable=[x1,x2,x3]",
    "agent.channel=all",
)

SEVERAL = 6
"""Of the variants those before this have one signal and one input."""
VARIANTS = [
    ((), False, 2.0),
    ((), True, 0.1),
    (("recording.centered=false", "recording.variable=[x,y]", "agent.channel=1"), False, 0.1),
    (("recording.stride=3", "stimulus.levels=7"), False, 0.5),
    (("stimulus=rectangular", "stimulus.every=2", "stimulus.resolution=0.3", "stimulus.saturation=0.7"), True, 0.1),
    (("stimulus=pulse", "stimulus.saturation=0.05", "recording.delay=25"), False, 0.1),
    (("recording.variable=[x,y]", "agent.channel=all"), False, 0.1),
    (("recording.variable=[x,y]", "agent.channel=all", "recording.stride=3"), True, 0.1),
    (("electrode=four",), False, 0.1),
    (("electrode=four", *SITES), False, 0.1),
    (("electrode=four", *SITES, "recording.stride=3", "stimulus.limit=0.12"), True, 0.1),
    (
        ("electrode=four", *SITES, "stimulus.limit=0.12", "stimulus.resolution=0.3", "stimulus.saturation=0.7"),
        False,
        0.1,
    ),
    (("electrode=four", *SITES, "stimulus=rectangular", "stimulus.every=2"), False, 0.1),
]


@pytest.mark.parametrize(("more", "mixed", "size"), VARIANTS)
def test_a_regulator_in_c_decides_as_itself(more, mixed, size, tmp_path):
    exported = made_up(*more, mixed=mixed, size=size)
    actions = exported.recorded.actions
    assert np.unique(actions).size > 2
    assert differences(exported, tmp_path).max() < 2e-5


@pytest.mark.slow
@pytest.mark.parametrize(("more", "mixed", "size"), VARIANTS[SEVERAL:])
def test_several_signals_and_inputs_stay_with_it_for_10_000_decisions(more, mixed, size, tmp_path):
    exported = replace(made_up(*more, mixed=mixed, size=size), decisions=10_000)
    assert exported.recorded.actions.std(axis=0).max() > 0.01
    assert differences(exported, tmp_path).max() < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize(("name", "most"), [("hr-lqg", 1e-5), ("bvdp-lqg", 1e-3), ("bvdp_chaotic-lqg", 1e-3)])
def test_one_that_was_identified_decides_as_itself_within_the_rounding_of_its_samples(name, most, tmp_path):
    exported = subject(f"run=zoo:{name}", decisions=10_000)  # some take samples times 9,000
    assert differences(exported, tmp_path).max() < most


@pytest.mark.slow
def test_in_the_loop_it_keeps_a_population_as_quiet(tmp_path):
    exported = subject("run=zoo:bvdp-lqg", "model.neurons=300")
    layout = exported.layout
    spreads = []
    for device in (None, compiled(c_controller(exported), tmp_path)):
        loop, controller = ClosedLoop(layout.loop, 1, 3), exported.controller()
        tape = loop.record(4000)
        loop.reset()
        x = []
        for step in range(4000):
            if device is None:
                action = controller.act(loop.observe())
            else:
                count = layout.samples_per_decision if step else layout.kept
                signals = tape.windows(np.array([0]), tape.now)[:, 0]
                for values in signals[:, :: -layout.apart][:, :count][:, ::-1].T.tolist():
                    device.sample(values)
                action = np.array([[device.decide()]])
            loop.step(action)
            x.append(loop.mean_field[0, :, 0])
        spreads.append(float(np.concatenate(x[2500:]).std()))
    assert spreads[0] < 0.15  # free, it is 1.1
    assert spreads[1] == pytest.approx(spreads[0], rel=0.1)
