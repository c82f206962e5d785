"""Measuring a run again, and controllers without weights."""

import json
import re
import shutil
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rldbs.agents.controller import Rest
from rldbs.analysis.metric_definitions import METRICS
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.trajectory import Trajectory
from rldbs.commands.evaluate import evaluation
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings
from rldbs.core.errors import DivergedError, RunError, SettingError
from rldbs.experiment.evaluate import evaluate_run
from rldbs.experiment.metric_tables import print_metrics
from rldbs.experiment.protocol import measure_controllers
from tests.conftest import SMALL, small_run, small_settings

ENVIRONMENT = [text for text in SMALL if text.startswith(("model.", "start.", "stimulus.", "protocol."))]


def test_measuring_a_run_again_gives_the_numbers_of_its_end(run, tmp_path):
    settings, folder, _ = evaluation([f"run={run}", "name=again"], None)
    out = StringIO()
    again = evaluate_run(settings, folder, tmp_path / "numbers.json", Console(file=out, width=100))
    final = json.loads((run / "evaluation" / "final" / "metrics.json").read_text())
    for kind in ("deterministic", "stochastic"):
        assert again[kind] == final[kind]
    assert json.loads((tmp_path / "numbers.json").read_text()) == again
    picture = run / "evaluation" / "again" / "suppression.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert str(picture) in out.getvalue()
    assert str(run) in out.getvalue()


def test_trajectory_of_an_evaluation_holds_what_its_metrics_say(run):
    folder = run / "evaluation" / "final"
    trajectory = Trajectory.load(folder / "trajectory.npz")
    metrics = json.loads((folder / "metrics.json").read_text())
    kicks = np.abs(trajectory.kicks[:, trajectory.after_onset]).mean(axis=1)
    np.testing.assert_allclose(kicks, metrics["deterministic"]["mean_abs_kick"]["values"], rtol=1e-6)


def test_other_conditions_are_measured_on_the_same_policy(run):
    settings, folder, _ = evaluation([f"run={run}", "name=weaker", "model.coupling=0.01"], None)
    weaker = evaluate_run(settings, folder, console=Console(file=StringIO()))
    assert weaker["deterministic"]["synchrony_free"]["mean"] < 0.6


def test_recording_that_the_policy_does_not_know_is_refused(run):
    settings, folder, _ = evaluation([f"run={run}", "recording.length=10"], None)
    with pytest.raises(RunError, match="policy weights"):
        evaluate_run(settings, folder, console=Console(file=StringIO()))


def test_no_stimulation_is_the_baseline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = evaluate_settings(compose("evaluate", ["agent=none", *ENVIRONMENT]))
    out = StringIO()
    metrics = evaluate_run(settings, None, console=Console(file=out, width=100))
    assert "stochastic" not in metrics
    assert set(metrics["deterministic"]["mean_abs_kick"]["values"]) == {0.0}
    assert metrics["deterministic"]["activity"]["mean"] == pytest.approx(1.0, abs=0.1)
    (folder,) = (tmp_path / "runs" / "bvdp-none").iterdir()
    assert json.loads((folder / "meta.json").read_text())["status"] == "done"


def test_silenced_population_is_marked(tmp_path, monkeypatch):
    from rldbs.experiment.metric_tables import print_metrics

    value = {"values": [0.1], "mean": 0.1, "iqm": 0.1, "ci95": [None, None]}
    from rldbs.analysis.metric_definitions import METRICS

    out = StringIO()
    metrics = {"agent": "x", "model": "bvdp", "episodes": 1, "deterministic": dict.fromkeys(METRICS, value)}
    print_metrics(Console(file=out, width=100), metrics, tmp_path, tmp_path / "p.png")
    assert "quenched" in out.getvalue()


@pytest.mark.parametrize(
    ("script", "shown", "files"),
    [
        (None, ["suppression.gif"], ["suppression.gif"]),
        (
            'for last; do :; done; cat > "$last"',
            ["suppression.gif", "suppression.mp4"],
            ["suppression.gif", "suppression.mp4"],
        ),
        ("echo no encoder >&2; exit 1", ["suppression.gif", "ffmpeg: no encoder"], ["suppression.gif"]),
    ],
    ids=["no ffmpeg", "ffmpeg", "failing ffmpeg"],
)
def test_an_animation_is_written_where_it_is_asked_for(tmp_path, monkeypatch, script, shown, files):
    monkeypatch.setattr("rldbs.analysis.plots.animation.FRAMES", 3)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin" if script else "")
    if script:
        (tmp_path / "ffmpeg").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    out = StringIO()
    settings = evaluate_settings(compose("evaluate", ["agent=none", "animation=true", *ENVIRONMENT]))
    evaluate_run(settings, None, console=Console(file=out, width=100))
    (folder,) = (tmp_path / "runs" / "bvdp-none").iterdir()
    assert sorted(path.name for path in (folder / "evaluation" / "final").glob("suppression.[gm]*")) == files
    for words in shown:
        assert words in out.getvalue()


