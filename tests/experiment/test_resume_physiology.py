"""A training on rates, on cells or on plastic synapses that was interrupted or killed ends as one that was not."""

import signal
from pathlib import Path

import pytest

from rldbs.config.composition import compose
from rldbs.config.schema import train_settings
from rldbs.experiment.command_settings import TrainSettings
from rldbs.experiment.train import resume, train
from tests.experiment.test_resume import interrupted, same, silent
from tests.torture.runs import RLDBS, appears, ended, start, strike, wait_for

FEW = ("start.populations=2", "start.snapshots=1", "threads=1", "checkpoints.episodes=1", "agent.hidden=[8]")
LEARNER = ("agent=ppo", "envs=2", "steps=96", "agent.rollout=16", "agent.minibatch=16", "checkpoints.every=32")
SHORT = ("protocol.episodes=1", "protocol.free=800", "protocol.onset=100", "protocol.relaxed=0")
WALK = ("coupling=walk", "coupling.low=0", "coupling.high=0.6")
KINDS = {
    "stn_gpe": (*LEARNER, *SHORT, "protocol.stimulated=1200", "checkpoints.stimulated=1200", *WALK),
    "so2012": (
        *LEARNER,
        *SHORT,
        "protocol.stimulated=1200",
        "checkpoints.stimulated=1200",
        "model.transient=300",
        "model.substeps=5",
        "model.patients=1",
        "course=switching",
        "plasticity=walk",
        "stimulus.interval=200",
        "episode.steps=10",
    ),
    "ei_plastic": (
        *LEARNER,
        *SHORT,
        "protocol.stimulated=600",
        "checkpoints.stimulated=600",
        "checkpoints.relaxed=240",
        "model.transient=100",
        "model.neurons=50",
        "episode.steps=10",
        "episode.quiet=4",
    ),
}
"""By model, a small training in which as much as can has a state of its own."""


def arguments(model: str) -> list[str]:
    return [f"model={model}", *KINDS[model], *FEW]


def settings_of(model: str) -> TrainSettings:
    return train_settings(compose("train", arguments(model)))


def undisturbed(model: str, folder: Path) -> Path:
    folder.mkdir()
    train(settings_of(model), folder, silent())
    return folder


@pytest.mark.parametrize("model", KINDS)
def test_an_interrupted_training_on_a_physiological_model_ends_the_same(model, tmp_path, monkeypatch):
    whole, parts = undisturbed(model, tmp_path / "whole"), tmp_path / "parts"
    interrupted(settings_of(model), parts, monkeypatch, 2, again=False)
    resume(settings_of(model), parts, silent())
    same(whole, parts)


@pytest.mark.slow
@pytest.mark.parametrize("model", KINDS)
def test_a_killed_training_on_a_physiological_model_ends_the_same(model, tmp_path):
    killed = tmp_path / "killed"
    process = start([RLDBS, "train", *arguments(model), f"hydra.run.dir={killed}"])
    assert wait_for(process, appears(killed, "checkpoints/32"))
    strike(process, signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL
    resume(settings_of(model), killed, silent())
    same(undisturbed(model, tmp_path / "whole"), killed)
