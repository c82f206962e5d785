"""The core alone: its instruction sets, sizes from cache to memory, threads."""

from itertools import pairwise
from typing import Any

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.core import native
from rldbs.core.ensemble import Ensemble
from rldbs.core.models import MODELS

NEURONS = 1000
STEPS = 100
"""Integration steps of a call on one population of ``NEURONS``."""
SIZES = ((1, NEURONS), (1, 100_000), (1, 1_000_000), (64, NEURONS), (4096, 100))
"""Populations and their neurons; everything is held against the first."""
NEURON_STEPS = 400_000
"""Of a call on larger ones: enough that what a call costs besides does not count."""
TRANSIENT = 100


def models_timed() -> tuple[str, ...]:
    """The models, one of those that have the same equations."""
    first: dict[str, str] = {}
    for name, model in MODELS.items():
        first.setdefault(model.kernel, name)
    return tuple(first.values())


def kernel_figures() -> Figures:
    """µs for one RK4 step of one population, by model and instruction set."""
    numbers: dict[str, Any] = {}
    rows = []
    for model in models_timed():
        turns = in_turns(
            {
                name: advance(Ensemble(model, 1, NEURONS, transient=TRANSIENT), STEPS, 1, name)
                for name in native.SUPPORTED
            }
        )
        times = {name: turns.median(name) * NEURONS * 1e6 for name in native.SUPPORTED}
        steps = {f"{better}/{name}": turns.ratio(better, name) for name, better in pairwise(native.SUPPORTED)}
        numbers[model] = {"microseconds_per_step": times, "ratio": steps}
        rows.append([model, *(f"{t:.2f}" for t in times.values()), *(f"{ratio:.2f}" for ratio in steps.values())])
    title = f"Core: µs per RK4 step of one population of {NEURONS} neurons, one thread"
    short = [name.removeprefix("x86-64-") for name in native.SUPPORTED]
    ratios = [f"{better}/{name}" for name, better in pairwise(short)]
    numbers["fused"] = {name: native.fuses(name) for name in native.SUPPORTED}
    rows.append(
        ["fused", *("yes" if fuses else "emulated" for fuses in numbers["fused"].values()), *[""] * len(ratios)]
    )
    return Figures("kernel", title, ["model", *native.SUPPORTED, *ratios], rows, numbers)


def size_figures(threads: int) -> Figures:
    """ns for one RK4 step of one neuron, by model and size, with one thread and with several."""
    numbers: dict[str, Any] = {}
    rows = []
    for model in models_timed():
        contenders: dict[str, Timer] = {}
        for populations, neurons in SIZES:
            ensemble = Ensemble(model, populations, neurons, transient=0)
            steps = max(2, NEURON_STEPS // (populations * neurons))
            for used in sorted({1, threads}):
                contenders[_name(populations, neurons, used)] = advance(ensemble, steps, used)
        turns = in_turns(contenders)
        first = _name(*SIZES[0], 1)
        numbers[model] = {}
        for populations, neurons in SIZES:
            one, many = _name(populations, neurons, 1), _name(populations, neurons, threads)
            size = {
                "nanoseconds": turns.median(one) * 1e9,
                "ratio_to_first": turns.ratio(one, first),
                "nanoseconds_with_threads": turns.median(many) * 1e9,
                "gain": turns.ratio(one, many),
            }
            numbers[model][f"{populations}x{neurons}"] = size
            cells = [f"{size[key]:.2f}" for key in size]
            if threads == 1:
                cells = cells[:2]
            rows.append([model, f"{populations} × {neurons:,}", *cells])
    columns = ["model", "neurons", "1 thread", "ratio"]
    if threads > 1:
        columns += [f"{threads} threads", "gain"]
    return Figures("sizes", "Core: ns per RK4 step of one neuron", columns, rows, numbers)


def advance(ensemble: Ensemble, steps: int, threads: int, instruction_set: str = native.SUPPORTED[-1]) -> Timer:
    """Times steps of an ensemble; a unit of work is one step of one neuron."""
    kicks = np.zeros((ensemble.populations, steps))

    def call() -> None:
        with native.use_instruction_set(instruction_set):
            ensemble.advance(kicks, threads)

    return timer(call, kicks.size * ensemble.neurons)


def _name(populations: int, neurons: int, threads: int) -> str:
    return f"{populations} × {neurons}, {threads}"
