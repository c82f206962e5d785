"""Phase oscillators: what modes cost, or to meet each other, and what populations gain that share weights."""

from typing import Any

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.core.coupling_modes import Modes, kernel_of, modes_of
from rldbs.core.phase_network import PhaseNetwork
from rldbs.core.tissue import cube, distances, tissue

SIDE, SPACING = 8, 0.1
"""Oscillators along an edge of the cube, and mm between two."""
EACH = "each with each"
ANYWHERE = "each with each, anywhere"
"""In a cube, but not on its grid, along whose edges coupling is folded."""
COUPLINGS: dict[str, int | None] = {"1": 1, "4": 4, "24": 24, "52": 52, EACH: None, ANYWHERE: None}
"""How many modes, by what is written of them."""
SEVERAL = 16
STEPS = 18
"""Integration steps of a call."""


def network(coupling: str, populations: int = 1) -> PhaseNetwork:
    """A cube whose oscillators are coupled by the cosine of their distance, in one of these ways."""
    where, modes = cube(SIDE, SPACING), COUPLINGS[coupling]
    if coupling == ANYWHERE:
        where = np.random.default_rng(0).uniform(0.0, SIDE * SPACING, where.shape)
    alpha = kernel_of("cosine", distances(where, where))
    neurons = len(where)
    found = Modes(alpha / neurons, None, 0.0) if modes is None else modes_of(alpha, neurons, 0.0, most=modes)
    return PhaseNetwork(tissue(where, found), populations, transient=0, noise=0.0, response="flat")


def phase_figures() -> Figures:
    """µs for one RK4 step of one population, by the number of modes; alone and with others."""
    contenders: dict[str, Timer] = {}
    for name in COUPLINGS:
        contenders[f"{name}, 1"] = _advance(network(name))
        contenders[f"{name}, {SEVERAL}"] = _advance(network(name, SEVERAL))
    turns = in_turns(contenders)
    numbers: dict[str, Any] = {}
    rows = []
    for name in COUPLINGS:
        one, many = f"{name}, 1", f"{name}, {SEVERAL}"
        numbers[name] = {
            "microseconds_per_step": 1e6 * turns.median(one),
            "microseconds_per_step_of_several": 1e6 * turns.median(many),
            "ratio": turns.ratio(many, one),
        }
        rows.append([name, *(f"{value:.2f}" for value in numbers[name].values())])
    title = f"Phase oscillators: µs per RK4 step of one population of {SIDE**3}, one thread"
    return Figures("phases", title, ["modes", "alone", f"of {SEVERAL}", "ratio"], rows, numbers)


def _advance(of: PhaseNetwork) -> Timer:
    stimulation = np.zeros((of.populations, STEPS, 1))
    return timer(lambda: of.advance(stimulation), STEPS * of.populations)
