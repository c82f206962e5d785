"""Composition and validation: every file composes, every mistake is told, every Python value survives."""

import dataclasses
import math
import re
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from omegaconf import OmegaConf

from rldbs.agents.settings import CLASSICAL, LEARNERS
from rldbs.config.composition import compose
from rldbs.config.groups import command_groups, keys, leaves
from rldbs.config.overrides import RESERVED, override_text
from rldbs.config.python_arguments import make_loop_settings
from rldbs.config.schema import evaluate_settings, loop_settings, simulate_settings, train_settings
from rldbs.config.settings_files import CONF
from rldbs.core.errors import SettingError
from rldbs.core.models import EVERY_MODEL, MODELS, OSCILLATORS

SETTINGS = {
    "train": train_settings,
    "evaluate": evaluate_settings,
    "simulate": simulate_settings,
    "environment": loop_settings,
}
OPTIONS = [(group, option) for group, options in command_groups("train").items() for option in options]
UNTRAINED = {*CLASSICAL, "none"}
NOT_TRAINED = {
    (group, option)
    for group, option in OPTIONS
    if (group == "agent" and option in UNTRAINED)
    or (group in ("tuned", "tuned_stimulus") and option.partition("-")[2].partition("-")[0] in CLASSICAL)
}
NEEDS = {
    ("start", "suppressed"): ["start.run=zoo:bvdp-ppo"],
    ("agent", "dqn"): ["stimulus.levels=21"],
    ("agent", "qrdqn"): ["stimulus.levels=21"],
    ("reward", "beta"): ["model=kuramoto"],
    ("reward", "error_index"): ["model=so2012"],
    ("recording", "features"): ["model=so2012"],
    **{("course", name): ["model=so2012"] for name in ("drawn", "switching")},
    ("reward", "lasting"): ["model=ei_plastic"],
    ("stimulus", "biphasic"): ["model=so2012"],
    ("stimulus", "train"): ["model=so2012"],
    ("tissue", "cube"): ["model=kuramoto"],
    ("tissue", "line"): ["model=kuramoto"],
    ("tissue", "populations"): ["model=kuramoto_populations"],
    ("electrode_drift", "walk"): ["model=kuramoto", "electrode=four"],
    ("encapsulation", "growth"): ["model=kuramoto"],
    ("tissue", "positions"): ["model=kuramoto", "tissue.table=['0 0 0','0 0 1','1 0 0']"],
    **{("electrode", name): ["model=kuramoto"] for name in ("single", "four", "directional")},
}


def needs(group: str, option: str) -> list[str]:
    """What else an option needs to make sense."""
    if group in ("dose", "tuned_stimulus") and option != "none":
        model, *agent, stimulus = option.split("-")
        return [f"model={model}", *(f"agent={name}" for name in agent if name in LEARNERS), f"stimulus={stimulus}"]
    if group == "tuned" and option != "none":
        model, agent = option.split("-")
        return [f"model={model}", f"agent={agent}", *NEEDS.get(("agent", agent), [])]
    return NEEDS.get((group, option), [])


def some(pairs: list[tuple[str, str]]) -> list[Any]:
    """Options, marked as slow but for one of those that differ in the model alone, each model in its turn."""
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for group, option in pairs:
        of_models = group in ("tuned", "tuned_stimulus", "dose")
        alike.setdefault((group, option.partition("-")[2] if of_models else option), []).append((group, option))
    left = {several[k % len(several)] for k, several in enumerate(alike.values())}
    return [pytest.param(*pair, marks=() if pair in left else pytest.mark.slow) for pair in pairs]


@pytest.mark.parametrize("command", SETTINGS)
@pytest.mark.parametrize("model", EVERY_MODEL)
def test_every_command_composes_and_validates_for_every_model(command, model):
    assert SETTINGS[command](compose(command, [f"model={model}"]))


@pytest.mark.parametrize(("group", "option"), some([pair for pair in OPTIONS if pair not in NOT_TRAINED]))
def test_every_option_of_every_group_validates(group, option):
    settings = train_settings(compose("train", [f"{group}={option}", *needs(group, option)]))
    assert settings.config[group]["name"] == option if group in settings.config else True


