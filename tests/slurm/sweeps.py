"""Small sweeps on a cluster, started as a user starts them."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import small
from tests.slurm.cluster import Cluster, until
from tests.torture.runs import RLDBS, ended, start, steps_saved

LONG = 300
"""Seconds within which what is waited for must come."""


def settings(steps: int) -> list[str]:
    """Those of a small run."""
    return [*small("ppo"), f"steps={steps}"]


@dataclass(frozen=True)
class Sweep:
    """A sweep over ``seed`` on a cluster."""

    up: Cluster
    folder: Path
    seeds: Sequence[int]
    steps: int
    launcher: Sequence[str] = ()
    """Settings of the launcher, beside those that all have."""

    def run(self, seed: int) -> Path:
        return self.folder / (f"seed={seed}" if len(self.seeds) > 1 else "run")

    def job(self, seed: int) -> str:
        """The number of a run's job."""
        number = json.loads((self.folder / "slurm.json").read_text())[self.run(seed).name]
        assert isinstance(number, str)
        return number

    def status(self, seed: int) -> str:
        return str(json.loads((self.run(seed) / "meta.json").read_text())["status"])

    def begin(self) -> subprocess.Popen[str]:
        """Start the command."""
        words = [*settings(self.steps), f"seed={','.join(map(str, self.seeds))}", f"hydra.sweep.dir={self.folder}"]
        launcher = ["hydra/launcher=submitit_slurm", "hydra.launcher.mem_gb=2", *self.launcher]
        return start([RLDBS, "train", "-m", *words, *launcher], self.up.environment, self.folder.parent)

    def resume(self) -> subprocess.Popen[str]:
        """Start the command that goes on with the sweep."""
        return start([RLDBS, "resume", str(self.folder)], self.up.environment, self.folder.parent)

    @contextmanager
    def at_work(self, seed: int) -> Iterator[subprocess.Popen[str]]:
        """The command, from when a run has its first checkpoint on; it ends with the block."""
        command = self.begin()
        try:
            until(lambda: steps_saved(self.run(seed)) > 0, "a checkpoint", seconds=LONG)
            assert self.status(seed) == "running"
            yield command
        finally:
            command.kill()
            command.communicate()

    def goes_on(self, seed: int) -> None:
        """Let a run that is back in the queue begin at once."""
        until(lambda: self.up.jobs().get(self.job(seed)) == "PENDING", "the job's return to the queue")
        assert self.status(seed) == "interrupted"
        self.up.at_once(self.job(seed))

    def restarts(self, seed: int) -> int:
        """How often a run's job was given back to the queue."""
        found = re.search(r"Restarts=(\d+)", self.up.ask("scontrol", "show", "job", self.job(seed)))
        assert found is not None
        return int(found[1])


def well_ended(command: subprocess.Popen[str]) -> str:
    """What a command said that has come to a good end."""
    status, said, complaint = ended(command)
    assert (status, complaint) == (0, ""), complaint
    return said


def interrupt(command: subprocess.Popen[str]) -> tuple[int, str]:
    """Press Ctrl-C; the exit status, and what the command complained about."""
    command.send_signal(signal.SIGINT)
    status, _, complaint = ended(command)
    return status, complaint
