"""Rate models with delays against the same equations in Numba, on one core of the processor, in turns."""

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.rate_times import MANY, SETTINGS
from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.core.rate_ensemble import RateEnsemble
from rldbs.core.stn_gpe import DISEASED, HEALTHY, LARGEST, RESTING, TIME_CONSTANTS
from tests.speed.peers.population import Problem
from tests.speed.race import Peer, worker

STEPS = 200
"""Of 1 ms, in a call."""
CHECKED = 300
"""Steps over which the rates of Numba are compared with ours, under random currents, in spk/s."""
KICK = 3.0
TOLERANCE = 1e-9
"""Of the largest difference in the mean rate of STN, in spk/s."""
ROUNDS = 15


def rate_race(python: Path) -> Figures:
    """µs for one step of 0.1 ms of one population, alone and of many, and how many times as long as ours Numba takes.

    Raises:
        RuntimeError: the peer does not start, or its rates are not ours.
    """
    sizes = {"alone": 1, f"of {MANY}": MANY}
    with ExitStack() as stack:
        contenders: dict[str, Timer] = {}
        for size, populations in sizes.items():
            contenders[f"rldbs {size}"] = _ours(populations)
            contenders[f"Numba {size}"] = _numba(python, populations, stack)
        turns = in_turns(contenders, ROUNDS)
    numbers = {
        name: {
            "microseconds_per_step": 1e6 * turns.median(name),
            "ratio": turns.ratio(name, f"rldbs {name.partition(' ')[2]}"),
        }
        for name in contenders
    }
    rows = [
        [tool, *(text for size in sizes for text in _shown(numbers[f"{tool} {size}"]))] for tool in ("rldbs", "Numba")
    ]
    columns = ["one core", *(text for size in sizes for text in (size, "× ours"))]
    title = "STN and GPe as rates: µs per step of 0.1 ms of one population"
    return Figures("rate_peers", title, columns, rows, numbers)


def _shown(of: dict[str, float]) -> tuple[str, str]:
    return f"{of['microseconds_per_step']:.4f}", f"{of['ratio']:.2f}"


def _ours(populations: int) -> Timer:
    ensemble = RateEnsemble(SETTINGS, populations)
    kicks = ensemble.quiet(STEPS)
    return timer(lambda: ensemble.advance(kicks), STEPS * SETTINGS.substeps * populations)


def _numba(python: Path, populations: int, stack: ExitStack) -> Timer:
    """The peer, whose units of work are steps of one population.

    Raises:
        RuntimeError: it does not start, or its rates are not ours.
    """
    ours = RateEnsemble(SETTINGS, populations)
    weights = (
        healthy + SETTINGS.coupling * (diseased - healthy)
        for healthy, diseased in zip(vars(HEALTHY).values(), vars(DISEASED).values(), strict=True)
    )
    constants = (*weights, *SETTINGS.delays, *TIME_CONSTANTS, *LARGEST, *RESTING)
    problem = Problem(
        "stn_gpe",
        SETTINGS.substep,
        SETTINGS.coupling,
        {str(k): float(value) for k, value in enumerate(constants)},
        ours.current[:, 0].tolist(),
        ours.state[:, 0].T.tolist(),
    )
    peer = Peer(worker(python, "rates"), "Numba", problem, STEPS * SETTINGS.substeps)
    stack.callback(peer.close)
    kicks = KICK * np.random.default_rng(0).standard_normal(CHECKED)
    expected = ours.advance(np.broadcast_to(kicks, (populations, CHECKED)))[:, :, 0].mean(axis=0)
    theirs = peer.advance(np.repeat(kicks, SETTINGS.substeps))[SETTINGS.substeps - 1 :: SETTINGS.substeps]
    difference = float(np.abs(theirs - expected).max())
    if not difference <= TOLERANCE:
        raise RuntimeError(f"Numba: its rate of STN differs from ours by {difference:.3g} spk/s")
    return lambda calls: [seconds / populations for seconds in peer.seconds(calls)]
