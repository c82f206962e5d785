"""A training run that takes a second."""

import gc
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from rich.console import Console

from rldbs.cli import main
from rldbs.config.composition import compose
from rldbs.config.schema import train_settings
from rldbs.control.bank_store import VARIABLE
from rldbs.experiment.command_settings import TrainSettings

HANGS = 900
"""Seconds after which a process that has not ended hangs, however busy the machine is."""

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

ON_POLICY = ("agent.rollout=64", "agent.hidden=[16]")
OFF_POLICY = (
    "agent.warmup=256",
    "agent.minibatch=32",
    "agent.update_every=4",
    "agent.returns=3",
    "agent.hidden=[16]",
    "agent.transitions=4000",
)
LEVELS = (*OFF_POLICY, "agent.target_every=256", "stimulus.levels=5")
IDENTIFYING = ("envs=4", "agent.recorded=128", "agent.orders=[2,4]")
SMALL_AGENTS = {
    "ppo": (*ON_POLICY, "agent.minibatch=128", "agent.epochs=2"),
    "a2c": ON_POLICY,
    "trpo": (*ON_POLICY, "agent.minibatch=128", "agent.value_epochs=1"),
    "recurrent_ppo": (*ON_POLICY, "agent.minibatch=128", "agent.epochs=1", "agent.memory=8"),
    "sac": OFF_POLICY,
    "tqc": OFF_POLICY,
    "crossq": OFF_POLICY,
    "td3": OFF_POLICY,
    "ddpg": OFF_POLICY,
    "dqn": LEVELS,
    "qrdqn": LEVELS,
    "ars": ("agent.rollout=64", "agent.directions=4", "agent.best=2"),
    "lqg": (*IDENTIFYING, "agent.price=[1,100]"),
    "lqg_search": (
        *IDENTIFYING,
        "agent.price=100",
        "agent.identifications=1",
        "agent.pairs=1",
        "agent.settle=64",
        "agent.horizon=32",
        "agent.generations=2",
    ),
}
"""What makes each learner small."""

SMALL_RUN = (
    "model.neurons=50",
    "model.transient=600",
    "start.populations=4",
    "start.snapshots=2",
    "stimulus.amplitude=0.1",
    "episode.steps=200",
    "steps=4096",
    "envs=8",
    "threads=1",
    "checkpoints.every=1024",
    "checkpoints.episodes=2",
    "checkpoints.stimulated=250",
    "checkpoints.most_kick=1",
    "checkpoints.least_activity=0",
    "protocol.episodes=2",
    "protocol.free=200",
    "protocol.stimulated=300",
    "protocol.onset=100",
    "protocol.relaxed=200",
)
SMALL = (*SMALL_RUN, *SMALL_AGENTS["ppo"])


def small(agent: str) -> list[str]:
    """The overrides of a small run of a learner."""
    return [f"agent={agent}", *SMALL_RUN, *SMALL_AGENTS[agent]]


def small_settings(overrides: Sequence[str] = (), agent: str = "ppo") -> TrainSettings:
    return train_settings(compose("train", [*small(agent), *overrides]))


def small_run(folder: Path, overrides: Sequence[str] = (), agent: str = "ppo") -> Mapping[str, Any]:
    from rldbs.experiment.train import train  # which loads torch: what starts the two processes needs none

    folder.mkdir(parents=True)
    return train(small_settings(overrides, agent), folder, Console(file=StringIO()))


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """One store of banks for all processes of the tests, and none of the user's.

    It is in pytest's own folder for the session, which a later one clears away where this one is killed. No power fails
    while tests run: nothing waits for the disk. A descriptor that is none is still noticed.
    """
    os.fsync = os.fstat  # type: ignore[assignment]
    if not hasattr(config, "workerinput"):
        os.environ[VARIABLE] = str(config._tmp_path_factory.mktemp("banks"))  # type: ignore[attr-defined]


def pytest_collection_finish() -> None:
    """What was imported stays, and is not searched for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[VARIABLE], ignore_errors=True)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run. Tests read it and leave it as it is."""
    folder = tmp_path_factory.mktemp("runs") / "bvdp-ppo" / "run"
    small_run(folder)
    return folder


def call(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit status of a command, and what it has written to the standard output and to the standard error."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    out, err = capsys.readouterr()
    code = ended.value.code
    return code if isinstance(code, int) else 0 if code is None else 1, out, err
