import json
import os

import pytest

from rldbs.compare.collect import collect
from rldbs.compare.find_folders import find_folders
from rldbs.core.errors import RunError


def names(collection):
    return [one.name.rpartition("/")[2] for one in collection.measured]


def test_a_run_is_found_by_path_name_prefix_folder_and_as_the_newest(runs):
    a = runs("bvdp-ppo/20260101-000000-s0-aaaa", [10, 20])
    b = runs("bvdp-ppo/20260102-000000-s1-bbbb", [10, 21], seed=1, meta={"started": "2026-01-02T00:00:00"})
    root = runs.root
    assert find_folders(str(a), root=root) == [a]
    assert find_folders("20260101", root=root) == [a]
    assert find_folders("bvdp-ppo/20260102", root=root) == [b]
    assert find_folders("bvdp-ppo", root=root) == [a, b]
    assert find_folders(str(root), root=root) == [a, b]
    assert find_folders("last", root=root) == [b]


def test_runs_are_found_anywhere_below_and_each_once(runs):
    runs("sweep/agent=ppo,seed=0", [1, 2])
    runs("benchmark/deep/er/run", [3, 4], seed=1)
    found = collect([str(runs.root), str(runs.root / "sweep"), str(runs.root / "sweep" / "agent=ppo,seed=0")])
    assert sorted(names(found)) == ["agent=ppo,seed=0", "run"]
    assert found.left_out == ()


@pytest.mark.parametrize("status", ["failed", "interrupted", "running"])
def test_a_run_that_has_not_reached_its_end_is_left_out_by_name(runs, status):
    runs("a/done", [1, 2])
    runs("a/other", [3, 4], seed=1, meta={"status": status, "error": "the disk is full"})
    found = collect([str(runs.root)])
    assert names(found) == ["done"]
    [(run, why)] = found.left_out
    assert run.endswith("a/other")
    assert ("failed" if status == "failed" else "interrupted") in why
    assert "the disk is full" in why
    assert "rldbs resume" in why


def test_a_run_without_a_measurement_says_how_to_make_one(runs):
    folder = runs("a/run", [1, 2])
    (folder / "evaluation" / "final" / "metrics.json").unlink()
    with pytest.raises(RunError, match=r"nothing to compare(.|\n)*rldbs evaluate run=.*a/run name=final"):
        collect([str(runs.root)])


def test_another_measurement_is_compared_by_its_name(runs):
    runs("a/one", [1, 2])
    runs("a/two", [3, 4], seed=1, evaluation="noisy", meta={"status": "interrupted"})
    found = collect([str(runs.root)], "noisy")
    assert names(found) == ["two"]
    assert "has no measurement noisy" in found.left_out[0][1]


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        "[]",
        '{"protocol": {}, "deterministic": {}}',
        '{"protocol": {}, "deterministic": {"suppression": {"values": "x"}}}',
    ],
)
def test_a_damaged_measurement_is_left_out_by_name(runs, damage):
    runs("a/one", [1, 2])
    bad = runs("a/two", [3, 4], seed=1)
    (bad / "evaluation" / "final" / "metrics.json").write_text(damage)
    found = collect([str(runs.root)])
    assert names(found) == ["one"]
    assert "metrics.json" in found.left_out[0][1]


def test_a_number_of_populations_that_does_not_fit_is_damage(runs):
    runs("a/one", [1, 2])
    bad = runs("a/two", [3, 4], seed=1) / "evaluation" / "final" / "metrics.json"
    metrics = json.loads(bad.read_text())
    metrics["deterministic"]["activity"]["values"].append(1.0)
    bad.write_text(json.dumps(metrics))
    assert "do not fit" in collect([str(runs.root)]).left_out[0][1]


def test_what_is_no_run_is_named_with_what_is_near(runs):
    runs("bvdp-ppo/20260101-000000-s0-aaaa", [10, 20])
    runs("bvdp-ppo/20260101-000000-s1-bbbb", [10, 20], seed=1)
    with pytest.raises(RunError, match="fits 2 runs"):
        find_folders("2026", root=runs.root)
    with pytest.raises(RunError, match=r"there is no such run(.|\n)*Did you mean bvdp-ppo"):
        find_folders("bvdp-pppo/20260101-000000-s0-aaaa", root=runs.root)
    with pytest.raises(RunError, match=r"rldbs evaluate run=zoo:bvdp-ppo"):
        find_folders("zoo:bvdp-ppo", root=runs.root)
    empty = runs.root / "empty"
    empty.mkdir()
    with pytest.raises(RunError, match="there is no run in this folder"):
        find_folders(str(empty), root=runs.root)
    with pytest.raises(RunError, match="start one with"):
        find_folders("last", root=empty)


def test_a_measurement_that_is_a_link_out_of_its_run_is_not_followed(runs, tmp_path):
    runs("a/one", [1, 2])
    path = runs("a/two", [3, 4], seed=1) / "evaluation" / "final" / "metrics.json"
    os.replace(path, tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    assert "is a link" in collect([str(runs.root)]).left_out[0][1]
