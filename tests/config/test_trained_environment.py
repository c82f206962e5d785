"""The environment of a run, with single settings of one's own."""

import shutil

import numpy as np
import pytest
import yaml

import rldbs
from rldbs.config.python_arguments import make_loop_settings
from rldbs.config.schema import train_settings
from rldbs.core.errors import RunError, SettingError
from rldbs.runs.record import CHANGES, read_config


def test_the_environment_of_a_run_is_that_in_which_it_was_trained(run):
    made, trained = make_loop_settings(None, {"run": run}), train_settings(read_config(run)).loop
    for section in ("model", "stimulus", "recording", "reward", *(set(CHANGES) - {"course"}), "start"):
        assert getattr(made, section) == getattr(trained, section)
    assert (made.episode.steps, made.episode.stagger) == (trained.episode.steps, False)


def test_environments_of_a_run_are_made_by_its_path(run):
    env, venv = rldbs.make(run=str(run), seed=3), rldbs.make_vec(run=run, num_envs=2, seed=3)
    np.testing.assert_array_equal(env.reset()[0], venv.reset()[0][0])
    assert rldbs.make_sb3(run=run, num_envs=2, seed=3).num_envs == 2


def test_single_settings_and_options_take_the_place_of_a_runs(run):
    made = make_loop_settings(
        None, {"run": run, "neurons": 30, "reward": "setpoint", "coupling": 0.07, "stagger": True}
    )
    assert (made.model.neurons, made.model.coupling, made.episode.stagger) == (30, 0.07, True)
    assert type(made.reward).__name__ == "Setpoint"
    assert made.stimulus.amplitude == 0.1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"model": "hr"}, r"model=hr: the run has its own settings"),
        ({"agent": "pd"}, r"agent=pd: decides nothing in an environment"),
        ({"model.name": "hr"}, r"model\.name=hr: an environment of a run takes single values"),
        ({"neuron": 3}, r"neuron=3: there is no setting neuron\nDid you mean model\.neurons\?"),
        ({"neurons": -3}, r"model\.neurons=-3: must be a whole number from 1"),
    ],
)
def test_what_a_run_does_not_let_change_is_refused(run, arguments, words):
    with pytest.raises(SettingError, match=words):
        rldbs.make(run=run, **arguments)


def test_what_is_wrong_in_the_folder_is_told_of_the_folder(run, tmp_path):
    damaged = shutil.copytree(run, tmp_path / "damaged", symlinks=True)
    config = yaml.safe_load((damaged / "config.yaml").read_text())
    config["model"]["neurons"] = -3
    (damaged / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(RunError, match=r"model\.neurons=-3: must be .*\n\(in .*damaged/config\.yaml\)"):
        rldbs.make(run=damaged)
    config["model"] = "hr"
    (damaged / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(RunError, match=r"model=hr: must hold keys with values"):
        rldbs.make(run=damaged)
    with pytest.raises(RunError, match=r"there is no such policy"):
        rldbs.make(run="zoo:none")
    with pytest.raises(SettingError, match=r"run=3: must be a path"):
        rldbs.make(run=3)
