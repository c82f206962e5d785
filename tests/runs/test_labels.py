"""Notes and tags: kept in meta.json, shown, searched for, and of no weight in what is compared."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare, content
from rldbs.config.composition import compose
from rldbs.config.schema import train_settings
from rldbs.core.errors import SettingError
from rldbs.experiment.train import resume
from rldbs.runs.labels import Labels, labels
from rldbs.runs.listed_runs import listed_runs
from tests.conftest import call, small_run, small_settings

WRITTEN = ("note='before the filter; β is 2'", "tags=[first,noisy]")


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    place = tmp_path_factory.mktemp("labelled")
    small_run(place / "runs" / "bvdp-ppo" / "a", WRITTEN)
    small_run(place / "runs" / "bvdp-ppo" / "b", ["seed=1", "tags=[second]"])
    return place


def meta(folder):
    return json.loads((folder / "meta.json").read_text())


def test_they_stand_in_the_meta_file_and_stay_when_a_run_goes_on(two_runs, tmp_path):
    first = meta(two_runs / "runs" / "bvdp-ppo" / "a")
    assert (first["note"], first["tags"]) == ("before the filter; β is 2", ["first", "noisy"])
    folder = tmp_path / "run"
    small_run(folder, [*WRITTEN, "steps=1024"])
    resume(small_settings([*WRITTEN, "steps=2048"]), folder, Console(file=StringIO()))
    assert meta(folder)["tags"] == ["first", "noisy"]


def test_runs_are_listed_with_them_and_found_by_them(two_runs, monkeypatch, capsys):
    monkeypatch.chdir(two_runs)
    _, out, _ = call(["list", "runs"], capsys)
    assert "first noisy" in out
    assert "before the filter; β is 2" in out
    _, out, _ = call(["list", "runs", "tag=second"], capsys)
    assert "bvdp-ppo/b" in out
    assert "bvdp-ppo/a" not in out
    assert call(["list", "runs", "tag=third"], capsys)[1] == "runs tag=third: none under runs/\n"
    assert "bvdp-ppo/a" in call(["list", "runs", "tag=noisy", "status=done", "model=bvdp"], capsys)[1]
    assert call(["list", "runs", "noisy"], capsys)[0] == 2
    assert {run.tags for run in listed_runs()} == {("first", "noisy"), ("second",)}


def test_they_part_no_rows_of_a_comparison_and_stand_there(two_runs, monkeypatch):
    monkeypatch.chdir(two_runs)
    comparison = compare(collect(["runs"]))
    [row] = comparison.tables[0].rows
    assert row.written == Labels("before the filter; β is 2", ("first", "noisy", "second"))
    assert row.label == "ppo"
    assert content(comparison)["tables"][0]["rows"][0]["tags"] == ["first", "noisy", "second"]


def test_a_run_from_before_there_were_any_is_read():
    config = compose("train")
    assert labels(config) == labels({key: config[key] for key in config if key not in ("note", "tags")}) == Labels()
    assert train_settings({key: config[key] for key in config if key not in ("note", "tags")})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"note": 3}, "note=3: must be a line of text"),
        ({"note": "a\nb"}, "must be a line of text"),
        ({"note": "x" * 1001}, "up to 1000 characters"),
        ({"tags": "first"}, r"tags='first': must be up to 20 short words"),
        ({"tags": ["two words"]}, "short words"),
        ({"tags": [1]}, "short words"),
        ({"tags": ["t"] * 21}, "up to 20"),
    ],
)
def test_what_is_none_is_refused(given, message):
    with pytest.raises(SettingError, match=message):
        labels(given)


def test_tags_without_brackets_are_answered_with_them(capsys):
    status, _, err = call(["train", "tags=a,b"], capsys)
    assert status == 2
    assert "write tags=[a,b]" in err


def test_what_a_stranger_wrote_is_left_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("runs/x-y/z")
    os.makedirs(folder)
    (folder / "meta.json").write_text(json.dumps({"tags": ["\x1b[31m", "a"], "note": ["x"]}))
    assert listed_runs()[0].tags == ()
    assert listed_runs()[0].note == ""
