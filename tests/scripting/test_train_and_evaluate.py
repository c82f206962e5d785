"""Training and measuring from Python: the same bits as from the command line, and nothing else happens."""

import csv
import json
import random
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import rldbs
from rldbs.core.errors import RunError, SettingError, StorageError
from rldbs.experiment.training_observer import Observer
from rldbs.runs.checkpoint import find_checkpoint, read_checkpoint
from rldbs.runs.find import read_metrics
from tests.conftest import SMALL, call
from tests.scripting.arguments import arguments

SHORT = (*SMALL, "steps=1024", "checkpoints.every=512")
PROTOCOL = tuple(text for text in SMALL if text.startswith(("model.", "start.", "stimulus.", "protocol.", "threads")))


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """The current folder. Pictures, which take the most time, are left out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rldbs.experiment.evaluate.drawn", lambda *_: False)
    return tmp_path


def progress(run: Path) -> list[dict[str, str]]:
    """The rows, as they are written, without what depends on the clock."""
    with open(run / "progress.csv") as file:
        rows = list(csv.DictReader(file))
    return [{key: text for key, text in row.items() if "time" not in key and "per_second" not in key} for row in rows]


def weights(run: Path) -> dict[str, bytes]:
    """All that the last checkpoint holds, to the bit, without what depends on the clock."""
    tensors = read_checkpoint(find_checkpoint(run, "last")).tensors
    course = dict(tensors["course"])
    course["episodes"] = course["episodes"].reshape(-1, 3)[:, :2]  # returns and lengths, not when they ended
    groups = {**tensors, "course": course, "progress": {}}
    return {f"{group} {name}": array.tobytes() for group, arrays in groups.items() for name, array in arrays.items()}


def test_a_run_from_python_has_the_bits_of_one_from_the_command_line(desk, capsys):
    assert call(["train", *SHORT, "seed=3", "reward=setpoint", "hydra.run.dir=typed"], capsys)[0] == 0
    np.random.seed(1)  # noqa: NPY002  what was drawn before is nothing to it
    run = rldbs.train("bvdp", "ppo", folder="called", reward="setpoint", seed=3, **arguments(SHORT))
    assert run.path == desk / "called"
    assert progress(run.path) == progress(desk / "typed")
    assert len(progress(run.path)) == 2
    assert weights(run.path) == weights(desk / "typed")
    assert len(weights(run.path)) > 20
    assert run.config == yaml.safe_load((desk / "typed" / "config.yaml").read_text())
    assert run.metrics == read_metrics(desk / "typed", "final")
    other = rldbs.load("typed").trajectory
    np.testing.assert_array_equal(run.trajectory.field, other.field)
    np.testing.assert_array_equal(run.trajectory.kicks, other.kicks)


def test_training_shows_nothing_and_leaves_the_process_as_it_was(desk, capfd):
    before = [random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()]  # noqa: NPY002
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    run = rldbs.train(**arguments(SHORT))
    assert run.path.parent == desk / "runs" / "bvdp-ppo"
    assert run.path.name.split("-")[2] == "s0"
    assert rldbs.load().path == run.path
    assert tuple(capfd.readouterr()) == ("", "")
    assert before == [random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()]  # noqa: NPY002
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_progress_is_shown_where_it_is_asked_for(desk, capfd, run):
    rldbs.train(**arguments(SHORT), progress=True)
    out = capfd.readouterr().out
    assert out.startswith("ppo learns on bvdp, seed 0\n")
    assert "S on unseen populations" in out
    rldbs.evaluate(agent="none", progress=True, **arguments(PROTOCOL))
    assert "none on bvdp: 2 unseen populations" in capfd.readouterr().out


def test_an_interrupted_run_is_kept_and_goes_on_to_the_same_end(desk, run, monkeypatch):
    end_row = Observer._end_row

    def interrupted(self, learner, last=False):
        if learner.num_timesteps == 1536:
            signal.raise_signal(signal.SIGINT)
        end_row(self, learner, last)

    monkeypatch.setattr(Observer, "_end_row", interrupted)
    with pytest.raises(KeyboardInterrupt, match=r"(?s)first 1,536 steps is kept; go on with: .*rldbs\.resume\(\)"):
        rldbs.train(**arguments(SMALL))
    monkeypatch.setattr(Observer, "_end_row", end_row)
    assert (rldbs.load().status, rldbs.load().checkpoints[-1]) == ("interrupted", 1536)
    resumed = rldbs.resume()
    assert (resumed.status, resumed.path) == ("done", rldbs.load().path)
    assert progress(resumed.path) == progress(run)
    assert weights(resumed.path) == weights(run)
    assert resumed.metrics == read_metrics(run, "final")
    longer = rldbs.resume(resumed, steps=4608, threads=2)
    assert longer.meta["steps_done"] == 4608


def test_an_evaluation_from_python_has_the_numbers_of_one_from_the_command_line(desk, run, capsys):
    assert call(["evaluate", f"run={run}", "model.coupling=0.02", "name=typed", "json=typed.json"], capsys)[0] == 0
    evaluation = rldbs.evaluate(run, coupling=0.02, name="called")
    assert (evaluation.path, evaluation.name) == (run / "evaluation" / "called", "called")
    assert evaluation.metrics == json.loads((desk / "typed.json").read_text())
    assert call(["evaluate", "agent=pd", *PROTOCOL, "hydra.run.dir=typed"], capsys)[0] == 0
    called = rldbs.evaluate("bvdp", agent="pd", folder="called", **arguments(PROTOCOL))
    assert called.path == desk / "called" / "evaluation" / "final"
    assert called.metrics == read_metrics(desk / "typed", "final")
    assert called.config["protocol"]["free"] == called.trajectory.free == 200
    on_terms = rldbs.evaluate(run, "proportional", gain=0.05, neurons=30, folder="terms")
    assert on_terms.config["agent"]["gain"] == 0.05
    assert on_terms.config["stimulus"] == rldbs.load(run).config["stimulus"]
    assert on_terms.trajectory.neuron_std_free.shape == (2, 30)


@pytest.mark.parametrize(
    ("do", "words"),
    [
        (lambda run: rldbs.train("hrr"), r"model=hrr: there is no model hrr\nDid you mean model=hr\?"),
        (lambda run: rldbs.train(agent="pd"), r"agent=pd: has nothing to learn"),
        (lambda run: rldbs.train(step=1000), r"step=1000: there is no setting step\nDid you mean steps\?"),
        (lambda run: rldbs.train(every=10), r"every=10: could be stimulus\.every or checkpoints\.every; write which"),
        (lambda run: rldbs.train(seed=[0, 1]), r"seed=\[0, 1\]: must be a whole number"),
        (lambda run: rldbs.train("b\x1b[3m"), r"has a character that cannot be seen"),
        (lambda run: rldbs.train(folder=3), r"folder=3: must be a path"),
        (lambda run: rldbs.train(config_dir="none"), r"none: is not a directory"),
        (lambda run: rldbs.evaluate("hr"), r"evaluate\('hr'\): with which agent\? agent='pd'"),
        (lambda run: rldbs.evaluate("hr", run="last"), r"run='last': 'hr' is named already"),
        (lambda run: rldbs.evaluate("hr", agent="ppo"), r"agent=ppo: a learner is measured through its run"),
        (lambda run: rldbs.evaluate(run, hidden=[3]), r"agent\.hidden=\[3\]: belongs to what the run has learned"),
        (lambda run: rldbs.evaluate(run, reward="setpoint"), r"reward=setpoint: the run keeps its own reward"),
        (lambda run: rldbs.resume(run, steps=1024), r"steps=1024: the budget can only grow; it is 4096"),
    ],
)
def test_what_is_not_allowed_is_refused_as_on_the_command_line(desk, run, do, words):
    with pytest.raises(SettingError, match=words):
        do(run)
    assert not (desk / "runs").exists()


@pytest.mark.parametrize(
    ("do", "words"),
    [
        (lambda run: rldbs.train(folder=run), r"there is something in it; name a new folder"),
        (lambda run: rldbs.evaluate("none"), r"none: there are no training runs"),
        (lambda run: rldbs.evaluate(run, checkpoint=7), r"no checkpoint '7'"),
        (lambda run: rldbs.evaluate(run=run, config_dir=None, checkpoint=9), r"no checkpoint '9'"),
        (lambda run: rldbs.resume(run), r"has reached its budget of 4,096 steps"),
        (lambda run: rldbs.resume("zoo:hr-ppo"), r"comes with the package, and is complete"),
        (lambda run: rldbs.resume(), r"last: under runs/ there is no run to resume"),
    ],
)
def test_what_is_wrong_with_a_run_is_told_as_on_the_command_line(desk, run, do, words):
    with pytest.raises(RunError, match=words):
        do(run)


def test_a_place_that_cannot_be_written_to_is_told(desk):
    (desk / "runs").write_text("")
    with pytest.raises(StorageError, match="runs"):
        rldbs.evaluate("bvdp", agent="none", **arguments(PROTOCOL))


def test_settings_of_ones_own_come_from_a_directory(desk):
    (desk / "mine" / "agent").mkdir(parents=True)
    (desk / "mine" / "agent" / "weak.yaml").write_text("name: constant\nsize: 0.002\n")
    evaluation = rldbs.evaluate("bvdp", agent="weak", config_dir="mine", size=0.003, **arguments(PROTOCOL))
    assert evaluation.config["agent"] == {"name": "constant", "size": 0.003}
