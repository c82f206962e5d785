"""What holds for every classical controller."""

import copy
import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from rldbs.agents.classical import CLASSICAL
from rldbs.commands.tune import tuning
from rldbs.config.composition import compose
from rldbs.config.groups import keys
from rldbs.config.schema import evaluate_settings, train_settings
from rldbs.config.settings_files import CONF
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.experiment.command_settings import Protocol
from rldbs.experiment.protocol import measure_controllers
from tests.agents.classical.listening import (
    NEEDS,
    controller,
    environment,
    kicks,
    kicks_of_contacts,
    shipped,
    windows,
)

NOISE = np.random.default_rng(6)
X = np.cos(2 * np.pi * (np.arange(400) / 100 + NOISE.random((5, 1)))) + 0.1 * NOISE.normal(size=(5, 400))
KICKING = [name for name in CLASSICAL if name != "on_demand"]
"""But for that whose actions are trains, which has tests of its own."""
LISTENING = [  # but for pi, whose integral stands still at the limit
    name
    for name in KICKING
    if name not in ("constant", "random", "open_loop", "high_frequency", "coordinated_reset", "pi")
]


composed = cache(compose)


def at_home(name: str, *overrides: str) -> LoopSettings:
    """An environment that a controller fits."""
    return environment(*NEEDS.get(name, ()), *overrides)


def configuration(command: str, name: str, levels: int | None = None) -> dict[str, Any]:
    """What a command gets for a controller, without composing it anew for each."""
    config = copy.deepcopy(composed(command))
    config["agent"] = {"name": name, **{key: value.default for key, value in shipped(name).items()}}
    config["stimulus"]["levels"] = levels
    return config


@pytest.mark.parametrize("name", KICKING)
def test_batch_member_equals_single_environment(name):
    loop = at_home(name, "stimulus.interval=3")
    together = kicks_of_contacts(name, X, loop, seed=7)
    for row in range(5):
        np.testing.assert_array_equal(together[:, row : row + 1], kicks_of_contacts(name, X[row], loop, seed=7 + row))


@pytest.mark.parametrize("name", KICKING)
def test_made_anew_its_memory_is_empty(name):
    loop = at_home(name)
    np.testing.assert_array_equal(kicks_of_contacts(name, X, loop), kicks_of_contacts(name, X, loop))


@pytest.mark.parametrize("name", KICKING)
def test_actions_stay_within_the_amplitude_and_have_the_stimulus_numbers(name):
    loop = at_home(name, "stimulus=pulse", "stimulus.interval=10", "stimulus.amplitude=1e-6")
    acting = controller(name, loop)
    for seen in windows(X, loop):
        actions = acting.act(seen)
        assert (actions.shape, actions.dtype) == ((5, 3 * loop.model.space.contacts), np.float32)
        assert (np.abs(actions) <= 1).all()
        assert not actions.reshape(5, -1, 3)[:, :, 1:].any()


@pytest.mark.parametrize("name", LISTENING)
def test_the_amplitude_only_limits(name):
    small, large = (kicks(name, X, at_home(name, f"stimulus.amplitude={limit}")) for limit in (0.003, 1.0))
    np.testing.assert_allclose(small, np.clip(large, -0.003, 0.003), atol=1e-6)


@pytest.mark.parametrize("name", [name for name in KICKING if name != "coordinated_reset"])
def test_levels_that_are_offered_are_used(name):
    config = configuration("evaluate", name, levels=4)
    if CLASSICAL[name].rests:
        with pytest.raises(SettingError, match=f"an even number has no level at 0, but agent={name} rests at times"):
            evaluate_settings(config)
    else:
        assert isinstance(evaluate_settings(config).agent, CLASSICAL[name])
    few = [] if name.startswith("beta") else ["model.neurons=27"]  # nuclei that are rates are what they are
    small = [*few, "model.transient=100", "stimulus.levels=5"]
    loop = at_home(name, *small)
    protocol = Protocol(episodes=2, free=100, stimulated=300, onset=100, relaxed=0, seed=5)
    (trajectory,) = measure_controllers(loop, protocol, {name: controller(name, loop)}).values()
    steps = trajectory.kicks / loop.stimulus.amplitude * 2
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-6)


@pytest.mark.parametrize("name", CLASSICAL)
def test_training_it_is_refused_with_what_to_do(name):
    remedy = rf"Measure it with: rldbs evaluate model=\w+ agent={name}$"
    with pytest.raises(SettingError, match=f"agent={name}: has nothing to learn\n{remedy}"):
        train_settings(configuration("train", name))


def test_a_delay_that_no_memory_holds_is_refused():
    overrides = ["agent=delayed_feedback", "reward=setpoint", "model.period=10000000", "agent.delay=100"]
    overrides += ["protocol.free=10000000", "protocol.stimulated=10000000", "protocol.onset=0", "protocol.relaxed=0"]
    with pytest.raises(SettingError, match=r"agent\.delay, model\.period=10000000: what the controller remembers"):
        evaluate_settings(compose("evaluate", [*overrides, "protocol.episodes=64"]))


@pytest.mark.parametrize("name", CLASSICAL)
def test_the_file_explains_every_setting_and_the_class_names_its_source(name):
    explained = keys("evaluate", {"agent": name})
    for field in dataclasses.fields(CLASSICAL[name]):
        assert explained[f"agent.{field.name}"].comment
    assert "kick" in CLASSICAL[name].__doc__


@pytest.mark.parametrize("name", CLASSICAL)
def test_the_space_of_a_search_is_of_its_settings_and_can_be_read(name):
    space = yaml.safe_load((CONF / "space" / f"{name}.yaml").read_text())["space"]
    known = keys("evaluate", {"agent": name})
    assert space.keys() <= known.keys()
    for key, text in space.items():
        text, _, unit = text.partition(" * ")
        assert OverridesParser.create().parse_override(f"{key}={text}").is_sweep_override()
        assert unit in ("", *keys("environment", {}))


@pytest.mark.parametrize("name", KICKING)
def test_the_shipped_settings_for_bursting_neurons_lie_within_the_space(name):
    """So that a search begins with them, and never ends below them."""
    assert tuning([f"agent={name}", "model=hr", *NEEDS.get(name, ()), "threads=1"], None).settings.own is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "name", "least", "most"),
    [
        ("bvdp", "proportional", 45, 0.0006),
        ("bvdp", "delayed_feedback", 50, 0.0004),
        ("bvdp", "pd", 70, 0.002),
        ("bvdp", "passive_oscillator", 40, 0.0004),
        ("hr", "proportional", 12, 0.003),
    ],
)
def test_what_is_known_to_suppress_does(model, name, least, most):
    """1000 neurons, the default protocol, the settings as shipped."""
    from rldbs.experiment.evaluate import measured

    settings = evaluate_settings(compose("evaluate", [f"model={model}", f"agent={name}"]))
    metrics = measured(settings, None).metrics["deterministic"]
    assert metrics["suppression"]["iqm"] >= least
    assert metrics["mean_abs_kick"]["iqm"] <= most
    assert metrics["activity"]["iqm"] > 0.85
    if name == "delayed_feedback":
        assert metrics["net_charge"]["iqm"] <= 0.01
