"""Models from equations are like any other: simulated, trained on, measured, and kept whole in a run's folder."""

import json
import re
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rich.console import Console

import rldbs
from rldbs.commands.tune import resumed_tuning, tuning
from rldbs.config.composition import compose
from rldbs.config.schema import loop_settings, simulate_settings, train_settings
from rldbs.core.ensemble_kinds import ensemble_of
from rldbs.core.equations import Equations
from rldbs.core.errors import RunError, SettingError
from rldbs.runs.physics import check_equations
from rldbs.tune.run_search import resume, tune
from tests.conftest import SMALL, call
from tests.core.equation_texts import MODELS
from tests.tune.conftest import SMALL_SEARCH

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")

BVDP = MODELS["bvdp"]
OWN: dict[str, Any] = {
    "name": "mine",
    "title": "Neurons of mine",
    "source": "nobody (2026)",
    "time_unit": "",
    "equations": BVDP[0],
    "parameters": BVDP[1],
    "meanings": {"x": "membrane potential", "y": "recovery"},
    "ranges": {"x": [-4, 4], "y": [-4, 4]},
    "neurons": 1000,
    "coupling": 0.03,
    "current_mean": 0.6,
    "current_std": 0.1,
    "dt": 0.2,
    "threshold": 0.0,
    "transient": 4000,
    "period": 162,
    "set_point": -0.27,
}
MORRIS_LECAR = OWN | {
    "name": "ml",
    "equations": {
        "x": "-(leak*(x + 60) + potassium*w*(x + 84) + calcium*(1 + tanh((x + 1.2)/18))/2*(x - 120))/20 + input",
        "w": "rate*((1 + tanh((x - 2)/30))/2 - w)*(exp((x - 2)/60) + exp(-(x - 2)/60))/2",
    },
    "parameters": {"leak": 2.0, "potassium": 8.0, "calcium": 4.4, "rate": 0.04},
    "meanings": {"x": "membrane potential, mV", "w": "potassium gate"},
    "ranges": {"x": [-100, 80], "w": [-0.5, 1.5]},
    "time_unit": "ms",
    "current_mean": 5.5,
    "current_std": 0.1,
    "period": 700,
    "set_point": -25.0,
}
STUART_LANDAU = OWN | {
    "name": "sl",
    "equations": {
        "x": "growth*x - turn*y - x*(x**2 + y**2) + input",
        "y": "growth*y + turn*x - y*(x**2 + y**2)",
    },
    "parameters": {"growth": 1.0, "turn": 1.0},
    "current_mean": 0.0,
    "current_std": 0.1,
    "dt": 0.05,
    "period": 126,
    "set_point": 0.0,
}


def directory(folder: Path, **models: dict[str, Any]) -> Path:
    """A directory of the user's with these models."""
    for name, model in models.items():
        path = folder / "own" / "model" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump({"model": model}, sort_keys=False, allow_unicode=True)
        path.write_text(f"# @package _global_\n# {model['title']}\n{text}")
    return folder / "own"


def refused(config: dict[str, Any]) -> str:
    with pytest.raises(SettingError) as error:
        simulate_settings({**compose("simulate"), "model": config})
    return str(error.value)


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """The run of a training on a model whose directory is gone."""
    monkeypatch.chdir(tmp_path)
    words = ["model=mine", "agent=ppo", *SMALL, "hydra.run.dir=run"]
    status, _, err = call(["train", *words, "--config-dir", str(directory(tmp_path, mine=OWN))], capsys)
    assert status == 0, err
    shutil.rmtree(tmp_path / "own")
    return tmp_path / "run"


def test_a_run_is_measured_resumed_and_loaded_without_the_directory(trained, capsys):
    recorded = yaml.safe_load((trained / "config.yaml").read_text())["model"]
    assert recorded["equations"] == BVDP[0]
    meta = json.loads((trained / "meta.json").read_text())
    assert len(meta["equations"]) == 64
    for words in (
        ["evaluate", "run=run", "name=again"],
        ["evaluate", "run=run", "agent=pd"],
        ["evaluate", "run=run", "model.parameters.rate=0.11"],
        ["resume", "run", "steps=5120"],
    ):
        status, _, err = call(words, capsys)
        assert status == 0, (words, err)
    run = rldbs.load("run")
    env = run.make_env(seed=3)
    observation, _ = env.reset()
    action, _ = run.policy.predict(observation)
    env.step(action)
    kept = rldbs.make(run=trained, stimulus="rectangular").unwrapped.loop.settings.stimulus
    assert kept.amplitude == 0.1  # as the run had it, and not what is right for another model


