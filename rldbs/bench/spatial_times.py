"""Neurons in tissue: what their modes cost, beside one mean field for all."""

from typing import Any

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.phase_times import SEVERAL, SIDE, SPACING, STEPS
from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.core.coupling_modes import kernel_of, modes_of
from rldbs.core.ensemble import Ensemble
from rldbs.core.tissue import Tissue, cube, distances, tissue

MODEL = "bvdp"
MODES = (1, 24)


def spatial_figures() -> Figures:
    """µs for one RK4 step of one population, by the number of modes; alone and with others."""
    contenders: dict[str, Timer] = {}
    for modes in (None, *MODES):
        where = None if modes is None else _tissue(modes)
        for populations in (1, SEVERAL):
            contenders[f"{modes}, {populations}"] = _advance(where, populations)
    turns = in_turns(contenders)
    numbers: dict[str, Any] = {}
    rows = []
    for modes in (None, *MODES):
        one, many = f"{modes}, 1", f"{modes}, {SEVERAL}"
        name = "mean field" if modes is None else str(modes)
        numbers[name] = {
            "microseconds_per_step": 1e6 * turns.median(one),
            "ratio": turns.ratio(one, "None, 1"),
            "microseconds_per_step_of_several": 1e6 * turns.median(many),
            "ratio_of_several": turns.ratio(many, f"None, {SEVERAL}"),
        }
        rows.append([name, *(f"{value:.2f}" for value in numbers[name].values())])
    title = f"Neurons in tissue: µs per RK4 step of one population of {SIDE**3}, {MODEL}, one thread"
    columns = ["modes", "alone", "× mean field", f"of {SEVERAL}", "× mean field"]
    return Figures("spatial", title, columns, rows, numbers)


def _tissue(modes: int) -> Tissue:
    """A cube whose neurons are coupled by the cosine of their distance, as so many modes."""
    where = cube(SIDE, SPACING)
    return tissue(where, modes_of(kernel_of("cosine", distances(where, where)), len(where), 0.0, most=modes))


def _advance(where: Tissue | None, populations: int) -> Timer:
    ensemble = Ensemble(MODEL, populations, SIDE**3, transient=0, tissue=where)
    kicks = np.zeros((populations, STEPS) if where is None else (populations, STEPS, where.contacts))
    return timer(lambda: ensemble.advance(kicks), STEPS * populations)
