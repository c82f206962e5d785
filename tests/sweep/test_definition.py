"""What the overrides of a sweep ask for."""

import re
from pathlib import Path

import pytest

from rldbs.config.composition import compose, compose_each
from rldbs.config.overrides import read_overrides
from rldbs.core.errors import SettingError
from rldbs.runs.zoo import zoo
from rldbs.sweep.definition import define


def test_every_combination_is_a_run_named_by_what_varies():
    definition = define(["model=bvdp,hr", "seed=range(2)", "envs=32", "hydra/launcher=joblib"], None)
    assert [job.name for job in definition.jobs] == [
        "model=bvdp,seed=0",
        "model=bvdp,seed=1",
        "model=hr,seed=0",
        "model=hr,seed=1",
    ]
    assert (definition.fixed, definition.keys) == ({"envs": "32"}, ("model", "seed"))
    assert definition.hydra == ("hydra/launcher=joblib",)
    assert [config["model"]["name"] for config in definition.jobs.values()] == ["bvdp", "bvdp", "hr", "hr"]


@pytest.mark.parametrize(
    "overrides",
    [
        ["model=hr", "agent=sac", "seed=3"],
        ["agent.hidden=[32,16]", "stimulus.levels=null", "threads=1"],
        ["experiment=noisy", "agent.trust=3.0", "model.period=${episode.steps}"],
        ["model=bvdp_chaotic", "reward=band", "recording.variable=[x,y]", "recording.length=4"],
    ],
)
def test_a_configuration_of_many_is_that_of_one(overrides):
    several = [read_overrides("train", [*overrides, f"envs={n}"]) for n in (3, 5)]
    assert list(compose_each("train", several)) == [compose("train", [*overrides, f"envs={n}"]) for n in (3, 5)]


def test_names_that_are_none_for_a_folder_become_short():
    path = zoo()["bvdp-ppo"]
    definition = define(["start=suppressed", f"start.run=zoo:bvdp-ppo,{path}"], None)
    first, second = (job.name for job in definition.jobs)
    assert first == "start.run=zoo:bvdp-ppo"
    assert re.fullmatch("run-[0-9a-f]{12}", second)


def test_one_run_is_a_sweep_too():
    (job,) = define(["model=hr"], None).jobs
    assert (job.name, job.values) == ("run", ())


def test_the_folder_may_be_named_after_settings():
    assert define(["model=hr", "seed=1,2", "hydra.sweep.dir=out/${model.name}"], None).folder == Path("out/hr")


def test_a_wrong_value_is_named_with_its_run():
    with pytest.raises(SettingError, match=r"seed=-1.*\n\(in the run with model=bvdp seed=-1\)"):
        define(["model=bvdp,hr", "envs=32", "seed=1,-1"], None)
