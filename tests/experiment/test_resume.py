"""A run that is interrupted and resumed ends as one that never was."""

import json
import os
import shutil
import signal
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from rldbs.agents.settings import LEARNERS, NetworkSettings
from rldbs.core.errors import DivergedError
from rldbs.experiment import lessons
from rldbs.experiment import training_observer as observer
from rldbs.experiment.command_settings import TrainSettings
from rldbs.experiment.event_file import NAME as EVENTS
from rldbs.experiment.train import resume, train
from rldbs.files.folder import Folder
from rldbs.process.stop import Stopped
from rldbs.runs.checkpoint import find_checkpoint, numbered, read_checkpoint
from rldbs.runs.checkpoint_store import RESERVE
from rldbs.runs.find import read_run
from tests.conftest import small_settings
from tests.experiment.test_train import rows, without_clock

HARD = (
    "recording.variable=[x,y]",
    "recording.noise=0.05",
    "recording.dropout=0.1",
    "recording.dropout_length=3",
    "recording.delay=5",
    "coupling=walk",
    "tissue=line",
    "electrode=single",
    "electrode_drift=walk",
    "encapsulation=growth",
    "plasticity=walk",
    "stimulus.interval=2",
)
"""Everything in the environment that has a state of its own."""


KINDS = ("ppo", "recurrent_ppo", "sac", "td3", "qrdqn", "ars", "lqg", "lqg_search")
"""Learners of which each has a state that those before it have not."""


def silent() -> Console:
    return Console(file=StringIO())


def interrupted(settings: TrainSettings, folder: Path, monkeypatch: pytest.MonkeyPatch, after: int, again: bool) -> str:
    """Train, or go on, and let a signal come after some rows; what was said."""
    seen = []

    def row(self: observer.Observer, learner: object, original=observer.Observer._row) -> dict[str, float]:
        seen.append(1)
        if len(seen) == after:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(self, learner)

    with monkeypatch.context() as patch:
        patch.setattr(observer.Observer, "_row", row)
        if not again:
            folder.mkdir(parents=True)
        with pytest.raises(Stopped) as stopped:
            (resume if again else train)(settings, folder, silent())
    assert stopped.value.code == 128 + signal.SIGTERM
    assert read_run(folder).status == "interrupted"
    return str(stopped.value)


def same(first: Path, second: Path, measured: bool = True) -> None:
    assert without_clock(rows(first)) == without_clock(rows(second))
    if measured:
        metrics = [(folder / "evaluation" / "final" / "metrics.json").read_bytes() for folder in (first, second)]
        assert metrics[0] == metrics[1]
    for name in ("last", "best"):
        one, two = (read_checkpoint(find_checkpoint(folder, name)) for folder in (first, second))
        for group, arrays in one.tensors.items():
            if group == observer.PROGRESS:  # the rows, with their times
                continue
            assert arrays.keys() == two.tensors[group].keys()
            for key, array in arrays.items():
                if key == "episodes":  # the third is a time
                    array, two.tensors[group][key] = array[:, :2], two.tensors[group][key][:, :2]
                np.testing.assert_array_equal(array, two.tensors[group][key], err_msg=f"{name} {group} {key}")


def test_a_signal_that_comes_while_a_row_is_written_is_obeyed_after_the_next_one(tmp_path, monkeypatch):
    written = []

    def write(self: observer.Observer, *arguments: object, original=observer.Observer._write, **more: object) -> None:
        original(self, *arguments, **more)
        written.append(1)
        if len(written) == 1:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(observer.Observer, "_write", write)
    with pytest.raises(Stopped, match="first 1,024 steps is kept"):
        train(small_settings(["checkpoints.every=4096"]), tmp_path, silent())
    assert read_checkpoint(find_checkpoint(tmp_path, "last")).state["steps"] == 1024


def test_a_signal_that_comes_after_the_last_row_stops_before_the_last_measurement(tmp_path, monkeypatch):
    def close(self: observer.Observer, original=observer.Observer.close) -> None:
        original(self)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(observer.Observer, "close", close)
    with pytest.raises(Stopped, match="first 512 steps is kept"):
        train(small_settings(["steps=512"]), tmp_path, silent())
    assert not (tmp_path / "evaluation").exists()


