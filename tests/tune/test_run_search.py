"""A search from its beginning to its end, and from anywhere in between."""

import csv
import json
import shutil
from io import StringIO

import pytest
import yaml
from rich.console import Console

from rldbs.commands.tune import resumed_tuning, tuning
from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings
from rldbs.core.errors import DivergedError, RldbsError, RunError, SettingError
from rldbs.experiment.evaluate import measured
from rldbs.experiment.training_observer import Observer
from rldbs.process.stop import Stopped
from rldbs.runs.find import read_run
from rldbs.tune import finish
from rldbs.tune.run_search import resume, tune
from rldbs.tune.search import Search
from rldbs.tune.trial_runs import ControllerTrials
from tests.conftest import SMALL
from tests.runs.test_physics import make_older
from tests.tune.conftest import SMALL_SEARCH, searched, small_search

RESULTS = ("trials.csv", "tuned.yaml", "trials.png", "evaluation/final/metrics.json")


def rows(folder, name="trials.csv"):
    return list(csv.DictReader((folder / name).read_text().splitlines()))


def said(settings, folder, again=False):
    console = Console(file=StringIO(), width=120)
    (resume if again else tune)(settings, folder, console)
    return console.file.getvalue()


def test_a_search_leaves_what_it_found(search):
    table = rows(search)
    metrics = json.loads((search / "evaluation/final/metrics.json").read_text())
    top = max(table, key=lambda row: float(row["suppression"]))
    tuned = yaml.safe_load((search / "tuned.yaml").read_text())
    assert len(table) == 12
    assert tuned == {
        "agent": {"smoothing": 3, "gain": float(top["agent.gain"])},
        "model": {"neurons": 50, "transient": 600},
        "stimulus": {"amplitude": 0.1},
    }
    assert metrics["protocol"]["seed"] == 1_000_000
    assert read_run(search).status == "done"
    assert (search / "tuned.yaml").read_text().startswith("# @package _global_\n# proportional on bvdp: trial ")


def test_what_was_found_gives_on_unseen_populations_what_the_search_says(search, tmp_path):
    (tmp_path / "tuned").mkdir()
    (tmp_path / "tuned" / "found.yaml").write_bytes((search / "tuned.yaml").read_bytes())
    overrides = [text for text in SMALL_SEARCH if text.startswith(("agent=", "protocol", "threads"))]
    settings = evaluate_settings(compose("evaluate", [*overrides, "tuned=found"], tmp_path))
    metrics = json.loads((search / "evaluation/final/metrics.json").read_text())
    assert measured(settings, None).metrics == metrics


def test_the_same_search_gives_the_same_files(search, tmp_path):
    again = searched(tmp_path / "again")
    for name in RESULTS:
        assert (again / name).read_bytes() == (search / name).read_bytes(), name


@pytest.mark.parametrize("trials", [3, 8])
def test_a_search_that_was_killed_ends_as_if_it_had_not_been(search, tmp_path, monkeypatch, trials):
    def add(self, *outcome):
        if len(self.trials) == trials:
            raise KeyboardInterrupt
        return added(self, *outcome)

    added = Search.add
    monkeypatch.setattr(Search, "add", add)
    with pytest.raises(Stopped, match="go on with: rldbs resume"):
        tune(small_search(), tmp_path, Console(file=StringIO()))
    assert read_run(tmp_path).status == "interrupted"
    assert not (tmp_path / "tuned.yaml").exists()
    monkeypatch.setattr(Search, "add", added)
    said(resumed_tuning(tmp_path, []), tmp_path, again=True)
    for name in RESULTS:
        assert (tmp_path / name).read_bytes() == (search / name).read_bytes(), name


def test_more_trials_are_those_that_would_have_come(search, tmp_path):
    few = searched(tmp_path / "few", ["tune.trials=5"])
    said(resumed_tuning(few, ["tune.trials=12"]), few, again=True)
    assert (few / "trials.csv").read_bytes() == (search / "trials.csv").read_bytes()


def test_a_resumed_search_stays_what_it_is(search):
    for override in ("agent.gain=1", "tune.most_kick=1", "seed=1"):
        with pytest.raises(SettingError, match=r"only tune\.trials and threads may change"):
            resumed_tuning(search, [override])
    with pytest.raises(SettingError, match=r"tune\.trials=3: can only grow; it is 12"):
        resumed_tuning(search, ["tune.trials=3"])