def test_the_bits_of_a_closed_loop_are_those_of_the_built_in_model(tmp_path):
    """Through the bank of starts, the loop in C, rewards and observations, alone and in tissue."""
    own = directory(tmp_path, mine=OWN)
    for words in ({}, {"tissue": "line", "electrode": "four"}):
        found = []
        for options in ({"model": "bvdp"}, {"model": "mine", "config_dir": own}):
            same = {"amplitude": 0.01, "centered": True, "neurons": 40, "transient": 300}
            venv = rldbs.make_vec(num_envs=3, seed=1, **same, **options, **words)
            seen = [venv.reset()[0]]
            actions = np.random.default_rng(0).uniform(-1, 1, (20, 3, *venv.single_action_space.shape))
            for action in actions.astype(np.float32):
                observation, reward, *_ = venv.step(action)
                seen += [observation, reward]
            found.append(b"".join(array.tobytes() for array in seen))
        assert found[0] == found[1]


def test_morris_lecar_neurons_fire_at_a_period_that_the_step_does_not_decide(tmp_path):
    periods = []
    for dt in (0.2, 0.1):
        words = ["model=ml", "model.neurons=1", "model.current_std=0", f"model.dt={dt}", "threads=1"]
        settings = simulate_settings(compose("simulate", words, directory(tmp_path, ml=MORRIS_LECAR)))
        ensemble = ensemble_of(settings.model, transient=round(600 / dt))
        x = ensemble.advance(ensemble.quiet(round(800 / dt)))[0, :, 0]
        assert -60 < x.min() < -20
        assert 20 < x.max() < 60
        rises = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))
        between = rises - x[rises] / (x[rises + 1] - x[rises])
        periods.append(np.diff(between).mean() * dt)
    assert abs(periods[0] / periods[1] - 1) < 1e-4


@pytest.mark.slow
def test_stuart_landau_oscillators_go_around_on_their_circle(tmp_path):
    words = ["model=sl", "model.neurons=1", "model.current_std=0", "threads=1"]
    settings = simulate_settings(compose("simulate", words, directory(tmp_path, sl=STUART_LANDAU)))
    ensemble = ensemble_of(settings.model, transient=2000)
    ensemble.coupling[:] = 0.0
    ensemble.rest(1000)
    field = ensemble.advance(ensemble.quiet(1000))[0]
    assert np.abs(np.hypot(field[:, 0], field[:, 1]) - 1).max() < 1e-6
    angle = np.unwrap(np.arctan2(field[:, 1], field[:, 0]))
    assert np.abs(np.diff(angle) / 0.05 - 1).max() < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("model", [MORRIS_LECAR, STUART_LANDAU], ids=["ml", "sl"])
