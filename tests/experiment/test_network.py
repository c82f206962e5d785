"""A network of cells from end to end: looked at, measured under stimulation, trained on, and what is refused."""

import json
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import rldbs
from rldbs.agents.settings import ClassicalSettings
from rldbs.analysis.error_index import error_index
from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.metric_definitions import NETWORK_METRICS
from rldbs.analysis.network_metrics import events_of, measure_network
from rldbs.analysis.trajectory import Trajectory
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings, simulate_settings, train_settings
from rldbs.core.errors import SettingError
from rldbs.core.so2012 import SO2012
from rldbs.experiment.evaluate import evaluate_run
from rldbs.experiment.simulate import simulate
from rldbs.experiment.train import train

SHORT = ["protocol.episodes=2", "protocol.free=3000", "protocol.stimulated=5000", "protocol.onset=2000"]
FEW = ["start.populations=2", "start.snapshots=1", "model.transient=500", "threads=1"]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """What 130 Hz has done, and where."""
    folder, out = tmp_path_factory.mktemp("network") / "run", StringIO()
    config = compose(
        "evaluate",
        ["model=so2012", "agent=high_frequency", "protocol.relaxed=1000", *SHORT, *FEW],
    )
    settings = evaluate_settings(config)
    object.__setattr__(settings, "folder", folder)
    metrics = evaluate_run(settings, None, console=Console(file=out, width=100))
    return metrics, folder / "evaluation" / "final", out.getvalue()


