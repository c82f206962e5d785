"""Training with populations that go out of bounds now and then goes on; with too many of them it says what to lower."""

import json
import re
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rldbs.core.errors import DivergedError
from rldbs.experiment.train import resume, train
from tests.conftest import small_run, small_settings
from tests.experiment.test_resume import interrupted, same
from tests.experiment.test_train import rows

SOME = {"ppo": ["stimulus.amplitude=8"], "ars": ["stimulus.amplitude=4"], "td3": ["stimulus.amplitude=3.5"]}
"""Kicks under which a population diverges now and then."""


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch):
    monkeypatch.setattr("rldbs.experiment.train.evaluate_run", lambda *_, **__: {})


@pytest.mark.parametrize("agent", SOME)
def test_training_goes_on_and_counts_them_also_after_an_interruption(agent, tmp_path, monkeypatch):
    settings = small_settings([*SOME[agent], "steps=2048", "checkpoints.every=1024"], agent)
    whole, part = tmp_path / "whole", tmp_path / "part"
    whole.mkdir()
    train(settings, whole, Console(file=StringIO()))
    counts = [int(row["diverged"]) for row in rows(whole)]
    assert 0 < sum(counts) < 100
    interrupted(settings, part, monkeypatch, after=2, again=False)
    resume(settings, part, Console(file=StringIO()))
    same(whole, part, measured=False)


def test_none_is_counted_where_none_diverges(tmp_path):
    small_run(tmp_path / "run", ["steps=1024"])
    assert {row["diverged"] for row in rows(tmp_path / "run")} == {"0"}


def test_a_learner_finds_out_by_itself_what_to_leave(tmp_path):
    small_run(tmp_path / "run", ["stimulus.amplitude=14", "steps=6144", "checkpoints.every=6144"])
    counts = [int(row["diverged"]) for row in rows(tmp_path / "run")]
    assert counts[0] > 100
    assert sum(counts[-3:]) < 10


@pytest.mark.parametrize(("steps", "after"), [(16384, 5120), (1024, 1024)])
def test_many_of_them_that_do_not_get_fewer_end_the_run(steps, after, tmp_path):
    hopeless = ["stimulus.amplitude=100", "agent.learning_rate=1e-9", "agent.log_std_end=null", f"steps={steps}"]
    hopeless += ["checkpoints.every=5120"]
    with pytest.raises(DivergedError) as caught:
        train(small_settings(hopeless), tmp_path, Console(file=StringIO()))
    text = str(caught.value)
    assert re.match(
        rf"[\d,]+ populations diverged in {after:,} steps; the last one diverged after step \d+ of its", text
    )
    assert "\nLower stimulus.amplitude=100, or model.dt=0.2, or the agent's exploration\n" in text
    assert json.loads((tmp_path / "meta.json").read_text())["status"] == "failed"
    assert len(rows(tmp_path)) == after // 512
    if steps > after:
        with pytest.raises(DivergedError, match=r"populations diverged in"):
            resume(small_settings(hopeless), tmp_path, Console(file=StringIO()))
        assert len(rows(tmp_path)) == after // 512 + 1


def test_a_policy_that_cannot_be_measured_is_saved_and_never_the_best(tmp_path, monkeypatch):
    from rldbs.experiment import training_observer as observer

    def measured(*arguments: object, original=observer.measure_controllers) -> object:
        calls.append(1)
        if len(calls) in (1, 3):
            raise DivergedError("population 1 (seed 2000001) diverged")
        return original(*arguments)

    calls: list[int] = []
    monkeypatch.setattr(observer, "measure_controllers", measured)
    small_run(tmp_path / "run", ["steps=2048", "checkpoints.every=512", "checkpoints.kept=9"])
    found = rows(tmp_path / "run")
    assert [bool(row["suppression"]) for row in found] == [False, True, False, True]
    checkpoints = tmp_path / "run" / "checkpoints"
    assert [(checkpoints / str(steps)).is_dir() for steps in (512, 1024, 1536, 2048)] == [True] * 4
    assert (checkpoints / "best").resolve().name in ("1024", "2048")
    log = (tmp_path / "run" / "train.log").read_text()
    assert "no measurement: population 1 (seed 2000001) diverged" in log
    assert np.isfinite([float(row["best_suppression"]) for row in found[1:] if row["best_suppression"]]).all()