def test_a_resumed_run_leaves_nothing_that_a_kill_left_half_done(run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run, folder, symlinks=True)
    for name in (".meta.json.0123abcd", "checkpoints/.last.89abcdef", "evaluation/final/.suppression.png.00000000"):
        (folder / name).touch()
    for name in ("512", ".5120.01234567"):
        shutil.copytree(folder / "checkpoints" / "4096", folder / "checkpoints" / name)
    resume(small_settings(), folder, silent())
    assert sorted(path.relative_to(folder) for path in folder.rglob("*")) == sorted(
        path.relative_to(run) for path in run.rglob("*")
    )
    same(run, folder)


def test_a_finished_run_holds_no_room_for_another_checkpoint(run, tmp_path, monkeypatch):
    assert not (run / "checkpoints" / RESERVE).exists()
    interrupted(small_settings(), tmp_path / "run", monkeypatch, 1, again=False)
    assert (tmp_path / "run" / "checkpoints" / RESERVE).stat().st_size > 2**20


def test_a_run_that_was_stopped_before_it_began_says_how_to_begin(tmp_path, monkeypatch):
    def no_config(folder: Path, config: object) -> None:
        raise Stopped("", signal.SIGTERM)

    monkeypatch.setattr("rldbs.experiment.train.write_config", no_config)
    with pytest.raises(Stopped, match="Nothing was saved yet; go on with: rldbs train, in a new folder"):
        train(small_settings(), tmp_path, silent())


@pytest.mark.parametrize(
    "agent", [pytest.param(agent, marks=() if agent in KINDS else pytest.mark.slow) for agent in LEARNERS]
)
def test_every_learner_leaves_a_whole_run_and_resumed_the_same(agent, tmp_path, monkeypatch):
    chosen = ["agent.price=[1,100]", "agent.horizon=64", "agent.generations=1"] if agent == "lqg_search" else []
    settings = small_settings(["steps=1536", "checkpoints.every=512", *chosen], agent)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    metrics = train(settings, whole, silent())
    assert [int(row["steps"]) for row in rows(whole)] == [512, 1024, 1536]
    assert all(row["reward"] and row["kick"] and row["suppression"] for row in rows(whole)[1:])
    if issubclass(LEARNERS[agent], NetworkSettings):
        assert all(row["learning_rate"] for row in rows(whole)[1:])
        assert rows(whole)[-1]["value_loss"] or agent == "ars"
    assert ("stochastic" in metrics) == LEARNERS[agent].stochastic
    monkeypatch.setattr("rldbs.experiment.train.evaluate_run", lambda *_, **__: {})  # the weights tell all of it
    monkeypatch.setattr("rldbs.experiment.train.report_regulators", lambda *_: None)
    interrupted(settings, parts, monkeypatch, 2, again=False)
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002
    resume(settings, parts, silent())
    same(whole, parts, measured=False)


@pytest.mark.parametrize("agent", ["ppo", "sac"])
def test_a_run_interrupted_between_measurements_again_and_again_ends_the_same(agent, tmp_path, monkeypatch):
    """In environments in which everything has a state of its own."""
    past = ["agent.past_kicks=3"] if agent == "ppo" else []
    settings = small_settings([*HARD, *past, "steps=2560"], agent)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    train(settings, whole, silent())
    said = interrupted(settings, parts, monkeypatch, 1, again=False)
    assert said == f"Stopped. What was learned in the first 512 steps is kept; go on with: rldbs resume {parts}"
    assert read_checkpoint(find_checkpoint(parts, "last")).state["measured"] is None
    interrupted(settings, parts, monkeypatch, 2, again=True)
    resume(settings, parts, silent())
    same(whole, parts)


TAUGHT = ("teacher.agent=proportional", "teacher.steps=160", "teacher.rounds=2", "teacher.updates=20")


