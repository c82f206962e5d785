"""Run folders: unique, found by any unmistakable name, and honest about what became of them."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from rldbs.analysis.episode_statistics import summary
from rldbs.compare.find_folders import find_folders
from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.runs.clock import now
from rldbs.runs.find import find_run, find_unfinished, list_runs, read_run, status_of
from rldbs.runs.json_fields import NEEDED
from rldbs.runs.lock import sole
from rldbs.runs.new_folder import given_folder, new_run_folder


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
    monkeypatch.setattr("rldbs.runs.new_folder.secrets.token_hex", lambda _: next(names))
    monkeypatch.setattr("rldbs.runs.new_folder.datetime", _Noon)
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
        "from rldbs.runs.lock import sole\nfrom rldbs.files.folder import Folder\n"
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


def test_a_run_is_seen_whatever_its_folder_is_called_and_however_deep_it_is(tmp_path):
    names = ("named", "hr-ppo/20260101-120000-s0-1a2b", "study/small/one")
    for k, name in enumerate(names):
        make_run(tmp_path, name, started=f"2026-01-0{k + 1}T00:00:00+00:00", status="interrupted")
    assert [run.name for run in list_runs(tmp_path)] == [*reversed(names)]
    make_run(tmp_path, "newest", started="2026-02-01T00:00:00+00:00", status="interrupted")
    assert find_run("last", tmp_path) == tmp_path / "newest" == find_run("newest", tmp_path)
    assert find_unfinished(tmp_path) == tmp_path / "newest"
    with compared(tmp_path, names):
        assert find_folders("last", "final", tmp_path) == [tmp_path / "study" / "small" / "one"]


@contextmanager
def compared(root, names):
    for name in names:
        (root / name / "evaluation" / "final").mkdir(parents=True)
        (root / name / "evaluation" / "final" / "metrics.json").touch()
    yield


def test_runs_in_sweeps_comparisons_and_benchmarks_are_not_among_the_others(tmp_path):
    for folder in ("sweeps/x", "comparisons", "benchmark/hr", "mine", "own"):
        make_run(tmp_path, f"{folder}/ppo")
    for mark in ("mine/sweep.json", "own/times.csv"):
        (tmp_path / mark).touch()
    assert list_runs(tmp_path) == []
    make_run(tmp_path, "hr-ppo/benchmark")
    assert [run.name for run in list_runs(tmp_path)] == ["hr-ppo/benchmark"]


def test_links_lead_to_runs_as_deep_as_ours_and_never_in_a_circle(tmp_path):
    make_run(tmp_path, "elsewhere/hr-ppo/one")
    make_run(tmp_path, "elsewhere/hr-ppo/deep/two")
    root = tmp_path / "runs"
    root.mkdir()
    (root / "hr-ppo").symlink_to(tmp_path / "elsewhere" / "hr-ppo")
    (root / "circle").symlink_to(root)
    assert [run.name for run in list_runs(root)] == ["hr-ppo/one"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Auckland"])
def test_the_newest_run_is_the_one_that_was_started_last_in_whatever_zone(tmp_path, monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        make_run(tmp_path, "hr-ppo/20260101-140000-s0-aaaa", started="2026-01-01T14:00:00+02:00")
        make_run(tmp_path, "hr-ppo/20260101-123000-s0-bbbb", started="2026-01-01T12:30:00+00:00")
        # the clock goes back from 3 to 2
        make_run(tmp_path, "hr-ppo/20261025-025900-s0-cccc", started="2026-10-25T02:59:00+02:00")
        make_run(tmp_path, "hr-ppo/20261025-020100-s0-dddd", started="2026-10-25T02:01:00+01:00")
        make_run(tmp_path, "hr-ppo/20260101-130000-s0-eeee", started="2026-01-01T12:30:00.500+00:00")
        assert [run.name[-4:] for run in list_runs(tmp_path)] == ["dddd", "cccc", "eeee", "bbbb", "aaaa"]
        assert now().endswith("+00:00")
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("started", ["", "yesterday", None, 5, [], "0001-01-01T00:00:00+14:00"])
def test_a_run_without_a_time_of_its_own_has_that_of_its_files(tmp_path, started):
    make_run(tmp_path, "known", started="2026-01-01T12:00:00+00:00")
    other = make_run(tmp_path, "other", started=started)
    os.utime(other / "config.yaml", (1_800_000_000, 1_800_000_000))
    assert list_runs(tmp_path)[0].folder == other
