"""What `rldbs resume last` goes on with."""

import json

import pytest
import yaml

from rldbs.commands.resume import find_last
from rldbs.config.composition import compose
from rldbs.core.errors import RunError
from rldbs.runs.find import ROOT


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def made(name, day, status, command, **budget):
    """A run folder as a run leaves it, as far as it is looked for."""
    folder = ROOT / "bvdp-ppo" / name
    folder.mkdir(parents=True)
    config = compose("tune" if command == "tune" else "train", ["agent=proportional"] if command == "tune" else [])
    config.update({"overrides": []} if command == "tune" else budget)
    if command == "tune":
        config["tune"].update(budget)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    meta = {"command": command, "status": status, "started": f"2026-01-{day:02}T12:00:00+00:00"}
    (folder / "meta.json").write_text(json.dumps(meta))
    return folder


def test_the_newest_that_has_not_reached_its_end():
    made("20260101-120000-s0-0000", 1, "done", "train", steps=1000)
    interrupted = made("20260102-120000-s0-0000", 2, "failed", "train", steps=1000)
    made("20260103-120000-s0-0000", 3, "done", "tune", trials=100)
    assert find_last([]) == interrupted
    assert find_last(["threads=1"]) == interrupted


def test_with_a_larger_budget_the_newest_that_goes_on_with_it():
    small = made("20260101-120000-s0-0000", 1, "done", "train", steps=1000)
    interrupted = made("20260102-120000-s0-0000", 2, "failed", "train", steps=3000)
    search = made("20260103-120000-s0-0000", 3, "done", "tune", trials=100)
    done = made("20260104-120000-s0-0000", 4, "done", "train", steps=2000)
    larger = made("20260105-120000-s0-0000", 5, "done", "tune", trials=500)
    assert find_last(["tune.trials=400"]) == search
    assert find_last(["tune.trials=501", "threads=1"]) == larger
    assert find_last(["steps=5_000"]) == done
    assert find_last(["steps=3000"]) == done
    assert find_last(["steps=2000"]) == small
    with pytest.raises(RunError, match=r"no search that goes on with it; the newest, .*-0000, has tune.trials=500"):
        find_last(["tune.trials=100"])
    done.joinpath("config.yaml").unlink()
    assert find_last(["steps=3000"]) == interrupted


def test_where_there_is_none():
    with pytest.raises(RunError, match="last steps=3000: under runs/ there is no training run"):
        find_last(["steps=3000"])