@pytest.mark.parametrize(("group", "option"), some(sorted(NOT_TRAINED)))
def test_every_option_without_a_learner_validates_where_it_is_measured(group, option):
    model, agent, *stimulus = ["bvdp", option] if group == "agent" else option.split("-")
    given = [f"agent={agent}", f"model={model}", *(f"stimulus={name}" for name in stimulus)]
    settings = evaluate_settings(compose("evaluate", given))
    assert settings.config["agent"]["name"] == agent


def test_every_model_of_the_configuration_has_the_published_constants():
    for name, model in MODELS.items():
        settings = make_loop_settings(name).model
        assert settings.parameters == dict(model.parameters)
        assert (settings.dt, settings.coupling) == (model.dt, model.coupling)
    for name, model in OSCILLATORS.items():
        settings = make_loop_settings(name).model
        assert (settings.dt, settings.coupling, settings.period) == (model.dt, model.coupling, model.period)


def test_own_reader_sees_the_keys_that_hydra_composes():
    """The names that completion and messages offer are exactly those that there are."""
    for command in SETTINGS:
        for model in EVERY_MODEL:
            config = compose(command, [f"model={model}"])
            offered, there = set(keys(command, {"model": model})), {name for name, _ in leaves(config)}
            if "teacher" not in config:
                offered = {name for name in offered if not name.startswith("teacher.")}
            there = {re.sub(r"(teacher\.settings)\..*", r"\1", name) for name in there}
            assert offered == there


def test_every_key_but_a_name_is_explained_or_follows_one_that_is():
    unexplained = [name for name, key in keys("train", {}).items() if not key.comment]
    followers = {"model.coupling", "model.current_std", "episode.stagger", "start.seed", "agent.log_std_end"}
    assert {n for n in unexplained if not n.endswith(".name") and ".parameters." not in n} <= followers


def test_whole_floats_are_whole_numbers():
    settings = train_settings(compose("train", ["steps=1e6", "agent.hidden=[64.0,1e2]"]))
    assert settings.steps == 1_000_000
    assert type(settings.steps) is int
    assert settings.agent.hidden == [64, 100]


def test_compose_works_inside_another_hydra_app():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        ours = GlobalHydra.instance()
        compose("train", ["model=hr"])
        assert GlobalHydra.instance() is ours
        assert hydra_compose("environment", ["model=hr"]).model.name == "hr"
    assert not GlobalHydra.instance().is_initialized()


def test_compose_gives_back_the_other_app_after_a_mistake():
    before = GlobalHydra.instance()
    with pytest.raises(SettingError):
        compose("train", ["seed=${nowhere}"])
    assert GlobalHydra.instance() is before
    assert not before.is_initialized()


def test_own_options_are_found_in_a_directory(tmp_path):
    (tmp_path / "stimulus").mkdir()
    (tmp_path / "stimulus" / "weak.yaml").write_text("defaults: [delta, _self_]\namplitude: 0.25\ninterval: 2\n")
    settings = train_settings(compose("train", ["stimulus=weak", "stimulus.amplitude=0.5"], tmp_path))
    assert (settings.loop.stimulus.amplitude, settings.loop.stimulus.interval) == (0.5, 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("defaults: [delta, _self_]\nwidth: 3\n", "stimulus.width: there is no such setting"),
        ("name: delta\namplitude: 1\n", "stimulus.interval: is missing"),
        ("defaults: [delta, _self_]\nname: dleta\n", "Did you mean delta?"),
        ("amplitude: 1\n", "stimulus.name=null: must be one of delta"),
        ("name: [delta\n", "is not valid YAML"),
    ],
)
def test_mistakes_in_own_options_are_told(tmp_path, content, words):
    (tmp_path / "stimulus").mkdir()
    (tmp_path / "stimulus" / "own.yaml").write_text(content)
    with pytest.raises(SettingError, match=r".") as error:
        train_settings(compose("train", ["stimulus=own"], tmp_path))
    assert words in str(error.value)


