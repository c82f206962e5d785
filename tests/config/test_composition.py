"""What is composed of options that were chosen before is what Hydra composes of all overrides at once."""

import re
import shutil

import pytest
from hydra.types import RunMode

from rldbs.config import composition
from rldbs.config.composition import compose, compose_plainly, compose_run, own_hydra, plain

WORDS = [
    ("train", []),
    ("train", ["agent=sac", "model=hr", "model.neurons=7", "agent.hidden=[8,4]", "seed=3"]),
    ("train", ["model.neurons=7", "experiment=krylov2020_regular", "agent.gamma=0.9"]),
    ("train", ["model.parameters={rate:0.2}", "recording.variable=[x,y]", "steps=${agent.rollout}"]),
    ("train", ["model=kuramoto", "tissue=line", "electrode=four", "agent=ppo", "stimulus.amplitude=0.5"]),
    ("simulate", ["model=hr", "steps=500"]),
    ("tune", ["agent=pd", "tune.trials=3"]),
]


@pytest.mark.parametrize(("command", "overrides"), WORDS, ids=lambda words: " ".join(words) if words else "defaults")
def test_options_and_then_settings_are_what_hydra_makes_of_both(command, overrides, tmp_path):
    with own_hydra() as hydra:
        whole = plain(command, hydra.compose_config(command, overrides, RunMode.RUN, from_shell=False))
    assert [*compose_plainly(command, overrides, None)[0].items()] == [*whole.items()]
    with_folder, folder = compose_run(command, [*overrides, f"hydra.run.dir={tmp_path}/${{model.name}}"])
    assert (with_folder, folder) == (compose_run(command, overrides)[0], tmp_path / with_folder["model"]["name"])


def test_options_are_composed_once_and_each_configuration_is_its_own(monkeypatch):
    first = compose("train", ["agent=a2c", "agent.hidden=[8]"])
    first["agent"]["hidden"].append(4)
    monkeypatch.setattr(composition, "own_hydra", None)
    assert compose("train", ["agent=a2c", "agent.hidden=[8]"])["agent"]["hidden"] == [8]
    assert (
        compose("train", ["agent=a2c", "seed=1"])["agent"]["hidden"]
        == compose("train", ["agent=a2c"])["agent"]["hidden"]
    )


def test_an_option_of_the_users_own_that_has_changed_is_read_again(tmp_path):
    own = tmp_path / "conf" / "agent" / "mine.yaml"
    own.parent.mkdir(parents=True)
    for gain in (2.0, 3.0):
        own.write_text(f"# Mine.\ndefaults: [proportional, _self_]\ngain: {gain}\n")
        assert compose("evaluate", ["agent=mine"], tmp_path / "conf")["agent"]["gain"] == gain


def test_so_is_one_of_the_package(tmp_path, monkeypatch):
    own = shutil.copytree(composition.CONF, tmp_path / "conf")
    monkeypatch.setattr(composition, "CONF", own)
    assert compose("train")["steps"] != 7
    file = own / "train.yaml"
    file.write_text(re.sub(r"^steps: .*", "steps: 7", file.read_text(), flags=re.MULTILINE))
    assert compose("train")["steps"] == 7