@pytest.mark.parametrize("agent", ["ppo", "td3"])
def test_a_taught_run_that_is_interrupted_in_its_lessons_and_while_its_critics_learn_ends_the_same(
    agent, tmp_path, monkeypatch
):
    monkeypatch.setattr("rldbs.experiment.train.evaluate_run", lambda *_, **__: {})
    settings = small_settings([*TAUGHT, "teacher.judging=600", "steps=1536", "checkpoints.every=1024"], agent)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    train(settings, whole, silent())
    assert [bool(row["suppression"]) for row in rows(whole)] == [True, True, True]
    assert len(json.loads((whole / "meta.json").read_text())["lessons"]) == 2

    def signal_in_the_lessons(*arguments: Any, original=lessons.teach) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        original(*arguments)

    parts.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(lessons, "teach", signal_in_the_lessons)
        with pytest.raises(Stopped, match="Nothing was saved yet; go on with: rldbs resume"):
            train(settings, parts, silent())
    interrupted(settings, parts, monkeypatch, 1, again=True)
    torch.manual_seed(99)
    resume(settings, parts, silent())
    same(whole, parts, measured=False)


def test_a_larger_budget_goes_on_from_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr("rldbs.experiment.train.evaluate_run", lambda *_, **__: {})
    folder = tmp_path / "run"
    folder.mkdir()
    train(small_settings(["steps=1024"]), folder, silent())
    before = rows(folder)
    resume(small_settings(["steps=2048"]), folder, silent())
    assert rows(folder)[: len(before)] == before
    assert [int(row["steps"]) for row in rows(folder)] == [512, 1024, 1536, 2048]
    meta = json.loads((folder / "meta.json").read_text())
    assert (meta["status"], meta["steps"], meta["steps_done"]) == ("done", 2048, 2048)
    assert len(meta["resumed"]) == 1
    assert "steps: 2048" in (folder / "config.yaml").read_text()


@pytest.mark.parametrize("what", ["gone", "edited"])
def test_what_becomes_of_progress_and_events_does_not_matter_to_a_resumed_run(what, tmp_path, monkeypatch):
    monkeypatch.setattr("rldbs.experiment.train.evaluate_run", lambda *_, **__: {})
    settings, whole, parts = small_settings(["steps=1536"]), tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    train(settings, whole, silent())
    interrupted(settings, parts, monkeypatch, 2, again=False)
    for path in (parts / "progress.csv", parts / EVENTS):
        if what == "gone":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    resume(settings, parts, silent())
    same(whole, parts, measured=False)


def test_newest_checkpoints_and_the_best_are_kept_as_many_as_wanted(tmp_path, monkeypatch):
    monkeypatch.setattr("rldbs.experiment.train.evaluate_run", lambda *_, **__: {})
    folder = tmp_path / "run"
    folder.mkdir()
    train(small_settings(["steps=3072", "checkpoints.every=512", "checkpoints.kept=1"]), folder, silent())
    best = find_checkpoint(folder, "best").name
    assert {path.name for path in numbered(Folder(folder) / "checkpoints")} == {best, "3072"}


def test_a_policy_that_is_no_longer_finite_is_named_and_never_the_best(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    folder.mkdir()

    def row(self: observer.Observer, learner: Any, original=observer.Observer._row) -> dict[str, float]:
        if learner.num_timesteps == 1024:
            with torch.no_grad():
                learner.policy.action_net.weight[0, 3] = float("nan")
        return original(self, learner)

    monkeypatch.setattr(observer.Observer, "_row", row)
    with pytest.raises(DivergedError) as caught:
        train(small_settings(["checkpoints.every=512"]), folder, silent())
    assert "weights in action_net.weight are nan" in str(caught.value)
    assert "What was learned in the first 512 steps is kept" in str(caught.value)
    assert read_run(folder).status == "failed"
    for name in ("best", "last"):
        restored = read_checkpoint(find_checkpoint(folder, name), ["policy"]).tensors["policy"]
        assert all(np.isfinite(array).all() for array in restored.values())