def test_the_constants_of_another_model_are_refused():
    config = compose("train")
    config["model"]["parameters"] = dict(MODELS["hr"].parameters)
    with pytest.raises(SettingError, match="bvdp has rate, recovery, offset"):
        train_settings(config)


def test_settings_are_frozen_and_hold_the_configuration():
    settings = train_settings(compose("train", ["model.neurons=77"]))
    assert settings.config["model"]["neurons"] == settings.loop.model.neurons == 77
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.seed = 1


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True).filter(lambda name: name.lower() not in RESERVED)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


@given(values)
def test_every_value_survives_as_an_override(value):
    override = OverridesParser.create(config_loader=None).parse_override(override_text("key", value))
    read = OmegaConf.to_container(OmegaConf.create({"key": override.value()}), resolve=True)["key"]
    assert read == value
    assert type(read) is type(value)


def test_numpy_values_survive_as_overrides():
    assert override_text("a", np.int64(3)) == "a=3"
    assert override_text("a", np.array([1.5, 2.0])) == "a=[1.5,2.0]"
    assert override_text("a", np.bool_(True)) == "a=true"


def test_nan_is_written_so_that_validation_can_refuse_it():
    with pytest.raises(SettingError, match=r"model\.coupling=nan"):
        make_loop_settings("bvdp", {"coupling": math.nan})


@pytest.mark.parametrize(
    ("overrides", "value"),
    [
        ({"neurons": 200}, lambda s: s.model.neurons == 200),
        ({"model.neurons": 200}, lambda s: s.model.neurons == 200),
        ({"reward": "deviation", "beta": 0.5}, lambda s: s.reward.beta == 0.5),
        ({"stimulus": {"name": "delta", "amplitude": 0.5}}, lambda s: s.stimulus.amplitude == 0.5),
        ({"stimulus": {"amplitude": 0.5}}, lambda s: s.stimulus.amplitude == 0.5),
        ({"episode": {"steps": 7}}, lambda s: s.episode.steps == 7),
        ({"steps": 7}, lambda s: s.episode.steps == 7),
        ({"parameters": {"rate": 0.2}}, lambda s: s.model.parameters["rate"] == 0.2),
        ({"model": {"neurons": 9}}, lambda s: s.model.neurons == 9),
        ({"neurons": np.int32(9)}, lambda s: s.model.neurons == 9),
    ],
)
def test_python_arguments_reach_their_settings(overrides, value):
    if "model" in overrides:
        overrides = {f"model.{key}": item for key, item in overrides["model"].items()}
    assert value(make_loop_settings("bvdp", overrides))


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"neuron": 5}, "Did you mean model.neurons?"),
        ({"seed": 5, "n": 1}, "there is no setting n"),
        ({"reward": "setpont"}, "Did you mean reward=setpoint?"),
        ({"reward": "setpoint", "window": 5}, "there is no setting window"),
        ({"stimulus": 3}, "stimulus can be biphasic, charge_balanced, delta"),
        ({"neurons": "many"}, "model.neurons=many: must be a whole number"),
        ({"neurons": object()}, "a setting is a number"),
        ({"recording": {"variable": "z"}}, "bvdp has x, y"),
        ({"hidden": [3]}, "there is no setting hidden"),
        ({"parameters": {"speed": 1.0}}, "model.parameters.speed"),
    ],
)
def test_mistakes_in_python_arguments_are_told(overrides, words):
    with pytest.raises(SettingError) as error:
        make_loop_settings("bvdp", overrides)
    assert words in str(error.value)


def test_a_short_name_that_fits_twice_is_refused(monkeypatch):
    monkeypatch.setattr("rldbs.config.python_arguments.keys", lambda *_: {"model.delay": None, "recording.delay": None})
    with pytest.raises(SettingError, match=r"could be model\.delay or recording\.delay"):
        make_loop_settings("bvdp", {"delay": 3})


def test_unknown_model_is_refused():
    with pytest.raises(SettingError, match="Did you mean model=hr"):
        make_loop_settings("hrr")


def test_equal_arguments_are_composed_once():
    assert make_loop_settings("hr", {"neurons": 31}) is make_loop_settings("hr", {"model.neurons": 31})
