"""Environments from Python arguments, and those of experiments."""

import gymnasium
import pytest

import rldbs
from rldbs.config.composition import compose
from rldbs.config.groups import groups
from rldbs.config.python_arguments import make_loop_settings, texts
from rldbs.config.schema import train_settings
from rldbs.core.errors import SettingError
from rldbs.environments import IDS
from rldbs.runs.record import CHANGES


@pytest.mark.parametrize("name", groups()["experiment"])
def test_the_environment_of_an_experiment_is_that_in_which_it_trains(name):
    made = make_loop_settings(None, {"experiment": name})
    trained = train_settings(compose("train", [f"experiment={name}"])).loop
    for section in ("model", "stimulus", "recording", "reward", *(set(CHANGES) - {"course"}), "start"):
        assert getattr(made, section) == getattr(trained, section)
    assert (made.episode.steps, made.episode.penalty) == (trained.episode.steps, trained.episode.penalty)
    assert made.episode.stagger is False


def test_single_settings_and_options_take_the_place_of_an_experiments():
    made = make_loop_settings("hr", {"experiment": "noisy", "neurons": 60, "reward": "setpoint", "steps": 500})
    assert (made.model.name, made.model.neurons, type(made.reward).__name__) == ("hr", 60, "Setpoint")
    assert (made.episode.steps, made.recording.relative_noise) == (500, 0.1)
    staggered = make_loop_settings(None, {"experiment": "noisy", "stagger": True, "start.seed": 5})
    assert (staggered.episode.stagger, staggered.start.seed) == (True, 5)


def test_an_argument_at_the_top_level_is_meant_before_one_in_a_section():
    assert texts({"seed": 3, "neurons": 50}, ["seed", "start.seed", "model.neurons"]) == ["seed=3", "model.neurons=50"]
    with pytest.raises(SettingError, match=r"seed=3: could be start\.seed or protocol\.seed; write which"):
        texts({"seed": 3}, ["start.seed", "protocol.seed"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"experiment": "nosy"}, r"there is no experiment nosy\nDid you mean experiment=noisy\?"),
        ({"experiment": "noisy", "agent": "sac"}, r"agent=sac: decides nothing in an environment"),
        ({"experiment": "noisy", "envs": 4}, r"envs=4: there is no setting envs"),
        ({"experiment": "noisy", "run": "zoo:hr-ppo"}, r"experiment=noisy: the run has its own settings"),
    ],
)
def test_what_is_no_part_of_an_environment_is_refused(arguments, words):
    with pytest.raises(SettingError, match=words):
        rldbs.make_vec(num_envs=2, **arguments)


def test_gymnasium_makes_the_environment_of_an_experiment():
    made = gymnasium.make(next(iter(IDS)), experiment="noisy", neurons=40, transient=100).unwrapped
    assert made.loop.settings.recording.relative_noise == 0.1
