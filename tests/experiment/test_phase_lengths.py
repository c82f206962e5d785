"""Phases and windows that are too short for what is measured in them are refused, with how long they must be."""

from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rldbs.commands.tune import tuning
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings, simulate_settings, train_settings
from rldbs.config.settings_files import CONF
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.errors import SettingError
from rldbs.experiment.evaluate import evaluate_run
from rldbs.experiment.phase_lengths import check_windows
from rldbs.experiment.train import train
from tests.conftest import SMALL, call, small

PD = ("agent=pd", "model.neurons=20", "model.transient=600", "protocol.episodes=1")
PHASES = ("protocol.free=1000", "protocol.stimulated=1500", "protocol.onset=500", "protocol.relaxed=500")
ENOUGH = {
    "protocol.free": 162,
    "protocol.stimulated": 662,  # 500 are onset
    "protocol.relaxed": 162,
}


def evaluated(*overrides: str):
    return evaluate_settings(compose("evaluate", [*PD, *PHASES, *overrides]))


@pytest.mark.parametrize(("key", "least"), ENOUGH.items())
def test_every_phase_holds_a_period_of_the_rhythm(key, least):
    assert getattr(evaluated(f"{key}={least}").protocol, key.partition(".")[2]) == least
    for make in (evaluated, lambda text: train_settings(compose("train", [*small("ppo"), *PHASES, text]))):
        with pytest.raises(SettingError, match=rf"{key}={least - 1}: must be {least} or more: .* model\.period=162"):
            make(f"{key}={least - 1}")


def test_a_controller_that_does_nothing_is_not_quenched_in_one_step():
    with pytest.raises(SettingError, match=r"protocol\.stimulated=201: must be 362 or more"):
        evaluated("protocol.stimulated=201", "protocol.onset=200")


def test_there_may_be_no_relaxed_phase_at_all_and_then_no_relapse(tmp_path):
    out = StringIO()
    evaluate_run(evaluated("protocol.relaxed=0"), tmp_path, console=Console(file=out, width=100))
    assert "latency" in out.getvalue()
    assert "relapse time" not in out.getvalue()


def test_the_measurements_of_a_training_hold_a_period():
    assert train_settings(compose("train", [*SMALL, "checkpoints.stimulated=242"])).checkpoints.stimulated == 242
    with pytest.raises(SettingError, match=r"checkpoints\.stimulated=241: must be 242 or more"):
        train_settings(compose("train", [*SMALL, "checkpoints.stimulated=241"]))


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("tune.free=161", r"tune\.free=161: must be 162 or more"),
        ("tune.stimulated=322", r"tune\.stimulated=322: must be 323 or more"),
    ],
)
def test_the_measurements_of_a_search_hold_a_period(override, words):
    with pytest.raises(SettingError, match=words):
        tuning(["agent=pd", override, *PHASES], None)


def test_a_simulation_holds_two_periods():
    assert simulate_settings(compose("simulate", ["steps=324"])).steps == 324
    with pytest.raises(SettingError, match=r"steps=323: must be 324 or more: .*model\.period=162"):
        simulate_settings(compose("simulate", ["steps=323"]))
    with pytest.raises(SettingError, match=r"steps=2799: must be 2800 or more"):
        simulate_settings(compose("simulate", ["model=hr", "steps=2799"]))


@pytest.mark.parametrize("period", [2, 20, 40])
def test_windows_in_which_a_free_population_counts_as_suppressed_are_refused(period, tmp_path):
    with pytest.raises(SettingError, match=rf"model\.period={period}: is too short .* its period is about 16\d integr"):
        evaluate_run(evaluated(f"model.period={period}"), tmp_path, console=Console(file=StringIO()))


def test_a_finer_step_needs_a_longer_period(tmp_path):
    with pytest.raises(SettingError, match=r"model\.period=162: is too short for this rhythm"):
        evaluate_run(evaluated("model.dt=0.05", "protocol.free=3000"), tmp_path, console=Console(file=StringIO()))


def test_a_training_is_refused_before_it_begins(tmp_path):
    settings = train_settings(compose("train", [*SMALL, *PHASES, "model.period=2"]))
    with pytest.raises(SettingError, match=r"model\.period=2: is too short"):
        train(settings, tmp_path, Console(file=StringIO()))
    assert not (tmp_path / "progress.csv").exists()


@pytest.mark.parametrize("command", ["evaluate agent=pd", "train"])
def test_a_mistaken_period_ends_in_a_message(command, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = SMALL if command == "train" else PD
    code, _, err = call([*command.split(), *words, *PHASES, "model.period=2"], capsys)
    assert code == 2
    assert "rldbs: model.period=2: is too short" in err
    assert len(err.splitlines()) == 1


REGIMES = [
    ("bvdp", 1000, {}),
    ("bvdp", 1000, {"coupling": 0.0}),
    ("bvdp", 6000, {"coupling": 0.3}),
    ("bvdp", 2000, {"dt": 0.5}),
    ("bvdp", 2000, {"current_mean": 0.0}),  # neurons at rest
    ("bvdp_chaotic", 200, {}),
    ("bvdp_chaotic", 8000, {}),
    ("hr", 1400, {}),
    ("hr", 8000, {"coupling": 0.0}),
    ("hr", 8000, {"coupling": 0.6}),
]


@pytest.mark.parametrize(("name", "steps", "changes"), REGIMES)
@pytest.mark.parametrize("neurons", [5, 100])
def test_no_regime_of_the_models_is_taken_for_too_short_a_window(name, steps, changes, neurons):
    overrides = [f"model.{key}={value}" for key, value in changes.items()]
    model = simulate_settings(compose("simulate", [f"model={name}", f"model.neurons={neurons}", *overrides])).model
    ensemble = ensemble_of(model, 4, seed=3)
    check_windows(ensemble.advance(np.zeros((4, steps)))[:, :, 0], model)


def test_every_experiment_and_task_that_is_shipped_measures_long_enough():
    for path in sorted((CONF / "experiment").glob("*.yaml")):
        train_settings(compose("train", [f"experiment={path.stem}"]))
