"""Networks with plastic synapses: what a step costs, and what threads gain."""

from typing import Any

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.core.plastic_network import PlasticNetwork

SEVERAL = 8
STEPS = 200


def plastic_figures() -> Figures:
    """µs for one step of one network, on one thread and, with others, on two; how long a second takes."""
    contenders = {"1": _advance(1, 1), "1 thread": _advance(SEVERAL, 1), "2 threads": _advance(SEVERAL, 2)}
    turns = in_turns(contenders)
    numbers: dict[str, Any] = {
        "microseconds_per_step": 1e6 * turns.median("1"),
        "microseconds_per_step_of_several": 1e6 * turns.median("1 thread"),
        "gain_of_two_threads": turns.ratio("1 thread", "2 threads"),
        "seconds_per_second": 10_000 * turns.median("1"),
    }
    rows = [[f"{value:.2f}" for value in numbers.values()]]
    title = "Schmalz and Kumar: µs per step of one network of 2000 neurons; s for a second of it"
    columns = ["alone", f"of {SEVERAL}", "gain of 2 threads", "a second"]
    return Figures("plastic", title, columns, rows, numbers)


def _advance(populations: int, threads: int) -> Timer:
    network = PlasticNetwork(populations, threads=threads)
    network.rest(2000)
    currents = np.zeros((populations, STEPS, 1))
    return timer(lambda: network.advance(currents), STEPS * populations)
