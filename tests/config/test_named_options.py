"""An electrode, or a recording, that is named has its own values; a model's file shapes what nobody has chosen."""

import numpy as np
import pytest
import yaml

import rldbs
from rldbs.commands.evaluate import recorded_config
from rldbs.config.composition import compose, compose_each, compose_run
from rldbs.config.groups import groups, keys
from rldbs.config.origins import LINE, composed_settings
from rldbs.config.overrides import read_override
from rldbs.config.python_arguments import make_loop_settings
from rldbs.config.schema import check_training, evaluate_settings, simulate_settings, train_settings
from rldbs.control.features import Features
from rldbs.core.errors import SettingError

SHAPED = ("kuramoto_line", "kuramoto_populations", "kuramoto_dbsgym")
"""Models whose files say where contacts are."""
CENTERED = ("bvdp", "bvdp_chaotic")
"""Models whose files say what only one recording has."""


def option(group, name):
    """What stands in the file of an option."""
    values = compose("environment", ["model=kuramoto", f"{group}={name}"])[group]
    assert values["name"] == name
    return values


@pytest.mark.parametrize("model", SHAPED)
@pytest.mark.parametrize("electrode", groups()["electrode"])
def test_an_electrode_that_is_named_has_its_own_values(model, electrode):
    names = [f"model={model}", f"electrode={electrode}"]
    wanted = option("electrode", electrode)
    for command, more in (
        ("train", []),
        ("evaluate", ["agent=high_frequency"]),
        ("simulate", []),
        ("tune", ["agent=pi"]),
    ):
        assert compose(command, [*names, *more])["electrode"] == wanted
    simulate_settings(compose("simulate", names))
    loop = evaluate_settings(compose("evaluate", [*names, "agent=high_frequency"])).loop
    assert loop.recording.variable == "x"
    assert make_loop_settings(model, {"electrode": electrode}).model.space == loop.model.space


@pytest.mark.parametrize(("model", "contacts"), [*zip(SHAPED, (4, 3, 1), strict=True)])
def test_where_none_is_named_it_is_the_models(model, contacts):
    config = compose("environment", [f"model={model}"])
    assert len(config["electrode"]["contacts"]) == contacts
    assert config["electrode"] != option("electrode", config["electrode"]["name"])
    assert make_loop_settings(model).model.space.contacts == contacts


@pytest.mark.parametrize(("model", "electrode"), [*zip(SHAPED, ("four", "four", "single"), strict=True)])
def test_one_that_the_model_has_anyway_is_named_as_any_other(model, electrode):
    named = compose("environment", [f"model={model}", f"electrode={electrode}"])
    assert named["electrode"] == option("electrode", electrode)
    assert compose("environment", [f"model={model}"])["electrode"]["name"] == electrode


def test_what_is_set_beside_it_stays_set():
    own = ["electrode.contacts=[[1,0,0],[2,0,0]]", "electrode.sites=[[0,0,0]]", "recording.variable=x1"]
    config = compose("environment", ["model=kuramoto_populations", "electrode=single", *own])
    assert config["electrode"] == {
        **option("electrode", "single"),
        "contacts": [[1, 0, 0], [2, 0, 0]],
        "sites": [[0, 0, 0]],
    }
    assert config["recording"]["variable"] == "x1"


def test_it_stimulates_what_is_near_it():
    env = rldbs.make("kuramoto_populations", electrode="single", neurons=30, transient=20)
    assert env.action_space.shape == (1,)
    env.reset(seed=0)
    assert np.isfinite(env.step(env.action_space.sample())[0]).all()


def test_each_run_of_a_sweep_has_its_own():
    words = [["model=kuramoto_line", f"electrode={name}"] for name in ("single", "four", "uniform")]
    parsed = [[read_override(text, groups()) for text in each] for each in words]
    composed = [config["electrode"] for config in compose_each("train", parsed)]
    assert composed == [option("electrode", name) for name in ("single", "four", "uniform")]


def test_contacts_take_turns_where_the_models_file_has_one():
    words = ["model=kuramoto_dbsgym", "electrode=four", "agent=coordinated_reset"]
    settings = evaluate_settings(compose("evaluate", words))
    assert settings.agent.make(settings.loop, 0) is not None
    assert settings.loop.model.space.contacts == 4
    settings = evaluate_settings(compose("evaluate", words[::2]))
    with pytest.raises(SettingError, match="there is one"):
        settings.agent.make(settings.loop, 0)


def test_it_is_shown_where_each_value_is_from():
    given = ["model=kuramoto_populations", "electrode=single", "electrode.spread=2"]
    config, _ = compose_run("train", given)
    found = {row.key: (row.value, row.origin) for row in composed_settings("train", given, None, config)}
    assert found["electrode"] == ("single", LINE)
    assert found["electrode.contacts"] == ("[[0,0,0]]", "conf/electrode/single.yaml")
    assert found["electrode.spread"] == ("2", LINE)
    assert found["recording.variable"] == ("x", "conf/recording/window.yaml")
    assert found["recording.length"] == ("28", "conf/model/kuramoto_populations.yaml")


@pytest.mark.parametrize("model", groups()["model"])
def test_features_are_for_every_model(model):
    for own in ([], ["recording.features=[mean,deviation]"]):
        words = [f"model={model}", "agent=none", "recording=features", *own]
        assert isinstance(evaluate_settings(compose("evaluate", words)).loop.recording, Features)
    assert isinstance(make_loop_settings(model, {"recording": "features"}).recording, Features)


