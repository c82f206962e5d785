"""Networks of cells: what each integrator costs, and what networks gain that are advanced together."""

from typing import Any

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.core.cell_network import CellNetwork

INTEGRATORS = "euler", "rk4"
SEVERAL = 8
SPAN = 5.0
"""ms of a call."""


def cell_figures() -> Figures:
    """µs for one step of one network, alone and with others, and how long a second of the brain takes."""
    contenders: dict[str, Timer] = {}
    for integrator in INTEGRATORS:
        contenders[f"{integrator}, 1"] = _advance(integrator, 1)
        contenders[f"{integrator}, {SEVERAL}"] = _advance(integrator, SEVERAL)
    turns = in_turns(contenders)
    numbers: dict[str, Any] = {}
    rows = []
    for integrator in INTEGRATORS:
        one, many, dt = f"{integrator}, 1", f"{integrator}, {SEVERAL}", CellNetwork(integrator=integrator).dt
        numbers[integrator] = {
            "microseconds_per_step": 1e6 * turns.median(one),
            "microseconds_per_step_of_several": 1e6 * turns.median(many),
            "ratio": turns.ratio(many, one),
            "seconds_per_second_of_several": 1000.0 / dt * turns.median(many),
        }
        rows.append([f"{integrator}, {dt:g} ms", *(f"{value:.2f}" for value in numbers[integrator].values())])
    title = "So, Kent and Grill: µs per step of one network of 40 cells, one thread; s for a second of the brain"
    return Figures("cells", title, ["step", "alone", f"of {SEVERAL}", "ratio", "a second"], rows, numbers)


def _advance(integrator: str, populations: int) -> Timer:
    network = CellNetwork(populations, severity="pd", integrator=integrator)
    steps = round(SPAN / network.dt)
    currents = np.zeros((populations, steps, 1))
    return timer(lambda: network.advance(currents), steps * populations)