def test_a_search_with_older_physics_is_not_gone_on_with(search, tmp_path):
    older = tmp_path / "older"
    shutil.copytree(search, older)
    make_older(older)
    with pytest.raises(RunError, match="version 1 of the physics"):
        resume(resumed_tuning(older, ["tune.trials=13"]), older, Console(file=StringIO()))


def test_a_damaged_configuration_is_told(tmp_path):
    (tmp_path / "config.yaml").write_text("tune: 3\n")
    with pytest.raises(RunError, match="is not the configuration of a search"):
        resumed_tuning(tmp_path, [])


def test_the_limits_are_respected(tmp_path):
    folder = searched(tmp_path / "run", ["tune.most_kick=0.02", "tune.trials=16"])
    table = rows(folder)
    beyond = [row for row in table if float(row["mean_abs_kick"]) > 0.02]
    assert beyond
    assert {row["state"] for row in beyond} == {"large kick"}
    gain = yaml.safe_load((folder / "tuned.yaml").read_text())["agent"]["gain"]
    assert next(row["state"] for row in table if float(row["agent.gain"]) == gain) == "kept"


def test_where_nothing_is_within_the_limits_there_is_nothing_to_use(tmp_path):
    with pytest.raises(RldbsError, match=r"none of 8 trials is within tune\.most_kick=1e-12") as error:
        tune(small_search("tune.most_kick=1e-12", "tune.trials=8"), tmp_path, Console(file=StringIO()))
    assert "8 large kick" in str(error.value)
    assert f"More trials: rldbs resume {tmp_path} tune.trials=MORE" in str(error.value)
    assert len(rows(tmp_path)) == 8
    assert (tmp_path / "trials.png").exists()
    assert not (tmp_path / "tuned.yaml").exists()


def test_the_whole_front_is_written_and_measured(tmp_path):
    folder = searched(tmp_path / "run", ["tune.objective=front", "tune.trials=8"])
    points = rows(folder, "front.csv")
    kicks = [float(row["mean_abs_kick"]) for row in points]
    heights = [float(row["suppression"]) for row in points]
    assert kicks == sorted(kicks)
    assert heights == sorted(heights)
    assert all(row["suppression_unseen"] for row in points)
    metrics = json.loads((folder / "evaluation" / "final" / "metrics.json").read_text())
    for key in ("suppression", "mean_abs_kick"):  # the search samples the neurons' activity more coarsely
        assert float(points[-1][f"{key}_unseen"]) == metrics["deterministic"][key]["iqm"]
    assert yaml.safe_load((folder / "tuned.yaml").read_text())["agent"]["gain"] == float(points[-1]["agent.gain"])


@pytest.mark.parametrize("torn", [False, True])
def test_a_search_for_the_best_onsets_has_them_in_its_front_and_counts_no_failure(tmp_path, monkeypatch, torn):
    overrides = ["tune.objective=onset", "tune.trials=16", "tune.stimulated=1500", "tune.most_kick=1"]
    overrides += ["protocol.stimulated=1500"]
    if torn:
        searched(tmp_path / "run", [*overrides, "tune.trials=9"])
        said(resumed_tuning(tmp_path / "run", ["tune.trials=16"]), tmp_path / "run", again=True)
    folder = tmp_path / "run" if torn else searched(tmp_path / "run", overrides)
    points, table = rows(folder, "front.csv"), rows(folder)
    products = [float(row["latency"]) * float(row["energy_to_suppress"]) for row in table if row["state"] == "kept"]
    energies = [float(row["energy_to_suppress"]) for row in points[:-1]]
    assert energies == sorted(energies)
    assert float(points[-1]["latency"]) * float(points[-1]["energy_to_suppress"]) == min(products)
    failed = [row["reason"] for row in table if row["state"] == "failed"]
    assert failed
    assert set(failed) == {"S does not come to 10 on every population"}
    metrics = json.loads((folder / "evaluation" / "final" / "metrics.json").read_text())["deterministic"]
    for key in ("latency", "energy_to_suppress"):
        known = "" if "missing" in metrics["latency"] else metrics[key]["iqm"]
        assert points[-1][f"{key}_unseen"] == str(known)
    assert yaml.safe_load((folder / "tuned.yaml").read_text())["agent"]["gain"] == float(points[-1]["agent.gain"])


