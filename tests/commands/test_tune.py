"""What ``rldbs tune`` searches."""

import subprocess
import sys

import pytest

from rldbs.commands.tune import check_optuna, tuning
from rldbs.config.groups import groups, keys
from rldbs.core.errors import SettingError
from rldbs.experiment.command_settings import TrainSettings
from rldbs.experiment.population_seeds import CHECKPOINTS

SMALL = ["model.neurons=50"]


def test_the_ranges_of_a_file_and_of_the_command_line_go_together():
    def axes(*overrides):
        return {axis.key: axis.text for axis in tuning(["agent=proportional", *overrides], None).settings.axes}

    from_file = axes()
    assert set(from_file) == {"agent.gain", "agent.smoothing"}
    assert axes("agent.smoothing=3") == {"agent.gain": from_file["agent.gain"]}
    assert axes("agent.smoothing=3", "agent.smoothing=1,2")["agent.smoothing"] == "1,2"
    assert axes("recording.stride=1,2") == {**from_file, "recording.stride": "1,2"}


OF_OSCILLATORS = {"acd", "acd_oracle", "coordinated_reset", "high_frequency", "phase_locked"}


@pytest.mark.parametrize("option", groups()["space"])
def test_every_space_fits_its_agent_and_holds_what_it_ships_with(option):
    of_oscillators = dict.fromkeys(OF_OSCILLATORS, "kuramoto_populations")
    of_bursts = dict.fromkeys(("beta_on_off", "beta_dual", "beta_pi"), "stn_gpe")
    model = {"on_demand": "so2012", **of_oscillators, **of_bursts}.get(option, "bvdp")
    settings = tuning([f"agent={option}", f"model={model}"], None).settings
    assert settings.axes
    assert settings.own is not None


@pytest.mark.parametrize("agent", ["proportional", "pd", "pi"])
def test_feedback_on_oscillators_is_sought_with_either_sign(agent):
    neurons, oscillators = (
        {axis.key: axis for axis in tuning([f"agent={agent}", f"model={model}"], None).settings.axes}
        for model in ("bvdp", "kuramoto")
    )
    assert neurons.keys() == oscillators.keys()
    assert neurons["agent.gain"].low > 0
    assert (oscillators["agent.gain"].low, oscillators["agent.gain"].high) == (-1500, 1500)
    assert tuning([f"agent={agent}", "model=kuramoto", "agent.gain=1,2"], None).settings.axes[0].choices == (1, 2)


def test_a_candidate_is_the_experiment_with_the_searched_values():
    settings = tuning(["agent=proportional", "recording.length=40,80", *SMALL], None).settings
    candidate = settings.candidate({"agent.gain": 0.5, "recording.length": 40})
    assert (candidate.agent.gain, candidate.loop.recording.length, candidate.loop.model.neurons) == (0.5, 40, 50)
    learner = tuning(["agent=ppo", *SMALL], None).settings.candidate({"agent.gamma": 0.98})
    assert isinstance(learner, TrainSettings)
    assert learner.agent.gamma == 0.98


def test_trials_follow_the_rhythm_and_see_other_populations_than_the_last_measurement():
    for model in ("bvdp", "hr"):
        settings = tuning(["agent=proportional", f"model={model}"], None).settings
        protocol, candidate = settings.trial_protocol, settings.candidate({})
        assert protocol.stimulated - protocol.onset >= 3 * candidate.loop.model.period
        assert len({protocol.seed, candidate.protocol.seed, candidate.loop.start.seed}) == 3
        assert settings.config["tune"]["seed"] == protocol.seed == 2_000_000


def test_trials_of_a_learner_see_other_populations_than_its_checkpoints():
    settings = tuning(["agent=ppo", *SMALL], None).settings
    assert settings.config["tune"]["seed"] == settings.trial_protocol.seed == 3_000_000
    assert CHECKPOINTS.stop <= 3_000_000


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["agent=none"], "agent=none: there is nothing to search; give a key a range"),
        (["agent=proportional", "agent.gain=1", "agent.smoothing=1"], "there is nothing to search"),
        (["agent=proportional", "agent.gian=interval(0,1)"], "Did you mean agent.gain?"),
        (["agent=propotional"], "Did you mean agent=proportional?"),
        (["agent=proportional", "agent.smoothing=interval(1,20)"], "write agent.smoothing=int(interval(…))"),
        (["agent=proportional", "agent.smoothing=int(interval(0,20))"], "agent.smoothing=0: must be a whole number"),
        (["agent=proportional", "recording.centered=interval(0,1)"], "only a key with a number can be searched"),
        (["agent=proportional", "recording.centered=1,2"], "recording.centered=1: must be true or false"),
        (["agent=ppo", "agent.hidden=[64],[32]"], "cannot be searched"),
        (["agent=ppo", "agent.hidden=1,2"], "only a key with single values can be searched"),
        (["agent=proportional", "model=bvdp,hr"], "one value is needed"),
        (["agent=proportional", "seed=0,1"], "only a key with"),
        (["agent=proportional", "protocol.seed=1,2"], "only a key with"),
        (["agent=proportional", "steps=5"], "agent=proportional is not trained"),
        (["agent=proportional", "checkpoints.every=5"], "agent=proportional is not trained"),
        (["agent=proportional", "tune.seed=1000000"], "tune.seed=1000000: populations 1000000 to 1000007 are not all"),
        (["agent=ppo", "tune.seed=0"], "are not all among those from 2000000 to 3999999, which are for choosing"),
        (["agent=proportional", "tune.seed=3999993"], "populations 3999993 to 4000000 are not all among"),
        (["agent=ppo", "tune.seed=2000000"], "on populations 2000000 to 2000999 the checkpoints of a learner are"),
        (["agent=proportional", "protocol.seed=1999993"], "protocol.seed=1999993: populations 1999993 to 2000000 are"),
        (["agent=proportional", "tune.objective=best"], "must be suppression or front"),
        (["agent=proportional", "space.agent.gain=1,2"], "there is no setting space.agent.gain"),
        (["agent=proportional", "hydra.sweep.dir=x"], "hydra.sweep.dir=x"),
    ],
)
def test_mistakes_are_told_before_anything_is_measured(overrides, words):
    with pytest.raises(SettingError) as error:
        tuning(overrides, None)
    assert words in str(error.value)


def test_every_key_of_the_section_is_explained():
    section = [key for name, key in keys("tune", {}).items() if name.startswith("tune.")]
    assert section
    assert all(key.comment for key in section)


def test_without_optuna_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr("rldbs.commands.tune.find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"needs Optuna, which is not installed: pip install 'optuna>=4'"):
        check_optuna()


def test_optuna_is_loaded_by_the_search_alone():
    code = "import sys, rldbs, rldbs.cli, rldbs.commands.tune; sys.exit('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
