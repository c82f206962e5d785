"""Where nobody says how many threads, runs share the cores that there are."""

import os

import pytest

from rldbs.config.composition import compose
from rldbs.config.schema import evaluate_settings, simulate_settings, train_settings
from rldbs.process.threads import threads_for, with_threads


@pytest.fixture
def cores(monkeypatch):
    def have(count: int) -> None:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(count)), raising=False)
        monkeypatch.setattr(os, "cpu_count", lambda: count)

    return have


@pytest.mark.parametrize(
    ("there", "runs", "threads"), [(1, 1, 1), (2, 1, 2), (64, 1, 2), (2, 2, 1), (2, 5, 1), (8, 4, 2), (8, 5, 1)]
)
def test_runs_share_the_cores(cores, there, runs, threads):
    cores(there)
    assert threads_for(runs) == threads


def test_only_cores_that_the_process_may_use_count(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3}, raising=False)
    assert threads_for() == 1


@pytest.mark.parametrize(
    ("command", "settings"),
    [("train", train_settings), ("evaluate", evaluate_settings), ("simulate", simulate_settings)],
)
def test_the_number_is_in_the_settings_and_in_what_is_recorded(cores, command, settings):
    for there in (1, 2):
        cores(there)
        checked = settings(compose(command))
        assert (checked.threads, checked.config["threads"]) == (there, there)
        assert settings(compose(command, ["threads=7"])).threads == 7


def test_a_configuration_keeps_the_number_that_it_has():
    assert with_threads({"threads": 5, "seed": 1}) == {"threads": 5, "seed": 1}
