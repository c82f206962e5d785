"""Where nobody says how many threads, runs share the cores that there are."""

import os

import pytest
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from rldbs import launch
from rldbs.config import compose, evaluate_settings, simulate_settings, train_settings
from rldbs.threads import runs_at_once, threads_for, with_threads


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
    ("launcher", "runs"), [({}, 1), ({"n_jobs": None}, 1), ({"n_jobs": 3}, 3), ({"n_jobs": -1}, 8), ({"n_jobs": -9}, 1)]
)
def test_the_launcher_says_how_many_runs_there_are_at_once(cores, launcher, runs):
    cores(8)
    assert runs_at_once(launcher) == runs


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
    assert with_threads({"threads": 5, "seed": 1}, runs=9) == {"threads": 5, "seed": 1}


@pytest.mark.parametrize(
    ("launcher", "overrides", "threads"),
    [
        ({}, [], 2),
        ({"n_jobs": 1}, [], 2),
        ({"n_jobs": 2}, [], 1),
        ({"n_jobs": -1}, [], 1),
        ({"n_jobs": 2}, ["threads=2"], 2),
    ],
)
def test_a_job_of_a_parallel_sweep_gets_its_share(cores, monkeypatch, launcher, overrides, threads):
    cores(2)
    given = []
    hydra = OmegaConf.create({"launcher": launcher, "sweep": {"dir": launch.NOWHERE}, "overrides": {"task": overrides}})
    monkeypatch.setattr(HydraConfig, "get", staticmethod(lambda: hydra))
    monkeypatch.setattr(launch, "_train", lambda config, folder: given.append(train_settings(config).threads))
    launch._job(OmegaConf.create(compose("train", overrides)))
    assert given == [threads]
