"""A training run that takes a second."""

from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from rldbs.config import compose, train_settings
from rldbs.experiment.settings import TrainSettings
from rldbs.experiment.train import train

SMALL = (
    "model.neurons=50",
    "model.transient=600",
    "start.populations=4",
    "start.snapshots=2",
    "stimulus.amplitude=0.1",
    "episode.steps=200",
    "steps=4096",
    "envs=8",
    "threads=1",
    "agent.rollout=64",
    "agent.minibatch=128",
    "agent.epochs=2",
    "agent.hidden=[16]",
    "checkpoints.every=1024",
    "checkpoints.episodes=2",
    "checkpoints.stimulated=200",
    "checkpoints.most_kick=1",
    "checkpoints.least_activity=0",
    "protocol.episodes=2",
    "protocol.free=400",
    "protocol.stimulated=600",
    "protocol.onset=200",
    "protocol.relaxed=200",
)


def small_settings(overrides: Sequence[str] = ()) -> TrainSettings:
    return train_settings(compose("train", [*SMALL, *overrides]))


def small_run(folder: Path, overrides: Sequence[str] = ()) -> Mapping[str, Any]:
    folder.mkdir(parents=True)
    return train(small_settings(overrides), folder, Console(file=StringIO()))


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run. Tests read it and leave it as it is."""
    folder = tmp_path_factory.mktemp("runs") / "bvdp-ppo" / "run"
    small_run(folder)
    return folder