def test_of_a_model_without_a_unit_of_time_features_are_the_others():
    features = compose("evaluate", ["model=bvdp", "agent=none", "recording=features"])["recording"]["features"]
    assert features == ["mean", "deviation", "mobility", "complexity", "regularity"]
    for asked in ("recording.features=[bands]", "recording.bands=[[10,20]]"):
        with pytest.raises(SettingError, match="bands are in Hz"):
            evaluate_settings(compose("evaluate", ["model=bvdp", "agent=none", "recording=features", asked]))


@pytest.mark.parametrize("model", CENTERED)
def test_what_a_model_says_of_any_recording_holds_for_one_that_is_named(model):
    named, free = (compose("environment", [f"model={model}", *one]) for one in (["recording=window"], []))
    assert named == free
    assert free["recording"]["centered"] is True
    assert "centered" not in compose("environment", [f"model={model}", "recording=features"])["recording"]
    recording = compose("environment", ["model=so2012", "recording=features"])["recording"]
    assert (recording["length"], recording["stride"]) == (40, 25)


def test_what_is_tuned_gives_way_as_well():
    words = ["model=ei_plastic", "stimulus=rectangular", "agent=ppo"]
    assert compose("train", words)["recording"]["centered"] is True
    recording = compose("train", [*words, "recording=features"])["recording"]
    assert "centered" not in recording
    assert recording["length"] == 30


def test_models_and_experiments_of_the_users_own(tmp_path):
    for group in ("model", "electrode", "experiment"):
        (tmp_path / group).mkdir()
    (tmp_path / "model" / "mine.yaml").write_text(
        "# @package _global_\ndefaults:\n  - kuramoto_line\n  - _self_\nelectrode:\n  contacts: [[1, 0, 0]]\n"
    )
    (tmp_path / "electrode" / "two.yaml").write_text("defaults: [four]\ncontacts: [[0, 0, 0], [1, 0, 0]]\n")
    (tmp_path / "experiment" / "plain.yaml").write_text(
        "# @package _global_\ndefaults:\n  - override /model: mine\n  - override /electrode: uniform\n"
    )

    def electrode(*words):
        return compose("train", words, tmp_path)["electrode"]

    assert electrode("model=mine")["contacts"] == [[1, 0, 0]]
    assert electrode("model=mine", "electrode=single") == option("electrode", "single")
    two = electrode("model=mine", "electrode=two")
    assert two == {**option("electrode", "four"), "contacts": [[0, 0, 0], [1, 0, 0]]}
    assert electrode("experiment=plain") == option("electrode", "uniform")
    assert electrode("experiment=plain", "electrode=single") == option("electrode", "single")
    assert keys("train", {"experiment": "plain"}, (tmp_path,)).keys() >= {"electrode.sites"}
    assert "electrode.contacts" not in keys("train", {"experiment": "plain"}, (tmp_path,))


def test_a_run_keeps_what_it_has_recorded(tmp_path):
    words = ["model=kuramoto_populations", "electrode=single", "recording=features", "recording.bands=[[12,30]]"]
    recorded = compose("train", words)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(recorded))
    measured = recorded_config(tmp_path, ["stimulus.amplitude=0.2"])
    assert measured["electrode"] == recorded["electrode"]
    assert measured["recording"] == recorded["recording"]


def test_a_rhythm_that_is_in_no_band_of_features_is_their_band():
    bands = {
        model: compose("environment", [f"model={model}", "recording=features"])["recording"]["bands"]
        for model in ("kuramoto_line", "kuramoto_populations", "kuramoto")
    }
    assert bands == {"kuramoto_line": [[0.3, 0.8]], "kuramoto_populations": [[2.0, 8.0]], "kuramoto": [[12.0, 30.0]]}


def test_an_experiment_says_itself_what_does_not_fit():
    words = ["experiment=krylov2020_regular", "recording=features"]
    with pytest.raises(SettingError, match=r"(?s)recording\.centered.*experiment=krylov2020_regular sets"):
        check_training(compose("train", words), words)
    train_settings(compose("train", words[:1]))


def test_a_key_of_another_option_names_those_that_have_it():
    with pytest.raises(SettingError, match=r"It needs electrode=directional, four or single\n"):
        compose("evaluate", ["model=kuramoto_line", "electrode=uniform", "electrode.contacts=[[0,0,0]]"])
    with pytest.raises(SettingError, match=r"It needs recording=window\n"):
        compose("evaluate", ["recording=features", "recording.centered=true"])


@pytest.mark.parametrize("key", ["cosines", "sines"])
def test_coefficients_of_another_phase_response_are_refused(key):
    words = ["model=kuramoto_line", f"model.{key}=[0,5]"]
    compose("simulate", words)
    with pytest.raises(
        SettingError, match=rf"model\.{key}: is not for model\.response=type2.*use model\.response=fourier"
    ):
        compose("simulate", [*words, "model.response=type2"])
    with pytest.raises(SettingError, match=r"use model\.response=fourier"):
        make_loop_settings("kuramoto", {key: [0.0, 5.0]})
    assert compose("simulate", ["model=kuramoto_line", "model.response=type2"])["model"]["cosines"] == [0.0, 1.0]
