"""Runs × threads never exceed the cores, unless the user says so."""

import os

import pytest

from rldbs.core.errors import SettingError
from rldbs.sweep.engines import engine


@pytest.fixture
def cores(monkeypatch):
    return lambda count: monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(count)), raising=False)


@pytest.mark.parametrize(
    ("there", "hydra", "threads", "count", "at_once", "each"),
    [
        (2, [], None, 9, 1, 2),
        (2, [], 1, 9, 1, 1),
        (2, ["hydra/launcher=joblib"], None, 9, 2, 1),
        (8, ["hydra/launcher=joblib"], None, 9, 8, 1),
        (8, ["hydra/launcher=joblib"], None, 3, 3, 2),
        (8, ["hydra/launcher=joblib"], 4, 9, 2, 4),
        (8, ["hydra/launcher=joblib", "hydra.launcher.n_jobs=4"], None, 9, 4, 2),
        (8, ["hydra/launcher=joblib", "hydra.launcher.n_jobs=-1"], None, 9, 8, 1),
        (8, ["hydra/launcher=joblib", "hydra.launcher.n_jobs=-9"], None, 9, 1, 2),
        (8, ["hydra/launcher=joblib", "hydra.launcher.n_jobs=4"], None, 2, 2, 2),
    ],
)
def test_runs_share_the_cores(cores, there, hydra, threads, count, at_once, each):
    cores(there)
    chosen = engine(hydra, threads, count)
    assert (chosen.at_once, chosen.threads) == (at_once, each)
    assert at_once * each <= there
    if "hydra/launcher=joblib" in hydra:
        assert chosen.hydra[-1] == f"hydra.launcher.n_jobs={at_once}"


def test_the_user_may_take_more_than_there_is_and_is_told(cores):
    cores(2)
    chosen = engine(["hydra/launcher=joblib", "hydra.launcher.n_jobs=4"], 2, 9)
    assert chosen.plan == "4 at a time with 2 threads each, on 8 of 2 cores, more than there are"


@pytest.mark.parametrize("jobs", ["0", "x", "1.5"])
def test_a_number_of_runs_that_is_none_is_refused(jobs):
    with pytest.raises(SettingError, match=f"n_jobs={jobs}: must be a whole number"):
        engine(["hydra/launcher=joblib", f"hydra.launcher.n_jobs={jobs}"], None, 2)
