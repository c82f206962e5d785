"""Sweeps: their folder, their results, and going on with them."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from rldbs.commands.compare import compare_runs
from rldbs.commands.resume import resume_one
from rldbs.core.errors import RldbsError, RunError, SettingError
from rldbs.runs.find import list_runs, read_metrics
from rldbs.sweep.find_sweep import find_sweep, list_sweeps, unfinished_sweep
from rldbs.sweep.job import do_run
from rldbs.sweep.results import Results
from rldbs.sweep.run_sweep import run_sweep
from rldbs.sweep.sweep_folder import read_sweep
from tests.runs.test_physics import make_older
from tests.sweep.conftest import BRIEF, sweep


def rows(folder="study"):
    with open(Path(folder) / "results.csv", newline="") as file:
        return {row["run"]: row for row in csv.DictReader(file)}


def metrics(folder="study"):
    return {path.parent.name: read_metrics(path.parent, "final") for path in Path(folder).glob("*/meta.json")}


def times(folder="study"):
    return {path.parent.name: path.stat().st_mtime_ns for path in Path(folder).glob("*/meta.json")}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished sweep over two seeds. Tests work on copies."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(tmp_path_factory.mktemp("sweep"))
        sweep(["seed=0,1"])
        return Path("study").resolve()


@pytest.fixture
def study(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "study", symlinks=True)
    return tmp_path / "study"


def test_a_sweep_is_one_folder_with_a_row_for_every_run(study):
    assert sorted(path.name for path in study.iterdir() if path.name[0] != ".") == [
        "logs",
        "results.csv",
        "seed=0",
        "seed=1",
        "sweep.json",
    ]
    for name, row in rows().items():
        measured = metrics()[name]
        assert (row["seed"], row["status"], row["error"]) == (name.removeprefix("seed="), "done", "")
        assert int(row["steps"]) == 1024
        for key in ("suppression", "mean_abs_kick", "net_charge"):
            assert float(row[key]) == pytest.approx(measured["deterministic"][key]["iqm"], rel=1e-9)
            assert float(row[f"stochastic_{key}"]) == pytest.approx(measured["stochastic"][key]["iqm"], rel=1e-9)
    assert "learns on bvdp" in (study / "logs" / "seed=1.log").read_text()


def test_the_same_command_does_nothing_twice(study):
    before, table = times(), rows()
    _, said = sweep(["seed=0,1"])
    assert "2 runs, 2 of them done already" in said
    assert (times(), rows()) == (before, table)


def test_more_values_add_only_their_runs(study):
    before = times()
    here, said = sweep(["seed=1,2"])
    assert "3 runs, 2 of them done already" in said
    assert [job.name for job in here.jobs] == ["seed=0", "seed=1", "seed=2"]
    assert before.items() <= times().items()
    assert [row["status"] for row in rows().values()] == ["done"] * 3


def test_an_interrupted_run_goes_on_and_ends_with_the_same_numbers(study):
    whole = metrics()
    meta = json.loads((study / "seed=1" / "meta.json").read_text())
    (study / "seed=1" / "meta.json").write_text(json.dumps(meta | {"status": "running"}))
    shutil.rmtree(study / "seed=1" / "evaluation")
    before = times()["seed=0"]
    resume_one("study", [])
    assert metrics() == whole
    assert times()["seed=0"] == before
    assert "resumed" in json.loads((study / "seed=1" / "meta.json").read_text())


def test_a_failed_run_is_told_with_its_log_and_does_not_stop_the_others():
    fragile = ["model.dt=9,0.2", "model.transient=100"]
    with pytest.raises(RldbsError, match=r"1 of 2 runs failed\n(?s:.*)log: .*logs/model.dt=9.log"):
        sweep(fragile)
    found = rows()
    assert (found["model.dt=0.2"]["status"], found["model.dt=0.2"]["error"]) == ("done", "")
    assert found["model.dt=9"]["status"] == "failed"
    assert "diverged" in found["model.dt=9"]["error"]
    before = times()
    with pytest.raises(RldbsError, match="1 of 2 runs failed"):
        sweep(fragile)
    assert times()["model.dt=0.2"] == before["model.dt=0.2"]
    assert times()["model.dt=9"] > before["model.dt=9"]


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["seed=0,1", "envs=4"], "is a sweep with envs=8, not 4"),
        (["seed=0,1", "agent.gamma=0.9,0.95"], "is a sweep over seed, not over seed, agent.gamma"),
        (["seed=0,1", "reward.beta=0.5"], r"is a sweep with reward.beta=\(the default\), not 0.5"),
    ],
)
def test_a_folder_of_another_sweep_is_refused(study, overrides, words):
    before = (study / "sweep.json").read_bytes()
    with pytest.raises(RunError, match=words):
        sweep(overrides)
    assert (study / "sweep.json").read_bytes() == before


def test_a_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "thesis.tex").touch()
    with pytest.raises(RunError, match="there is something in it, and it is no sweep"):
        sweep(["seed=0,1"])
    assert [path.name for path in (tmp_path / "study").iterdir()] == ["thesis.tex"]


def test_a_run_with_other_settings_in_its_place_is_refused(study):
    text = (study / "seed=1" / "config.yaml").read_text()
    (study / "seed=1" / "config.yaml").write_text(text.replace("neurons: 50", "neurons: 51"))
    with pytest.raises(RunError, match=r"is a run with model.neurons=51, where it should now be 50"):
        sweep(["seed=0,1"])


def test_a_sweep_with_a_run_of_older_physics_is_not_gone_on_with(study):
    make_older(study / "seed=1")
    before = times(study)
    with pytest.raises(RunError, match=r"seed=1: was begun with version 1 of the physics"):
        sweep(["seed=0,1,2"])
    assert {name: time for name, time in times(study).items() if name in before} == before


def test_nothing_is_made_where_a_value_is_wrong(tmp_path):
    with pytest.raises(SettingError, match="there is no model hrr"):
        run_sweep([*BRIEF, "model=bvdp,hrr"], None)
    with pytest.raises(SettingError, match=r"Hydra has no setting hydra\.launcher\.n_job"):
        run_sweep([*BRIEF, "seed=0,1", "hydra/launcher=joblib", "hydra.launcher.n_job=2"], None)
    assert not list(tmp_path.iterdir())


def test_a_sweep_is_found_again_by_its_command_its_name_and_last(study):
    Path("runs/sweeps").mkdir(parents=True)
    (study / "seed=1" / "meta.json").unlink()
    study.rename("runs/sweeps/20260101-120000-1a2b")
    (here,) = list_sweeps()
    for text in ("2026", "sweeps/20260101-120000-1a2b", "runs/sweeps/20260101-120000-1a2b/"):
        assert find_sweep(text) == here
    assert find_sweep("2027") is None
    assert unfinished_sweep() == here
    run_sweep([*BRIEF, "seed=0,1"], None)
    assert unfinished_sweep() is None
    assert [sweep.folder for sweep in list_sweeps()] == [here.folder]


def test_a_resumed_sweep_stays_what_it_is(study):
    with pytest.raises(SettingError, match="a resumed sweep stays what it is"):
        resume_one("study", ["steps=5000"])
    with pytest.raises(SettingError, match="threads=0"):
        resume_one("study", ["threads=0"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"jobs": [["../out", "0"]]}, "no name of a run's folder"),
        ({"jobs": [["logs", "0"]]}, "no name of a run's folder"),
        ({"jobs": [["a", "0"], ["a", "1"]]}, "two runs have one name"),
        ({"jobs": [["a"]]}, "a name and a value for every key"),
        ({"keys": [1]}, "must be text"),
        ({"fixed": []}, "fixed has a value that is not allowed"),
        ({"more": 1}, "it must have started, fixed, keys"),
        ({"started": "yesterday"}, "started must be a time"),
        ({"jobs": [["a\0", "0"]]}, "a zero byte"),
        ({"jobs": [["a\ud800", "0"]]}, "half a character"),
        ({"jobs": [["a\x1b", "0"]]}, "a character that cannot be seen"),
        ({"jobs": [["a" * 256, "0"]]}, "no name of a run's folder"),
        ({"hydra": ["hydra.launcher.comment=${oc.env:SECRET}"]}, "does not say, in plain values"),
        ({"hydra": ["hydra.launcher.comment='a${oc.decode:x}'"]}, "does not say, in plain values"),
        ({"hydra": ["hydra.launcher._target_=os.system"]}, "does not say, in plain values"),
        ({"hydra": ["hydra.run.dir=/"]}, "does not say, in plain values"),
        ({"hydra": ["model=hr"]}, "does not say, in plain values"),
    ],
)
def test_a_definition_from_elsewhere_can_at_worst_be_refused(study, change, words):
    content = json.loads((study / "sweep.json").read_text())
    (study / "sweep.json").write_text(json.dumps(content | change))
    with pytest.raises(RunError, match=words):
        read_sweep(study)


@pytest.mark.parametrize(
    "content",
    ['{"deterministic": 5}', "", *(pytest.param(text, marks=pytest.mark.slow) for text in ("5", "[[]]", "NaN"))],
)
def test_a_run_that_is_done_but_has_no_numbers_has_none_in_the_results(study, content, capsys):
    (study / "seed=0" / "evaluation" / "final" / "metrics.json").write_text(content)
    sweep(["seed=0,1"])
    assert rows()["seed=0"]["suppression"] == ""
    assert rows()["seed=1"]["suppression"] != ""
    compare_runs(["sweep=study", "folder=out"])
    assert "metrics.json: " in capsys.readouterr().err


def test_a_sweep_that_cannot_be_read_hides_no_other(study):
    shutil.copytree(study, "sweeps/one", symlinks=True)
    shutil.copytree(study, "sweeps/two", symlinks=True)
    content = json.loads(Path("sweeps/two/sweep.json").read_text())
    for name in ("a\0", "a\ud800"):
        Path("sweeps/two/sweep.json").write_text(json.dumps(content | {"jobs": [[name, "0"]]}))
        assert [found.folder.name for found in list_sweeps(Path("sweeps"))] == ["one"]


def test_a_sweep_is_compared_over_what_varies(study, capsys):
    compare_runs(["sweep=study", "folder=out"])
    shown = capsys.readouterr().out
    assert "S by seed" in shown
    content = json.loads(Path("out/comparison.json").read_text())
    (one,) = content["maps"]
    assert (one["columns"], one["runs"]) == ({"key": "seed", "values": ["0", "1"]}, [[1, 1]])
    for k in (0, 1):
        reached = metrics()[f"seed={k}"]["deterministic"]["suppression"]["iqm"]
        assert one["suppression"][0][k] == pytest.approx(reached)
    assert Path("out/heat.png").stat().st_size > 1000
    assert "### S by seed" in Path("out/comparison.md").read_text()


def test_a_sweep_that_there_is_not_is_refused():
    with pytest.raises(RunError, match="sweep=nothing: there is no such sweep"):
        compare_runs(["sweep=nothing"])


def test_a_key_that_is_called_like_a_metric_has_a_column_of_its_own():
    sweep(["reward=deviation,setpoint"])
    assert {row["set_reward"] for row in rows().values()} == {"deviation", "setpoint"}
    for name, row in rows().items():
        assert float(row["reward"]) == pytest.approx(metrics()[name]["deterministic"]["reward"]["iqm"], rel=1e-9)


def test_a_sweep_under_runs_is_found_whatever_its_folder_is_called_and_the_newest_by_its_time(study):
    content = json.loads((study / "sweep.json").read_text())
    started = {"mine": "2026-01-01T14:30:00+02:00", "sweeps/20260101-140000-1a2b": "2026-01-01T13:00:00Z"}
    for name, time in started.items():
        shutil.copytree(study, Path("runs") / name)
        Path("runs", name, "sweep.json").write_text(json.dumps({**content, "started": time}))
    assert [sweep.short for sweep in list_sweeps()] == ["20260101-140000-1a2b", "mine"]
    assert find_sweep("mine") == find_sweep("runs/mine") == list_sweeps()[1]
    assert not list_runs()


def test_how_runs_are_started_is_said_in_plain_values(tmp_path, capsys):
    with pytest.raises(SettingError, match="write out what"):
        sweep(["seed=0,1", "hydra/launcher=joblib", "hydra.launcher.verbose=${oc.env:SECRET}"])


def test_the_folder_of_a_run_is_no_interpolation(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", str(tmp_path / "leaked"))
    (tmp_path / "${oc.env:SECRET}").mkdir()
    do_run(tmp_path / "${oc.env:SECRET}" / "run", 1)
    assert (tmp_path / "${oc.env:SECRET}" / "logs" / "run.log").exists()
    assert not (tmp_path / "leaked").exists()


def test_the_results_of_a_sweep_hold_no_formula(study):
    content = json.loads((study / "sweep.json").read_text())
    jobs = [["=1+1", "@SUM(A1)"], ["-2", "-0.5"]]
    (study / "sweep.json").write_text(json.dumps(content | {"jobs": jobs}))
    found = read_sweep(study)
    Results(found, found.jobs).close()
    lines = (study / "results.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [["'=1+1", "'@SUM(A1)"], ["-2", "-0.5"]]
