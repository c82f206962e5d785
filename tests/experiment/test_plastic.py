"""A network with plastic synapses from end to end: looked at, measured, trained on, searched, and what is refused."""

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import rldbs
from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.metric_definitions import PLASTIC_METRICS
from rldbs.analysis.plastic_metrics import measure_plastic
from rldbs.analysis.tradeoff import LASTING
from rldbs.analysis.trajectory import Trajectory
from rldbs.benchmark.plan import benchmark, plan
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings, simulate_settings, train_settings
from rldbs.core.ei_plastic import EI_PLASTIC
from rldbs.core.errors import SettingError
from rldbs.experiment.evaluate import evaluate_run
from rldbs.experiment.simulate import simulate
from rldbs.experiment.train import train

FEW = ["model.neurons=50", "model.transient=100", "start.populations=2", "start.snapshots=1", "threads=1"]
SHORT = ["protocol.episodes=2", "protocol.free=200", "protocol.stimulated=600", "protocol.onset=240"]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """What a train has done that ends when the weights have fallen a little, and where."""
    folder, out = tmp_path_factory.mktemp("plastic") / "run", StringIO()
    own = ["agent=until", "agent.below=0.97", "agent.size=-100", "protocol.relaxed=300"]
    settings = evaluate_settings(compose("evaluate", ["model=ei_plastic", *own, *SHORT, *FEW]))
    object.__setattr__(settings, "folder", folder)
    metrics = evaluate_run(settings, None, console=Console(file=out, width=100))
    return metrics, folder / "evaluation" / "final", out.getvalue()