def test_a_measurement_that_diverges_leaves_a_failed_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = evaluate_settings(compose("evaluate", ["agent=none", *ENVIRONMENT, "model.dt=5"]))
    with pytest.raises(DivergedError), np.errstate(all="ignore"):
        evaluate_run(settings, None, console=Console(file=StringIO()))
    (folder,) = (tmp_path / "runs" / "bvdp-none").iterdir()
    assert json.loads((folder / "meta.json").read_text())["status"] == "failed"


def test_a_run_is_measured_under_another_coupling(run):
    settings, _, _ = evaluation([f"run={run}", "coupling=step", "coupling.to=0.1", "coupling.at=10"], None)
    assert (settings.loop.coupling.to, settings.loop.coupling.at) == (0.1, 10)
    assert settings.name == "best,coupling.at=10,coupling.to=0.1,coupling=step"


def test_a_run_that_draws_its_coupling_is_measured_at_one_coupling_only_where_it_is_fixed(tmp_path):
    small_run(tmp_path / "run", ["coupling=drawn", "steps=512"])
    with pytest.raises(SettingError, match=r"model\.coupling=0\.1: the coupling is drawn .* add coupling=fixed"):
        evaluation([f"run={tmp_path / 'run'}", "model.coupling=0.1"], None)
    settings, _, _ = evaluation([f"run={tmp_path / 'run'}", "coupling=fixed", "model.coupling=0.1"], None)
    assert settings.loop.coupling.spread(settings.loop.model.coupling, 2).tolist() == [0.1, 0.1]


def test_measured_noise_is_the_same_for_every_controller_and_follows_the_seed_of_the_protocol():
    settings = small_settings(["recording.noise=0.3"])
    seen: dict[str, list[np.ndarray]] = {}

    class Watch(Rest):
        def __init__(self, name: str) -> None:
            super().__init__(1)
            self.name = name

        def act(self, observations: np.ndarray) -> np.ndarray:
            seen.setdefault(self.name, []).append(observations)
            return super().act(observations)

    measure_controllers(settings.loop, settings.protocol, {name: Watch(name) for name in "ab"})
    np.testing.assert_array_equal(seen["a"], seen["b"])
    measure_controllers(settings.loop, replace(settings.protocol, seed=5), {"c": Watch("c")})
    noise = np.array(seen["a"])[:50, 0, -1] - np.array(seen["c"])[:50, 0, -1]
    assert np.abs(np.diff(noise)).mean() > 0.1


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 120])
def test_every_number_of_the_table_has_its_name_and_is_whole(run, width):
    metrics = json.loads((run / "evaluation" / "final" / "metrics.json").read_text())
    out = StringIO()
    print_metrics(Console(file=out, width=width), metrics, run, run)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines[:-2])) <= width
    words = " ".join(" ".join(lines).split())
    for metric in METRICS.values():
        assert f"{metric.label} " in words
    for kind in ("deterministic", "stochastic"):
        assert {three_digits(metrics[kind][key]["iqm"]) for key in ("suppression", "activity", "reward")} <= set(
            words.split()
        )
    assert "…" not in out.getvalue()


def test_a_policy_that_does_not_fit_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings, folder, _ = evaluation(["run=zoo:bvdp-ppo", "recording.length=40"], None)
    with pytest.raises(RunError, match="policy weights"):
        evaluate_run(settings, folder, console=Console(file=StringIO()))
    assert not list(tmp_path.iterdir())


def test_metrics_tell_the_floor_and_who_is_quenched(run):
    metrics = json.loads((run / "evaluation" / "final" / "metrics.json").read_text())
    assert metrics["quenched"] == {"deterministic": False, "stochastic": False}
    kind = metrics["deterministic"]
    assert kind["floor"] == metrics["stochastic"]["floor"]
    ratio = np.array(kind["suppression"]["values"]) / kind["floor"]["values"]
    np.testing.assert_allclose(kind["suppression_over_floor"]["values"], ratio)


def test_a_controller_without_weights_is_measured_on_the_terms_of_a_run(run):
    settings, folder, _ = evaluation(
        [f"run={run}", "agent=proportional", "agent.gain=0.5", "model.coupling=0.05"], None
    )
    of_run, _, _ = evaluation([f"run={run}", "model.coupling=0.05"], None)
    assert (folder, settings.name, settings.agent.gain) == (None, "final", 0.5)
    assert (settings.loop, settings.protocol) == (of_run.loop, of_run.protocol)


def test_a_run_from_before_a_setting_has_what_held_for_it(run, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(run, old, symlinks=True)
    text = (old / "config.yaml").read_text()
    (old / "config.yaml").write_text(re.sub(r"  (saturation|resolution): .*\n", "", text))
    assert evaluation([f"run={old}"], None)[0].loop == evaluation([f"run={run}"], None)[0].loop
