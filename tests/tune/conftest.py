"""A search that takes a second."""

from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rldbs.commands.tune import tuning
from rldbs.tune.run_search import tune
from rldbs.tune.search_settings import TuneSettings

SMALL_SEARCH = (
    "agent=proportional",
    "agent.gain=tag(log,interval(1e-3,1))",
    "agent.smoothing=3",
    "model.neurons=50",
    "model.transient=600",
    "stimulus.amplitude=0.1",
    "threads=1",
    "tune.trials=12",
    "tune.episodes=2",
    "tune.free=200",
    "tune.stimulated=340",
    "tune.most_kick=0.1",
    "tune.least_activity=0",
    "protocol.episodes=2",
    "protocol.free=200",
    "protocol.stimulated=300",
    "protocol.onset=100",
    "protocol.relaxed=200",
)


def small_search(*overrides: str) -> TuneSettings:
    return tuning([*SMALL_SEARCH, *overrides], None).settings


def searched(folder: Path, overrides: Sequence[str] = ()) -> Path:
    """The folder of a search that has come to its end."""
    folder.mkdir(parents=True)
    tune(small_search(*overrides), folder, Console(file=StringIO()))
    return folder


@pytest.fixture(scope="session")
def search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished search. Tests read it and leave it as it is."""
    return searched(tmp_path_factory.mktemp("searches") / "bvdp-proportional-tune" / "run")
