"""The core against its peers, on one core of the processor, in turns."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rldbs.bench.timed_turns import Timer, Turns, in_turns, timer
from rldbs.core import native
from rldbs.core.ensemble import Ensemble
from tests.speed import ROOT
from tests.speed.peers.population import Floats, Problem
from tests.speed.unfused import NAME as UNFUSED
from tests.speed.unfused import unfused

PEERS = ("numba", "jax", "brian2", "numpy")
MODELS = ("bvdp", "hr")
NEURONS = 1000
STEPS = 100
"""Integration steps of a call."""
ROUNDS = 31
CHECKED = 300
"""Integration steps over which a peer's mean field is compared with ours, under random kicks."""
KICK = 0.01
TOLERANCE = 1e-9
"""Of the largest difference in X."""
HELD = ("brian2",)
"""Peers whose mean field is held for a step; the core is made to hold its own, to be compared with them."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


def ours(population: Ensemble, instruction_set: str, steps: int = STEPS) -> Timer:
    """Times the core; a unit of work is an integration step."""
    kicks = np.zeros((1, steps))

    def call() -> None:
        with native.use_instruction_set(instruction_set):
            population.advance(kicks)

    return timer(call, steps)


def worker(python: Path, name: str) -> list[str | Path]:
    """The command of a peer that is written in Python: ``peers/with_{name}.py``."""
    return [python, "-m", "tests.speed.peers.worker", name]


class Peer:
    """A peer in a process of its own, which waits while others have their turns.

    Args:
        command: what starts it, such as :func:`worker`.
        name: what it is called where something is wrong.
        problem: its population.
        steps: integration steps of a call that is timed.

    Raises:
        RuntimeError: it does not start.
    """

    def __init__(self, command: Sequence[str | Path], name: str, problem: Problem, steps: int = STEPS) -> None:
        self.name, self._steps = name, steps
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | ONE_THREAD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.versions: Mapping[str, str] = self._ask(problem=problem.sent())["versions"]

    def advance(self, kicks: Floats) -> Floats:
        return np.array(self._ask(kicks=kicks.tolist())["mean"])

    def seconds(self, calls: int) -> list[float]:
        times: list[float] = self._ask(steps=self._steps, calls=calls)["seconds"]
        return times

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _ask(self, **request: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name}: its process has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


@dataclass(frozen=True)
class Result:
    """What a race of one model has shown."""

    turns: Turns
    """Seconds of an integration step; ours under the names of the instruction sets, and ``unfused``."""
    difference: Mapping[str, float]
    """Largest difference between a peer's mean field and ours over ``CHECKED`` steps."""
    versions: Mapping[str, str]


def race(model: str, python: Path) -> Result:
    """Let the core, in every instruction set, and all peers take steps of one model in turns.

    Raises:
        RuntimeError: a peer does not start, or its mean field is not ours.
    """
    population = Ensemble(model, neurons=NEURONS)
    problem = Problem(
        population.model.kernel,
        population.dt,
        float(population.coupling[0]),
        dict(population.model.parameters),
        population.current[0].tolist(),
        population.state[0].tolist(),
    )
    with ExitStack() as stack:
        peers, difference = {}, {}
        for name in PEERS:
            peers[name] = Peer(worker(python, name), name, problem)
            stack.callback(peers[name].close)
            difference[name] = _difference(model, peers[name])
        versions = {tool: number for peer in peers.values() for tool, number in peer.versions.items()}
        contenders = {name: ours(Ensemble(model, neurons=NEURONS), name) for name in native.SUPPORTED}
        contenders[UNFUSED] = unfused(Ensemble(model, neurons=NEURONS), STEPS)
        contenders |= {name: peer.seconds for name, peer in peers.items()}
        return Result(in_turns(contenders, ROUNDS), difference, versions)


def _difference(model: str, peer: Peer) -> float:
    """The largest between the mean field of a peer and ours.

    Raises:
        RuntimeError: it is not the same model.
    """
    kicks = KICK * np.random.default_rng(0).standard_normal(CHECKED)
    population = Ensemble(model, neurons=NEURONS)
    expected = _held(population, kicks) if peer.name in HELD else population.advance(kicks[None])[0, :, 0]
    difference = float(np.abs(peer.advance(kicks) - expected).max())
    if not difference <= TOLERANCE:
        raise RuntimeError(f"{peer.name}: its mean field of {model} differs from ours by {difference:.3g}")
    return difference


def _held(population: Ensemble, kicks: Floats) -> Floats:
    """X after each step when the field of a step's beginning is held for all of it."""
    current, coupling = population.current.copy(), float(population.coupling[0])
    population.coupling[:] = 0.0
    means = []
    for kick in kicks:
        population.current[:] = current + coupling * (population.state[0, 0].mean() + kick)
        means.append(population.advance([[kick]])[0, 0, 0])
    return np.array(means)


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep this process and its children on one core, where the system lets us: none of them can have more threads."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
