"""The commands as a user calls them, each in a process of its own: how soon they answer, how much memory they take."""

import csv
import re
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rldbs.bench.figures import Figures
from rldbs.core.errors import RunError
from rldbs.process.children import command, safe_environment
from rldbs.process.shell import to_type

CALLS = 5
BUFFER = 1_000_000
LARGE = (
    "agent=sac",
    f"agent.transitions={BUFFER}",
    "recording.length=250",
    # what costs time but no memory is made small: neurons, gradient steps, measurements
    "envs=256",
    f"steps={BUFFER + 10_000}",
    "model.neurons=10",
    "model.transient=1000",
    "agent.warmup=1000",
    "agent.update_every=64",
    "threads=1",
    f"checkpoints.every={10**9}",
    "checkpoints.episodes=1",
    "checkpoints.stimulated=300",
    "protocol.episodes=1",
    "protocol.free=200",
    "protocol.stimulated=200",
    "protocol.onset=0",
    "protocol.relaxed=0",
)
"""A whole training run that fills its buffer and saves it."""
PATIENCE = 600
"""Seconds after which a command is given up."""


def memory_figures() -> Figures:
    """Peak resident memory of a training run with a large replay buffer that is full."""
    with tempfile.TemporaryDirectory() as folder, _command("train", *LARGE, f"hydra.run.dir={folder}/run") as process:
        peak = _peak(process)
    title = f"Memory: rldbs train agent=sac, {BUFFER:,} transitions of 250 samples, all there"
    return Figures("memory", title, ["GB at most"], [[f"{peak / 1e9:.2f}"]], {"peak_bytes": peak})


def start_figures(model: str) -> Figures:
    """Seconds until ``rldbs --help`` is done, and until ``rldbs train`` takes its first step."""
    answers = []
    for _ in range(CALLS):
        began = time.perf_counter()
        with _command("--help") as process:
            process.wait(PATIENCE)
        answers.append(time.perf_counter() - began)
    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        _command("train", f"model={model}", f"hydra.run.dir={folder}/run") as process,
    ):
        learned = _first_row(Path(folder, "run", "progress.csv"), process)
        first = time.perf_counter() - began - learned
    numbers = {"help": statistics.median(answers), "train": first}
    columns = ["rldbs --help", f"{to_type('train', f'model={model}')}, first step"]
    return Figures("start", "Start: seconds", columns, [[f"{seconds:.2f}" for seconds in numbers.values()]], numbers)


@contextmanager
def _command(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs, of which only complaints are shown. What still runs at the end of the block is stopped."""
    process = subprocess.Popen(command(*arguments), stdout=subprocess.DEVNULL, env=safe_environment())
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _peak(process: subprocess.Popen[bytes]) -> int:
    """Peak resident memory in bytes, once the process has ended well.

    Raises:
        RunError: it has not.
    """
    status, peak = Path("/proc", str(process.pid), "status"), 0
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        # The system's own count of what children took begins with what their parent had: so the process is asked.
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
        peak = max(peak, int(found[1]) * 1024) if found else peak
        time.sleep(0.02)
    if process.returncode != 0:
        raise RunError(f"{to_type('train', *LARGE)}: {_end(process)}")
    return peak or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def _first_row(path: Path, process: subprocess.Popen[bytes]) -> float:
    """Wait for the first row of progress.csv; the seconds of learning that it tells of.

    Raises:
        RunError: the process has ended before.
    """
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        if len(lines) > 1 and lines[1].endswith("\n"):
            return float(next(csv.DictReader(lines))["time"])
        time.sleep(0.01)
    raise RunError(f"rldbs train, before its first steps: {_end(process)}")


def _end(process: subprocess.Popen[bytes]) -> str:
    return f"not done after {PATIENCE} s" if process.returncode is None else f"exit status {process.returncode}"