def test_a_trial_that_diverges_fails_alone(tmp_path):
    overrides = ["tune.trials=8", "agent.gain=0.02", "model.dt=0.2,0.25,10"]
    table = rows(searched(tmp_path / "run", overrides))
    failed = [row for row in table if row["model.dt"] == "10"]
    assert failed
    assert all(row["state"] == "failed" and "diverged" in row["reason"] for row in failed)
    assert all(row["state"] == "kept" for row in table if row not in failed)


class Spoiled:
    def act(self, observations):
        return observations[:, :1] * float("nan")


def test_a_controller_that_spoils_its_batch_fails_alone(monkeypatch):
    settings = small_search()
    values = [{"agent.gain": gain} for gain in (0.01, 0.5, 0.02)]
    alone = list(ControllerTrials(settings).outcomes(0, values))
    agent = type(settings.candidate({}).agent)
    make = agent.make
    monkeypatch.setattr(agent, "make", lambda self, *rest: Spoiled() if self.gain == 0.5 else make(self, *rest))
    spoiled = list(ControllerTrials(settings).outcomes(0, values))
    assert spoiled[1][0] is None
    assert "must be finite" in spoiled[1][1]
    assert [spoiled[0], spoiled[2]] == [alone[0], alone[2]]


def test_numbers_that_do_not_go_together_are_a_trial_that_failed(tmp_path):
    """Each end of the ranges is allowed with the rest as it stands; not all of their numbers are with each other."""
    overrides = ["agent.gain=0.02", "recording.length=10,80,20", "agent.smoothing=1,10,20", "tune.trials=16"]
    table = rows(searched(tmp_path / "run", overrides))
    states = {(int(row["recording.length"]), int(row["agent.smoothing"])): row["state"] for row in table}
    assert all((state == "failed") == (smoothing > length) for (length, smoothing), state in states.items())
    assert "failed" in states.values()


@pytest.mark.slow
def test_learners_are_trained_and_an_interrupted_training_goes_on(tmp_path, monkeypatch):
    overrides = [text for text in SMALL if not text.startswith("steps")]
    overrides += ["agent=ppo", "agent.gamma=0.9,0.95,0.99", "agent.learning_rate=1e-3", "agent.log_std=-2"]
    overrides += ["agent.difference_gain=0", "steps=1024", "tune.trials=2"]
    small = [text for text in SMALL_SEARCH if not text.startswith(("agent", "tune.trials"))]
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    whole.mkdir()
    settings = tuning([*small, *overrides], None).settings
    said(settings, whole)
    table = rows(whole)
    for row in table:
        metrics = json.loads((whole / "trials" / row["trial"] / "evaluation/final/metrics.json").read_text())
        assert metrics["protocol"]["seed"] == 3_000_000
        assert metrics["deterministic"]["suppression"]["iqm"] == float(row["suppression"])
    assert json.loads((whole / "evaluation/final/metrics.json").read_text())["protocol"]["seed"] == 1_000_000

    torn.mkdir()
    measure = Observer._measure

    def stop(self, learner):
        if self._folder.name == "1":
            raise KeyboardInterrupt
        return measure(self, learner)

    monkeypatch.setattr(Observer, "_measure", stop)
    with pytest.raises(Stopped, match="1 trial"):
        said(settings, torn)
    monkeypatch.setattr(Observer, "_measure", measure)
    said(resumed_tuning(torn, []), torn, again=True)
    for name in ("trials.csv", "tuned.yaml", "evaluation/final/metrics.json"):
        assert (torn / name).read_bytes() == (whole / name).read_bytes(), name


@pytest.mark.parametrize("objective", ["suppression", "front"])
def test_what_drives_an_unseen_population_out_of_bounds_is_not_found(search, tmp_path, monkeypatch, objective):
    spoils = 0.9 * max(float(row["agent.gain"]) for row in rows(search))
    others, measure = finish._others, finish.measured

    def checked(gains):
        if max(gains, default=0.0) > spoils:
            raise DivergedError("population 1 diverged")

    def checked_others(settings, points, folder):
        checked([trial.values["agent.gain"] for trial in points])
        return others(settings, points, folder)

    def checked_measured(candidate, *rest):
        checked([candidate.agent.gain])
        return measure(candidate, *rest)

    monkeypatch.setattr(finish, "_others", checked_others)
    monkeypatch.setattr(finish, "measured", checked_measured)
    folder = searched(tmp_path / "search", [f"tune.objective={objective}"])
    found = yaml.safe_load((folder / "tuned.yaml").read_text())
    assert 0 < found["agent"]["gain"] <= spoils
