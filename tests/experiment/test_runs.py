"""Run folders: unique, found by any unmistakable name, and honest about what became of them."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from rldbs.analysis.statistics import summary
from rldbs.core.errors import RunError
from rldbs.experiment.facts import NEEDED
from rldbs.experiment.lock import sole
from rldbs.experiment.runs import (
    find_run,
    find_unfinished,
    given_folder,
    list_runs,
    new_run_folder,
    read_run,
    status_of,
)
from rldbs.files.folder import Folder


def make_run(root, name="hr-ppo/20260101-120000-s0-1a2b", **meta):
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("seed: 0\n")
    (folder / "meta.json").write_text(json.dumps({"status": "done", "command": "train", **meta}))
    return folder


def test_runs_of_the_same_second_have_folders_of_their_own(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: new_run_folder(tmp_path, "hr", "ppo", 3), range(50)))
    assert len(set(folders)) == 50
    assert all(folder.is_dir() and folder.parent.name == "hr-ppo" for folder in folders)


def test_a_taken_name_is_drawn_again(tmp_path, monkeypatch):
    names = iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("rldbs.experiment.runs.secrets.token_hex", lambda _: next(names))
    monkeypatch.setattr("rldbs.experiment.runs.datetime", _Noon)
    first, second = (new_run_folder(tmp_path, "hr", "ppo", 0) for _ in range(2))
    assert (first.name[-4:], second.name[-4:]) == ("aaaa", "bbbb")


class _Noon:
    @staticmethod
    def now():
        from datetime import datetime

        return datetime(2026, 1, 1, 12)


def test_a_named_folder_must_be_free(tmp_path):
    assert given_folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "a" / "b" / "file").touch()
    with pytest.raises(RunError, match="there is something in it"):
        given_folder(tmp_path / "a" / "b")
    with pytest.raises(RunError, match="cannot be created"):
        given_folder(tmp_path / "a" / "b" / "file" / "c")


def test_a_named_folder_may_hold_what_a_run_leaves_that_is_killed_as_it_begins(tmp_path):
    for name in (".lock", "meta.json", ".config.yaml.0123abcd"):
        (tmp_path / name).write_text("{}")
    assert given_folder(tmp_path) == tmp_path
    with sole(Folder(tmp_path)), pytest.raises(RunError, match="there is something in it"):
        given_folder(tmp_path)
    (tmp_path / "config.yaml").touch()
    with pytest.raises(RunError, match="there is something in it"):
        given_folder(tmp_path)


def test_a_run_is_found_by_path_name_prefix_and_last(tmp_path):
    older = make_run(tmp_path, "hr-ppo/20260101-120000-s0-1a2b", started="2026-01-01T12:00:00+00:00")
    newer = make_run(tmp_path, "bvdp-ppo/20260102-120000-s1-ffff", started="2026-01-02T12:00:00+00:00")
    make_run(tmp_path, "hr-free/20260103-120000-s0-0000", command="simulate", started="2026-01-03T12:00:00+00:00")
    for text in (str(older), older.name, "20260101", "hr-ppo", "hr-ppo/2026", "hr-ppo/20260101-120000-s0-1a2b"):
        assert find_run(text, tmp_path) == older
    assert find_run("last", tmp_path) == newer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026", "fits 2 runs"),
        ("hr-ppo/20260101-120000-s0-1a2c", "Did you mean run=hr-ppo/20260101-120000-s0-1a2b?"),
        ("", "there is no such run"),
        ("{root}/hr-ppo", "it holds 1 runs"),
        ("{root}/hr-free/20260103-120000-s0-0000", "is not the folder of a training run"),
    ],
)
def test_a_mistaken_name_is_told_with_the_nearest(tmp_path, text, words):
    make_run(tmp_path, "hr-ppo/20260101-120000-s0-1a2b")
    make_run(tmp_path, "bvdp-ppo/20260102-120000-s1-ffff")
    make_run(tmp_path, "hr-free/20260103-120000-s0-0000", command="simulate")
    with pytest.raises(RunError) as error:
        find_run(text.format(root=tmp_path), tmp_path)
    assert words in str(error.value)


def test_without_runs_the_message_says_how_to_get_one(tmp_path):
    with pytest.raises(RunError, match="start one with: rldbs train"):
        find_run("last", tmp_path)


def test_a_run_is_running_as_long_as_a_process_works_on_it(tmp_path):
    folder = make_run(tmp_path, status="running")
    with sole(Folder(folder)):
        assert status_of(folder) == "running"
        assert [run.status for run in list_runs(tmp_path)] == ["running"]
    assert status_of(folder) == "interrupted"


def test_a_run_whose_process_was_killed_was_interrupted(tmp_path):
    folder = make_run(tmp_path, status="running")
    program = (
        "import pathlib, sys, time\n"
        "from rldbs.experiment.lock import sole\nfrom rldbs.files.folder import Folder\n"
        f"with sole(Folder(pathlib.Path({str(folder)!r}))):\n    print('in', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert status_of(folder) == "running"
        with pytest.raises(RunError, match="another process is at work on it"), sole(Folder(folder)):
            pass
        process.kill()
    assert status_of(folder) == "interrupted"


def test_the_newest_run_without_an_end_is_found(tmp_path):
    done = {"started": "2026-01-04T12:00:00+00:00"}
    older = make_run(tmp_path, "hr-ppo/20260101-120000-s0-1a2b", status="running", started="2026-01-01T12:00:00+00:00")
    with pytest.raises(RunError, match="no run to resume"):
        find_unfinished(tmp_path / "none")
    assert find_unfinished(tmp_path) == older
    newer = make_run(tmp_path, "hr-ppo/20260102-120000-s0-1a2b", status="failed", started="2026-01-02T12:00:00+00:00")
    make_run(tmp_path, "hr-ppo/20260104-120000-s0-1a2b", **done)
    assert find_unfinished(tmp_path) == newer


@pytest.mark.parametrize("content", ["", "{", "[]", '"done"'])
def test_a_damaged_meta_file_does_not_hide_the_others(tmp_path, content):
    folder = make_run(tmp_path)
    (folder / "meta.json").write_text(content)
    assert read_run(folder).status == "unknown"
    assert len(list_runs(tmp_path)) == 1


def test_the_suppression_is_that_of_the_final_evaluation(tmp_path):
    folder = make_run(tmp_path)
    assert read_run(folder).suppression is None
    (folder / "evaluation" / "final").mkdir(parents=True)
    metrics = {"deterministic": {key: summary([61.5]) for key in NEEDED}}
    (folder / "evaluation" / "final" / "metrics.json").write_text(json.dumps(metrics))
    assert read_run(folder).suppression == 61.5


def test_last_is_the_newest_that_can_be_measured(tmp_path):
    older, newer = (tmp_path / "hr-ppo" / name for name in ("20260101-120000-s0-1a2b", "20260102-120000-s0-1a2b"))
    for folder in (older, newer):
        folder.mkdir(parents=True)
        (folder / "config.yaml").touch()
    assert find_run("last", tmp_path) == newer
    (older / "checkpoints" / "last").mkdir(parents=True)
    (older / "checkpoints" / "last" / "state.json").touch()
    assert find_run("last", tmp_path) == older


def test_where_there_are_only_sweeps_a_run_is_named_by_its_path(tmp_path):
    make_run(tmp_path, "sweeps/20260101-120000-1a2b/seed=0")
    with pytest.raises(RunError, match="those of sweeps are named by their paths"):
        find_run("last", tmp_path)
    assert find_run(str(tmp_path / "sweeps/20260101-120000-1a2b/seed=0")).name == "seed=0"
