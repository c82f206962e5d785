"""Memory that cannot be had is told in one way, whatever raised it and wherever."""

import errno
import json
import os
import resource
import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from rldbs.core.errors import NoMemoryError, RunError
from rldbs.experiment import memory, train
from rldbs.files.folder import Folder
from rldbs.process.shortage import shortage
from rldbs.runs.checkpoint import read_checkpoint
from rldbs.runs.find import read_meta
from rldbs.sweep import job as jobs
from tests.conftest import HANGS, SMALL, small_settings

RLDBS = str(Path(sys.executable).with_name("rldbs"))
LIBRARY = "libtorch_cpu.so: failed to map segment from shared object"


def raised(call) -> BaseException:
    try:
        call()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (raised(lambda: np.empty((10**7, 10**7))), " TiB in one piece could not be had"),
        (raised(lambda: torch.empty(10**15)), "4000000000000000 bytes in one piece could not be had"),
        (MemoryError(), "a piece of it could not be had"),
        (RuntimeError("can't start new thread"), "no further thread could be started"),
        (ImportError(LIBRARY), "a library could not be loaded: libtorch_cpu.so"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "a piece of it could not be had"),
        (RuntimeError("std::bad_alloc"), "a piece of it could not be had"),
    ],
)
def test_every_way_to_say_it_is_known(error, words):
    told = shortage(error)
    assert isinstance(told, NoMemoryError)
    assert str(told).startswith("There is not enough memory")
    assert words in str(told)


def test_it_is_known_behind_another_error():
    def call() -> None:
        try:
            raise MemoryError
        except MemoryError as error:
            raise ValueError("no good") from error

    assert isinstance(shortage(raised(call)), NoMemoryError)


@pytest.mark.parametrize(
    "error", [ValueError("not enough memory"), RuntimeError("shapes"), OSError(errno.ENOSPC, "full"), RunError("x")]
)
def test_other_errors_are_none(error):
    assert shortage(error) is None


def test_what_takes_most_is_told_with_its_settings():
    memory.check_memory([memory.Need("the network", 4e8, ("agent.hidden",)), memory.Need("the rest", 1e6, ("envs",))])
    assert "Most of it is for the network, 400 MB: lower agent.hidden, or" in str(shortage(MemoryError()))
    memory.check_memory([memory.Need("the rest", 1e6, ("envs",))])
    assert "The run itself needs little" in str(shortage(MemoryError()))


@pytest.fixture
def scarce(monkeypatch):
    """Learning, in which memory runs out."""

    def learn(*_: object) -> None:
        np.empty((10**7, 10**7))

    monkeypatch.setattr(train, "_learn", learn)


def test_a_run_has_failed_and_says_why(scarce, tmp_path):
    with pytest.raises(NoMemoryError, match=r"in one piece could not be had\n.*\nNothing was saved yet; when there"):
        train.train(small_settings(), tmp_path, Console(file=StringIO()))
    meta = read_meta(tmp_path)
    assert meta["status"] == "failed"
    assert str(meta["error"]).startswith("NoMemoryError: There is not enough memory")


def test_so_does_a_run_of_a_sweep(scarce, tmp_path):
    from omegaconf import OmegaConf

    from rldbs.runs.record import write_config

    folder = Folder(tmp_path) / "run"
    write_config(folder.make(), small_settings().config)
    jobs.job(OmegaConf.create({"folder": str(folder), "threads": 1}))
    log = (tmp_path / "logs" / "run.log").read_text()
    assert log.startswith("rldbs: There is not enough memory")
    assert "Traceback" not in log
    assert read_meta(folder)["status"] == "failed"


def test_a_sound_checkpoint_is_not_taken_for_a_damaged_one(tmp_path, monkeypatch):
    train.train(small_settings(["steps=1024"]), tmp_path, Console(file=StringIO()))
    folder = Folder(tmp_path) / "checkpoints" / "1024"

    def load(_: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr("rldbs.runs.checkpoint.load_tensors", load)
    with pytest.raises(NoMemoryError):
        read_checkpoint(folder)
    with pytest.raises(NoMemoryError):
        train.resume(small_settings(["steps=2048"]), tmp_path, Console(file=StringIO()))
    assert "1024" in os.listdir(tmp_path / "checkpoints")


COMMANDS = [
    ("train", *SMALL, "hydra.run.dir=run"),
    ("train", "-m", *SMALL, "seed=0,1", "hydra/launcher=joblib", "hydra.sweep.dir=study"),
    ("tune", "agent=proportional", "tune.trials=2"),
    ("evaluate", "agent=none"),
    ("simulate",),
    ("bench",),
    ("benchmark", "folder=runs"),
]
QUICK = COMMANDS[:2]
"""One that works itself, and one that lets others work."""


@pytest.mark.parametrize(
    "words",
    [pytest.param(words, marks=() if words in QUICK else pytest.mark.slow) for words in COMMANDS],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_command_that_may_have_too_little_says_so_in_one_message(words, tmp_path):
    done = subprocess.run(
        [RLDBS, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (500_000_000, 500_000_000)),
    )
    assert done.returncode == 1
    assert done.stderr.startswith("rldbs: There is not enough memory")
    assert "ulimit -v leaves this process" in done.stderr
    assert "Traceback" not in done.stderr
    for path in tmp_path.rglob("meta.json"):
        assert json.loads(path.read_text())["status"] == "failed"
