"""A rate model from end to end: looked at, measured under stimulation, and trained on."""

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.metric_definitions import RATE_METRICS
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings, simulate_settings, train_settings
from rldbs.experiment.evaluate import evaluate_run
from rldbs.experiment.simulate import simulate
from rldbs.experiment.train import train
from rldbs.runs.places import FREE

SHORT = ["protocol.episodes=2", "protocol.free=3000", "protocol.stimulated=4000", "protocol.onset=1000"]
FEW = ["start.populations=2", "start.snapshots=1", "threads=1"]


def measured(folder, *overrides: str):
    """What a controller has done, and what was said of it."""
    out = StringIO()
    settings = evaluate_settings(compose("evaluate", ["model=stn_gpe", *SHORT, *FEW, *overrides]))
    object.__setattr__(settings, "folder", folder)
    metrics = evaluate_run(settings, None, console=Console(file=out, width=100))
    return metrics, out.getvalue()


def test_a_constant_current_ends_the_bursts(tmp_path):
    metrics, told = measured(tmp_path / "run", "agent=constant", "agent.size=8", "protocol.relaxed=0")
    found = metrics["deterministic"]
    assert set(RATE_METRICS) <= found.keys()
    assert found["burst_time_free"]["mean"] > 0.15
    assert found["burst_time"]["mean"] == 0.0
    assert found["band_power"]["mean"] < 0.4
    assert (found["rms_kick"]["mean"], found["duty"]["mean"]) == (pytest.approx(8.0), 1.0)
    assert "burst time" in told
    assert "floor" not in told
    folder = tmp_path / "run" / "evaluation" / "final"
    assert (folder / "suppression.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((folder / "metrics.json").read_text()) == metrics


def test_adaptive_control_rests_between_bursts(tmp_path):
    found = measured(tmp_path / "run", "agent=beta_dual", "protocol.relaxed=1000")[0]["deterministic"]
    assert 0.1 < found["duty"]["mean"] < 0.9
    assert found["burst_time"]["mean"] < found["burst_time_free"]["mean"]


def test_free_populations_are_looked_at_beside_health(tmp_path):
    out = StringIO()
    settings = simulate_settings(compose("simulate", ["model=stn_gpe", "populations=2", "steps=3000", "threads=1"]))
    found = simulate(settings, tmp_path, Console(file=out, width=100))
    assert found["peak_frequency"]["mean"] == pytest.approx(27.0, abs=1.0)
    assert found["beta_power"]["mean"] > 3.0
    assert "a burst lasts" in out.getvalue()
    recording = FreeRecording.load(tmp_path / FREE)
    assert recording.variables == ("x", "gpe")
    assert recording.field.shape == (2, 3000, 2)
    assert (tmp_path / "free.png").read_bytes().startswith(b"\x89PNG")


def test_a_policy_is_trained_and_the_best_one_has_the_least_time_in_bursts(tmp_path):
    small = ["steps=512", "envs=4", "agent.rollout=64", "agent.minibatch=64", "checkpoints.every=256"]
    overrides = ["model=stn_gpe", "agent=ppo", *small, *SHORT, *FEW, "checkpoints.stimulated=2400"]
    settings = train_settings(compose("train", [*overrides, "checkpoints.episodes=1"]))
    assert settings.checkpoints.objective == "bursts"
    metrics = train(settings, tmp_path, Console(file=StringIO(), width=100))
    assert np.isfinite(metrics["deterministic"]["burst_time"]["mean"])
    head, *rows = (tmp_path / "progress.csv").read_text().splitlines()
    assert head.split(",")[-2:] == ["burst_time", "rms_kick"]
    assert any(row.split(",")[-2] for row in rows)


def test_severity_may_change_within_an_episode(tmp_path):
    ramp = ["coupling=ramp", "coupling.to=1", "coupling.length=1000"]
    found = measured(tmp_path / "run", "agent=none", *ramp, "protocol.relaxed=0")[0]["deterministic"]
    assert found["band_power"]["mean"] > 10.0
    assert found["peak_frequency"]["mean"] == pytest.approx(20.5, abs=1.0)