def test_a_measurement_tells_how_the_network_fires_and_relays(measured):
    metrics, folder, told = measured
    found = metrics["deterministic"]
    assert set(NETWORK_METRICS) <= found.keys()
    assert found["error_index_free"]["mean"] > 0.05
    assert found["error_index"]["mean"] == 0.0
    assert found["rate_stn"]["mean"] == pytest.approx(130.0, abs=4.0)
    assert found["rms_kick"]["mean"] == pytest.approx(2500.0 * np.sqrt(130.0 * 2 * 60e-6), rel=1e-3)
    assert found["charge_per_phase"]["mean"] == pytest.approx(150.0)
    assert found["net_charge"]["mean"] == 0.0
    assert "EI free" in told
    assert "GPe rate" in told
    assert "floor" not in told
    assert (folder / "suppression.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((folder / "metrics.json").read_text()) == metrics


def test_a_trajectory_keeps_its_spikes(measured):
    trajectory = Trajectory.load(measured[1] / "trajectory.npz")
    assert trajectory.kicks_per_step == 10
    assert trajectory.kicks.shape == (2, 90_000)
    spikes, pulses = events_of(trajectory)
    index = error_index(spikes, pulses, SO2012.cells_of("th"), 2, 0.01, 300.0, begin=0.0)
    found = measure_network(trajectory, SO2012, (13.0, 30.0))
    np.testing.assert_array_equal(found["error_index_free"], index)
    np.testing.assert_array_equal(found["error_index_free"], measured[0]["deterministic"]["error_index_free"]["values"])
    assert np.abs(trajectory.largest_kicks).max() == 2500.0


def test_power_in_the_band_does_not_depend_on_how_long_a_phase_is(measured):
    trajectory = Trajectory.load(measured[1] / "trajectory.npz")
    kept = trajectory.field.shape[1], trajectory.field.shape[2]
    field = np.random.default_rng(0).standard_normal((64, *kept))
    early = replace(
        trajectory,
        field=field,
        kicks=np.zeros((64, trajectory.kicks.shape[1])),
        free=1000,
        stimulated=trajectory.steps - 1000,
        relaxed=0,
        onset=0,
        reward=np.zeros(64),
        neuron_std_free=np.ones((64, 1)),
        neuron_std_stimulated=np.ones((64, 1)),
    )
    found = measure_network(early, SO2012, (13.0, 30.0))
    assert np.median(found["band_power"]) == pytest.approx(1.0, rel=0.25)


def test_free_networks_are_shown(tmp_path):
    overrides = ["model=so2012", "model.state=healthy", "model.transient=500", "steps=4000", "populations=2"]
    out = StringIO()
    result = simulate(simulate_settings(compose("simulate", overrides)), tmp_path, Console(file=out, width=100))
    assert result["rate_gpe"]["mean"] == pytest.approx(72.0, abs=10.0)
    assert result["error_index"]["mean"] < 0.1
    recording = FreeRecording.load(tmp_path / "field.npz")
    assert recording.field.shape == (2, 4000, 15)
    assert recording.variables[-4:] == ("th.v[0]", "stn.v[0]", "gpe.v[0]", "gpi.v[0]")
    assert recording.raster.shape == (4000, 4)
    assert (tmp_path / "free.png").read_bytes().startswith(b"\x89PNG")
    assert "error index" in out.getvalue()


def test_a_network_is_learned_on(tmp_path):
    small = [
        "envs=2",
        "steps=64",
        "agent.warmup=16",
        "checkpoints.every=64",
        "checkpoints.episodes=1",
        "agent.hidden=[8]",
    ]
    lengths = ["checkpoints.stimulated=3000", *SHORT, "protocol.episodes=1", "protocol.relaxed=0"]
    settings = train_settings(
        compose("train", ["model=so2012", "agent=td3", "agent.hidden=[8]", *small, *lengths, *FEW])
    )
    train(settings, tmp_path, Console(file=StringIO(), width=100))
    metrics = json.loads((tmp_path / "evaluation" / "final" / "metrics.json").read_text())
    assert np.isfinite(metrics["deterministic"]["error_index"]["mean"])
    assert b"error_index" in (tmp_path / "progress.csv").read_bytes()


def test_a_batch_is_its_environments_alone():
    small = {"start.populations": 2, "start.snapshots": 1, "model.transient": 300, "model.patients": 0.5}
    actions = np.random.default_rng(0).uniform(-1.0, 1.0, (3, 2, 2))
    batch = rldbs.make_vec("so2012", 2, seed=4, **small)
    first = [batch.reset(seed=4)[0]] + [batch.step(each)[0] for each in actions]
    alone = rldbs.make("so2012", seed=5, **small)
    second = [alone.reset(seed=5)[0]] + [alone.step(each[1])[0] for each in actions]
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one[1], other)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["tissue=cube"], "tissue, electrode: are not for model=so2012"),
        (["coupling=walk"], "coupling=walk: is not for model=so2012"),
        (["encapsulation=growth"], "encapsulation=growth: is not for model=so2012, whose currents reach cells as they"),
        (["recording.artefact=0.1"], "recording.artefact=0.1: is of what the electrode in STN records"),
        (["model.neurons=50"], "there is no setting model.neurons"),
        (["model.state=ill"], "model.state=ill: must be healthy or pd or a number from 0 to 1"),
        (["model.substeps=2"], "model.substeps=2: must be 4 or more"),
        (["agent=high_frequency", "agent.frequency=300"], "agent.frequency=300: must be from stimulus.lowest=0"),
    ],
)
def test_what_means_nothing_there_is_refused(overrides, words):
    with pytest.raises(SettingError, match=words.replace(".", r"\.")):
        _made(overrides)


def test_what_needs_neurons_that_can_be_uncoupled_is_refused_before_anything_is_made():
    with pytest.raises(SettingError, match="calibrate=true: is not for model=so2012, whose cells are coupled"):
        simulate_settings(compose("simulate", ["model=so2012", "calibrate=true"]))
    for agent in ("lqg", "lqg_search"):
        with pytest.raises(SettingError, match="model=so2012: no signal is to be small there, and these agents make"):
            train_settings(compose("train", ["model=so2012", f"agent={agent}"]))


def _made(overrides: list[str]) -> object:
    settings = evaluate_settings(compose("evaluate", ["model=so2012", *overrides]))
    assert isinstance(settings.agent, ClassicalSettings)
    return settings.agent.make(settings.loop, 0)
