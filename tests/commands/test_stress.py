"""Stresses: what a controller may meet, in units of what it was made for."""

import pytest

from rldbs.commands.curve_axes import curve_request
from rldbs.commands.evaluate import evaluation
from rldbs.commands.stress import ALL, stress_settings, stresses
from rldbs.config.groups import groups, keys
from rldbs.core.errors import SettingError

NAMES = groups()["stress"]
OF_ELECTRODES = ("electrode_drift", "encapsulation")
"""Stresses of what only populations in tissue have."""
CHANGING = {"coupling": "ramp", "electrode_drift": "walk", "encapsulation": "growth", "plasticity": "walk"}


@pytest.fixture(scope="module")
def nominal():
    """Settings by model."""
    given = {
        "bvdp": ["model=bvdp", "model.neurons=50"],
        "hr": ["model=hr", "model.neurons=50"],
        "bvdp in tissue": ["model=bvdp", "model.neurons=64", "tissue=cube", "electrode=single"],
    }
    return {name: evaluation(["agent=proportional", *overrides], None)[0] for name, overrides in given.items()}


def asked(*overrides):
    return stress_settings(curve_request(overrides, None), None)


@pytest.mark.parametrize("name", NAMES)
def test_every_stress_varies_one_setting_and_leaves_what_is_controlled(nominal, name):
    (stress,) = stresses(name)
    unstressed = nominal["bvdp in tissue" if name in OF_ELECTRODES else "bvdp"]
    settings = [stress.under(unstressed, value) for value in stress.values]
    assert len({repr(each.config) for each in settings}) == len(stress.values)
    assert {(each.agent, each.protocol, each.made_for) for each in settings} == {
        (unstressed.agent, unstressed.protocol, unstressed.loop)
    }
    assert stress.key == "model" or stress.key in keys("evaluate", CHANGING)


@pytest.mark.parametrize(
    ("name", "value", "model", "found"),
    [
        ("delay", 0.1, "bvdp", 16),
        ("delay", 0.5, "hr", 700),
        ("coupling", 2, "hr", 0.4),
        ("spread", 1.5, "bvdp", 0.15),
        ("drift", 3, "bvdp", 0.09),
        ("size", 3000, "hr", 3000),
        ("noise", 0.3, "hr", 0.3),
    ],
)
def test_values_are_in_units_of_what_the_controller_was_made_for(nominal, name, value, model, found):
    (stress,) = stresses(name)
    section, _, key = stress.key.partition(".")
    assert stress.under(nominal[model], value).config[section][key] == pytest.approx(found)


def test_noise_takes_the_place_of_other_noise():
    (noise,) = stresses("noise")
    noisy, _, _ = evaluation(["agent=none", "recording.noise=0.2"], None)
    recording = noise.under(noisy, 0.1).loop.recording
    assert (recording.noise, recording.relative_noise) == (0, 0.1)


def test_another_regime_keeps_stimulus_recording_and_size(nominal):
    (regime,) = stresses("model")
    before, after = nominal["bvdp"].loop, regime.under(nominal["bvdp"], "bvdp_chaotic").loop
    assert (after.model.name, after.model.coupling, after.model.neurons) == ("bvdp_chaotic", 0.02, 50)
    assert (after.stimulus, after.recording) == (before.stimulus, before.recording)
    with pytest.raises(SettingError, match="model=bvdp: has other equations than hr"):
        regime.under(nominal["hr"], "bvdp")


def test_what_does_not_go_together_is_left_out_and_told():
    settings = asked("agent=none", "model=hr", "stress=model,levels")
    assert [panel.name for panel in settings.panels] == ["levels"]
    assert len(settings.left_out) == 2
    assert settings.left_out[0] == "stress=model, none: model=bvdp: has other equations than hr"
    with pytest.raises(SettingError, match="has other equations than hr"):
        asked("agent=none", "model=hr", "stress=model")


def test_what_a_model_has_no_setting_for_is_left_out():
    settings = asked("agent=none", "model=kuramoto", "stress=spread,plasticity")
    assert settings.left_out == ("stress=spread, none: model.current_std: model=kuramoto has no such setting",)
    assert [panel.name for panel in settings.panels] == ["plasticity"]


def test_electrodes_of_cells_neither_move_nor_are_encapsulated():
    cells = ("agent=high_frequency", "model=so2012", "model.patients=0.5")
    settings = asked(*cells, "stress=electrode_drift,encapsulation,plasticity")
    assert [panel.name for panel in settings.panels] == ["plasticity"]
    assert [line.partition(",")[0] for line in settings.left_out] == ["stress=electrode_drift", "stress=encapsulation"]
    assert "encapsulation=growth: is not for model=so2012" in settings.left_out[1]


def test_every_controller_is_under_every_stress_and_every_point_has_its_folder():
    settings = asked("run=zoo:bvdp-ppo", "agent=proportional", f"stress={ALL}", "protocol.episodes=2")
    assert [panel.name for panel in settings.panels] == [name for name in NAMES if name not in OF_ELECTRODES]
    assert {line.partition(",")[0] for line in settings.left_out} == {f"stress={name}" for name in OF_ELECTRODES}
    for panel in settings.panels:
        assert [p.line for p in panel.points[:: len(panel.values)]] == ["zoo:bvdp-ppo", "proportional"]
        assert [p.value for p in panel.points] == [*panel.values] * 2
    folders = [point.folder for point in settings.points]
    assert len(set(folders)) == len(folders)
    assert "delay/proportional,delay=0.1" in folders
    assert {point.settings.protocol.episodes for point in settings.points} == {2}


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["stress=nois"], r"there is no stress 'nois'\nDid you mean stress=noise\?\nThere are coupling, .*, all"),
        (["stress=noise,noise"], "noise is there twice"),
        (["stress="], "there is no stress ''"),
        (["stress=noise", "animation=true"], "makes no films"),
        (["stress=noise", "model.neurons=20,30"], "model.neurons: has several values, but stress=noise says what"),
        (["stress=noise", "name=x"], "name their folders themselves"),
    ],
)
def test_mistakes_are_told(overrides, words):
    with pytest.raises(SettingError, match=words):
        asked("agent=none", *overrides)


def test_a_stress_needs_curves():
    with pytest.raises(SettingError, match="stress=noise: a stress test is a set of response curves, which need -m"):
        evaluation(["agent=none", "stress=noise"], None)