def test_a_measurement_tells_charge_weights_and_whether_it_lasts(measured):
    metrics, folder, told = measured
    found = metrics["deterministic"]
    assert set(PLASTIC_METRICS) <= found.keys()
    assert 240.0 < found["coupling_stimulated"]["mean"] < 0.97 * 260.0 < found["coupling_free"]["mean"]
    time = found["stimulation_time"]["mean"]
    assert 0.0 < time < 0.6
    pulses = np.ceil(np.array(found["stimulation_time"]["values"]) / 0.010)
    np.testing.assert_allclose(found["charge"]["values"], 0.2 * pulses)
    assert found["net_charge"]["mean"] == 0.0
    assert "charge to last" in told
    assert "floor" not in told
    assert (folder / "suppression.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((folder / "metrics.json").read_text()) == metrics


def test_what_lasts_is_told_by_the_end_of_the_relaxed_phase(measured):
    trajectory = Trajectory.load(measured[1] / "trajectory.npz")
    assert trajectory.kicks_per_step == 10
    names = trajectory.variables
    for value, relapsed in ((0.05, 0.0), (0.4, 1.0)):
        trajectory.field[:, : trajectory.free, names.index("synchrony")] = 0.4
        trajectory.field[:, trajectory.relaxed_phase, names.index("synchrony")] = value
        found = measure_plastic(trajectory, EI_PLASTIC)
        np.testing.assert_allclose(found["synchrony_after"], value)
        np.testing.assert_array_equal(found["relapsed"], relapsed)
        expected = np.nan if relapsed else found["charge"]
        np.testing.assert_array_equal(found["charge_to_last"], np.broadcast_to(expected, 2))


def test_free_networks_are_shown(tmp_path):
    overrides = ["model=ei_plastic", "model.neurons=500", "model.transient=300", "steps=400", "populations=2"]
    out = StringIO()
    result = simulate(simulate_settings(compose("simulate", overrides)), tmp_path, Console(file=out, width=100))
    assert result["synchrony"]["mean"] == pytest.approx(0.33, abs=0.06)
    assert result["coupling"]["mean"] == pytest.approx(260.5, abs=2.0)
    assert result["rate_e"]["mean"] == pytest.approx(38.0, abs=3.0)
    recording = FreeRecording.load(tmp_path / "field.npz")
    assert recording.field.shape == (2, 400, 6)
    assert (tmp_path / "free.png").read_bytes().startswith(b"\x89PNG")
    assert "J·w at the end" in out.getvalue()


def test_the_period_of_free_networks_is_in_ms_whatever_the_step(tmp_path):
    overrides = ["model=ei_plastic", "model.neurons=500", "model.dt=2", "model.transient=150", "steps=200"]
    out = StringIO()
    result = simulate(simulate_settings(compose("simulate", overrides)), tmp_path, Console(file=out, width=100))
    assert result["period"]["mean"] == pytest.approx(26.0, abs=2.0)
    assert " ms" in next(line for line in out.getvalue().splitlines() if "period" in line)


def test_a_network_is_learned_on(tmp_path):
    small = ["envs=2", "steps=32", "agent.warmup=8", "checkpoints.every=32", "checkpoints.episodes=1"]
    lengths = ["checkpoints.stimulated=600", "checkpoints.relaxed=240", *SHORT, "protocol.episodes=1"]
    more = ["episode.steps=10", "episode.quiet=4", "protocol.relaxed=240", "agent.hidden=[8]"]
    settings = train_settings(compose("train", ["model=ei_plastic", "agent=td3", *small, *lengths, *more, *FEW]))
    assert settings.checkpoints.tradeoff is LASTING
    train(settings, tmp_path, Console(file=StringIO(), width=100))
    metrics = json.loads((tmp_path / "evaluation" / "final" / "metrics.json").read_text())
    assert np.isfinite(metrics["deterministic"]["charge"]["mean"])
    assert b"charge_to_last" in (tmp_path / "progress.csv").read_bytes()


def test_a_batch_is_its_environments_alone_and_goes_on_as_saved():
    small = {"model.neurons": 50, "start.populations": 2, "start.snapshots": 1, "model.transient": 100}
    actions = np.random.default_rng(0).uniform(-1.0, 1.0, (4, 2, 2))
    batch = rldbs.make_vec("ei_plastic", 2, seed=4, **small)
    alone = rldbs.make("ei_plastic", seed=5, **small)
    seen = [batch.reset(seed=4)[0][1]] + [batch.step(each)[0][1] for each in actions]
    own = [alone.reset(seed=5)[0]] + [alone.step(each[1])[0] for each in actions[:2]]
    state = alone.get_state()
    own += [alone.step(each[1])[0] for each in actions[2:]]
    np.testing.assert_array_equal(seen, own)
    other = rldbs.make("ei_plastic", seed=9, **small)
    other.reset(seed=9)
    other.set_state(state)
    np.testing.assert_array_equal([other.step(each[1])[0] for each in actions[2:]], own[3:])


def test_a_task_is_about_what_lasts():
    cells = {cell.agent: cell for cell in plan(benchmark(["tasks=[ei_plastic]", "learners=[td3]", "seeds=1"], None))}
    assert set(cells) == {"none", "high_frequency", "open_loop", "until", "td3"}
    tune = cells["until"].config["tune"]
    assert (tune["objective"], tune["relaxed"], tune["least_activity"]) == ("lasting", 4_000, 0.0)
    assert "agent.duty" not in cells["until"].config["space"]
    assert cells["td3"].config["episode"]["quiet"] == 20


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["tissue=cube"], "tissue, electrode: are not for model=ei_plastic"),
        (["electrode=four"], "tissue, electrode: are not for model=ei_plastic"),
        (["coupling=walk"], "coupling=walk: is not for model=ei_plastic"),
        (["course=switching"], "course=switching: is not for model=ei_plastic, which has no disease; leave it out"),
        (["plasticity=walk"], "plasticity=walk: is in units of model.current_std, which is 0"),
        (["model.neurons=33"], "model.neurons=33: must be a multiple of 10"),
        (["stimulus.width=50"], "stimulus.width=50: must be a whole number of integration steps, which take 100 µs"),
        (["reward=error_index"], "reward=error_index: needs errors"),
    ],
)
def test_what_means_nothing_there_is_refused(overrides, words):
    with pytest.raises(SettingError, match=words.replace(".", r"\.")):
        evaluate_settings(compose("evaluate", ["model=ei_plastic", "agent=none", *overrides]))


def test_identified_control_is_refused():
    with pytest.raises(SettingError, match="model=ei_plastic: no signal is to be small there"):
        train_settings(compose("train", ["model=ei_plastic", "agent=lqg"]))
