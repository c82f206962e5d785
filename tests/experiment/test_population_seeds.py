"""Populations of training, choosing, searching and measuring are never the same ones."""

import pytest

from rldbs.commands.evaluate import evaluation
from rldbs.commands.tune import tuning
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings, train_settings
from rldbs.core.errors import SettingError
from rldbs.experiment import training_observer as observer
from rldbs.experiment.command_settings import Protocol
from rldbs.experiment.population_seeds import CHECKPOINTS, CHOICE, check_measurement, trained_on
from tests.conftest import small_run, small_settings
from tests.experiment.test_suppressed_start import START

FOUR = "start.populations=4"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (
            ["protocol.seed=2000000"],
            "protocol.seed=2000000: populations 2000000 to 2000001 are measured, but those from",
        ),
        (["protocol.seed=1999999"], "protocol.seed=1999999: populations 1999999 to 2000000 are measured"),
        (["protocol.seed=3999999"], "are for choosing among checkpoints and settings"),
        (
            ["protocol.seed=0"],
            "protocol.seed=0: must differ from start.seed=0 by more, so that the populations are unseen",
        ),
        (["protocol.seed=3"], "3 to 4 are measured, 0 to 3 are trained on"),
        (["seed=1000001"], "protocol.seed=1000000: must differ from start.seed=1000001"),
        (["seed=999997"], "must differ from start.seed=999997"),
        (["seed=2000000"], "start.seed=2000000: populations 2000000 to 2000003 are trained on"),
        (["start.seed=1999997"], "start.seed=1999997: populations 1999997 to 2000000 are trained on"),
    ],
)
def test_a_training_that_sees_what_it_should_not_is_refused(overrides, words):
    with pytest.raises(SettingError, match=words):
        small_settings([FOUR, "protocol.episodes=2", *overrides])


@pytest.mark.parametrize(
    "overrides", [["protocol.seed=4"], ["protocol.seed=1999998"], ["protocol.seed=4000000"], ["seed=999996"]]
)
def test_what_lies_beside_is_allowed(overrides):
    small_settings([FOUR, "protocol.episodes=2", *overrides])


def test_a_controller_is_not_measured_where_its_settings_were_chosen():
    with pytest.raises(SettingError, match=r"(?s)protocol\.seed=2000000: .*Take another one, such as 1000000"):
        evaluate_settings(compose("evaluate", ["agent=pd", "protocol.seed=2000000"]))
    evaluate_settings(compose("evaluate", ["agent=pd", "protocol.seed=0"]))  # it was trained on none


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("protocol.seed=2000000", "are for choosing"),
        ("protocol.seed=2", "must differ from start.seed=0"),
        ("start.seed=7", "start.seed=7: says on which populations the run was trained"),
        ("start.populations=1", "says on which populations the run was trained"),
    ],
)
def test_a_run_is_not_measured_where_it_was_trained_or_chosen(run, override, words):
    with pytest.raises(SettingError, match=words):
        evaluation([f"run={run}", override], None)


def test_what_a_first_agent_was_trained_on_counts_too(run):
    settings = small_settings([*START, f"start.run={run}", "start.seed=50"])
    assert trained_on(settings.loop.start) == [range(50, 53), range(4)]
    protocol = Protocol(episodes=2, seed=3)
    with pytest.raises(SettingError, match=r"must differ from start\.seed=0"):
        check_measurement(protocol, settings.agent, settings.loop.start)
    with pytest.raises(SettingError, match=r"must differ from start\.seed=0"):
        evaluate_settings(compose("evaluate", ["agent=pd", *START, f"start.run={run}", "protocol.seed=3"]))


def test_checkpoints_are_compared_where_nothing_else_happens(tmp_path, monkeypatch):
    seen = []

    def watched(*arguments, original=observer.measure_controllers):
        seen.append(arguments[1])
        return original(*arguments)

    monkeypatch.setattr(observer, "measure_controllers", watched)
    small_run(tmp_path / "run", ["steps=512"])
    (protocol,) = seen
    assert range(protocol.seed, protocol.seed + protocol.episodes)[0] == CHECKPOINTS[0]
    most = 1000  # checkpoints.episodes
    assert len(CHECKPOINTS) == most
    assert CHECKPOINTS[0] in CHOICE
    assert CHECKPOINTS[-1] in CHOICE


@pytest.mark.parametrize("overrides", [["agent=ppo"], ["agent=pd"], ["agent=ppo", "tune.seed=2001000"]])
def test_a_search_its_training_and_its_measurement_are_apart(overrides):
    settings = tuning([*overrides, "model.neurons=50"], None).settings
    plain = settings.candidate({})
    trials = settings.trial_protocol
    kinds = [
        range(trials.seed, trials.seed + trials.episodes),
        range(plain.protocol.seed, plain.protocol.seed + plain.protocol.episodes),
    ]
    if overrides[0] == "agent=ppo":
        kinds += [CHECKPOINTS, *trained_on(plain.loop.start)]
    for k, one in enumerate(kinds):
        for other in kinds[k + 1 :]:
            assert not set(one) & set(other)


def test_the_shipped_defaults_are_what_they_were():
    assert train_settings(compose("train", [])).protocol.seed == 1_000_000
    assert CHECKPOINTS[0] == 2_000_000
    assert tuning(["agent=pd"], None).settings.trial_protocol.seed == 2_000_000
