"""Phase oscillators against the same equations in JAX, on one core of the processor, in turns."""

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.phase_times import ANYWHERE, EACH, SIDE, SPACING, network
from rldbs.bench.timed_turns import in_turns, timer
from rldbs.core.tissue import cube
from tests.speed.peers.population import Problem
from tests.speed.race import CHECKED, KICK, Peer, worker

PEERS = {"products": "JAX, two products", "sines": "JAX, N² sines"}
OURS = {
    "24": "rldbs, 24 modes",
    "52": "rldbs, 52 modes",
    EACH: "rldbs, each with each",
    ANYWHERE: "rldbs, each with each, anywhere",
}
STEPS = 18
ROUNDS = 15
TOLERANCE = 1e-9
"""Of the largest difference in X, where all couplings are there."""


def phase_race(python: Path) -> Figures:
    """µs for one RK4 step of a cube of oscillators, and how many times as long as with 24 modes it takes.

    Raises:
        RuntimeError: a peer does not start, or its X is not ours.
    """
    ours = network(EACH)
    problem = Problem(
        "kuramoto",
        ours.dt,
        float(ours.kernel.coupling[0]),
        {},
        ours.kernel.frequency[0].tolist(),
        [ours.phase[0].tolist(), *cube(SIDE, SPACING).T.tolist()],
    )
    kicks = KICK * np.random.default_rng(0).standard_normal(CHECKED)
    expected = ours.advance(1000.0 * kicks[None, :, None]).x[0, :, 0]
    with ExitStack() as stack:
        contenders = {}
        for coupling, label in OURS.items():
            population, given = network(coupling), np.zeros((1, STEPS, 1))
            contenders[label] = timer(lambda p=population, u=given: p.advance(u), STEPS)
        for name, label in PEERS.items():
            peer = Peer(worker(python, name), name, problem)
            stack.callback(peer.close)
            difference = float(np.abs(peer.advance(kicks) - expected).max())
            if not difference <= TOLERANCE:
                raise RuntimeError(f"{label}: its X differs from ours by {difference:.3g}")
            contenders[label] = peer.seconds
        turns = in_turns(contenders, ROUNDS)
    first = OURS["24"]
    numbers = {
        label: {"microseconds_per_step": 1e6 * turns.median(label), "ratio": turns.ratio(first, label)}
        for label in contenders
    }
    rows = [
        [label, f"{of['microseconds_per_step']:.1f}", f"{turns.ratio(label, first):.1f}"]
        for label, of in numbers.items()
    ]
    title = f"Phase oscillators: µs per RK4 step of one population of {SIDE**3}"
    return Figures("phase_peers", title, ["one core", "time", "× ours"], rows, numbers)