def test_other_models_are_simulated_trained_on_and_measured(tmp_path, monkeypatch, capsys, model):
    monkeypatch.chdir(tmp_path)
    own = ["--config-dir", str(directory(tmp_path, **{model["name"]: model}))]
    chosen = f"model={model['name']}"
    long = ("protocol.free=2000", "protocol.stimulated=2000", "protocol.relaxed=1000", "checkpoints.stimulated=2100")
    words = [word for word in SMALL if word.partition("=")[0] not in {each.partition("=")[0] for each in long}]
    for line in (
        ["simulate", chosen, "calibrate=true", "model.neurons=100", *own],
        ["train", chosen, *words, *long, *own],
        ["evaluate", "run=last"],
    ):
        status, _, err = call(line, capsys)
        assert status == 0, (line, err)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "bvdp"}, "model.name=bvdp: comes with the package"),
        *(
            ({"name": name}, f"model.name={name}: comes with the package")
            for name in ("so2012", "ei_plastic", "stn_gpe", "kuramoto")
        ),
        ({"name": "../mine"}, "is no name"),
        ({"title": "$\\frac$"}, "model.title='$\\\\frac$': must be 1 to 120 letters"),
        ({"title": "[bold]mine"}, "model.title"),
        ({"source": "a\nb"}, "model.source"),
        ({"source": "*/ int x; /*<script>"}, "model.source"),
        ({"meanings": {"x": "\x1b[31m", "y": "recovery"}}, "model.meanings.x"),
        ({"meanings": {"x": "potential"}}, "model.meanings.y: is missing"),
        ({"ranges": {"x": [1, -1], "y": [0, 1]}}, "model.ranges.x=[1, -1]: must rise"),
        ({"ranges": {"x": [0, 1, 2], "y": [0, 1]}}, "model.ranges.x"),
        ({"time_unit": "s"}, "model.time_unit='s': must be ms, in which stimuli and metrics reckon, or ''"),
        ({"equations": {"x": "__import__('os')", "y": "x"}}, 'model.equations.x: "\'" stands for nothing here'),
        ({"equations": {"x": "x + input"}}, "model.meanings.y: there is no such variable"),
        ({"equations": "x"}, "model.equations"),
        ({"equations": {"x": 1, "y": 2}}, "model.equations.x=1: must be text"),
        ({"parameters": {"rate": 0.1, "recovery": 0.8}}, "there is no variable or constant 'offset'"),
        ({"parameters": {"rate": "x", "recovery": 0.8, "offset": 1}}, "model.parameters.rate"),
        ({"colour": "red"}, "model.colour: there is no such setting"),
    ],
)
def test_what_is_wrong_in_a_file_is_refused_with_its_key(changes, message):
    assert message in refused(OWN | changes)


def test_a_line_that_is_missing_is_named():
    for key in OWN.keys() - {"equations", "name"}:
        assert f"model.{key}: is missing" in refused({name: value for name, value in OWN.items() if name != key})


def test_a_run_whose_equations_were_changed_is_not_resumed(tmp_path):
    one, other = (
        simulate_settings({**compose("simulate"), "model": model}).model
        for model in (OWN, OWN | {"equations": BVDP[0] | {"y": "rate*(x - recovery*y)"}})
    )
    meta = {"versions": {}, "equations": one.equations_digest}
    check_equations(tmp_path, meta, one.equations_digest, "")
    for digest in (other.equations_digest, None):
        with pytest.raises(RunError, match="was begun with other equations"):
            check_equations(tmp_path, meta, digest, "")
    assert train_settings(compose("train", SMALL)).loop.model.equations_digest is None


@pytest.mark.slow
def test_a_search_whose_equations_were_changed_is_not_gone_on_with(tmp_path, monkeypatch):
    words = [word for word in SMALL_SEARCH if not word.startswith("tune.trials")]
    settings = tuning(["model=mine", *words, "tune.trials=8"], directory(tmp_path, mine=OWN)).settings
    folder = tmp_path / "search"
    folder.mkdir()
    tune(settings, folder, Console(file=StringIO()))
    assert json.loads((folder / "meta.json").read_text())["equations"] == settings.equations
    resume(resumed_tuning(folder, []), folder, Console(file=StringIO()))
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["model"]["equations"]["y"] = "rate*(x - recovery*y)"
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(RunError, match=r"other equations than its config\.yaml now has\nGive the command"):
        resume(resumed_tuning(folder, ["tune.trials=9"]), folder, Console(file=StringIO()))


def test_an_own_directory_in_python_is_a_path_and_stands_alone(tmp_path):
    own = directory(tmp_path, mine=OWN)
    assert loop_settings(compose("environment", ["model=mine"], own)).model.model.title == "Neurons of mine"
    for wrong in ({"config_dir": 3}, {"config_dir": own, "experiment": "demo"}):
        with pytest.raises(SettingError, match="config_dir"):
            rldbs.make(**wrong)


def test_the_models_of_the_handbook_are_those_that_are_tried_here():
    page = (Path(rldbs.__file__).parent / "guide" / "own_models.md").read_text()
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    fitzhugh = Equations.of(*(blocks[0][key] for key in ("equations", "parameters")))
    assert fitzhugh.variables == ("x", "y")
    for block, model in zip(blocks[1:], (MORRIS_LECAR, STUART_LANDAU), strict=True):
        assert block["parameters"] == model["parameters"]
        for name, text in block["equations"].items():
            assert "".join(text.split()) == "".join(model["equations"][name].split())
