"""The environment of an experiment, as Python arguments."""

from types import SimpleNamespace

import pytest

import rldbs
from rldbs.config.composition import compose
from rldbs.config.groups import groups
from rldbs.config.python_arguments import make_loop_settings
from rldbs.config.schema import train_settings
from rldbs.core.errors import SettingError


@pytest.mark.parametrize("name", groups()["experiment"])
def test_what_is_told_makes_the_environment_of_the_experiment(name):
    with pytest.raises(SettingError, match=r"holds settings of training as well") as error:
        rldbs.make(experiment=name)
    call = str(error.value).partition("What it sets there: ")[2]
    told = eval(call, {"rldbs": SimpleNamespace(make=lambda model, **rest: make_loop_settings(model, rest))})
    trained = train_settings(compose("train", [f"experiment={name}"])).loop
    assert told.episode.steps == trained.episode.steps
    for section in ("model", "stimulus", "recording", "reward", "coupling"):
        assert getattr(told, section) == getattr(trained, section)


def test_an_experiment_that_there_is_not():
    with pytest.raises(SettingError, match=r"nor is there one of that name\nDid you mean noisy\?"):
        rldbs.make_vec("hr", experiment="nosy")
