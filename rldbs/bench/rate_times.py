"""Rate models with delays: what a step costs, alone and of many, and of NumPy."""

from typing import Any

import numpy as np

from rldbs.bench.figures import Figures
from rldbs.bench.timed_turns import Timer, in_turns, timer
from rldbs.core.rate_ensemble import RateEnsemble
from rldbs.core.rate_settings import RateSettings
from rldbs.core.stn_gpe import DISEASED, HEALTHY, LARGEST, RESTING, TIME_CONSTANTS

MANY = 64
STEPS = 20
"""Of 1 ms, in a call."""
SETTINGS = RateSettings(
    name="stn_gpe",
    dt=1.0,
    transient=0,
    period=37,
    set_point=14.7,
    state=0.3,
    noise=0.0,
    patients=0.0,
    substeps=10,
    delay_stn_gpe=6.0,
    delay_gpe_stn=6.0,
    delay_gpe_gpe=4.0,
    band=[13.0, 30.0],
)
"""Without noise, which NumPy would draw in another way."""


def rate_figures() -> Figures:
    """µs for one integration step of one population, and how long a minute of the brain takes."""
    contenders = {"alone": _advance(1), f"of {MANY}": _advance(MANY), f"of {MANY}, NumPy": _numpy()}
    turns = in_turns(contenders)
    alone, many, other = contenders
    numbers: dict[str, Any] = {
        "microseconds_per_step": 1e6 * turns.median(alone),
        "microseconds_per_step_of_many": 1e6 * turns.median(many),
        "microseconds_per_step_of_many_numpy": 1e6 * turns.median(other),
        "ratio_to_numpy": turns.ratio(other, many),
        "seconds_per_minute": 600_000 * turns.median(alone),
    }
    rows = [[f"{value:.3f}" for value in numbers.values()]]
    title = "STN and GPe as rates: µs per step of 0.1 ms of one population, one thread; s for a minute of the brain"
    return Figures("rates", title, [*contenders, "NumPy / ours", "a minute"], rows, numbers)


def _advance(populations: int) -> Timer:
    ensemble = RateEnsemble(SETTINGS, populations)
    kicks = ensemble.quiet(STEPS)
    return timer(lambda: ensemble.advance(kicks), STEPS * SETTINGS.substeps * populations)


def _numpy() -> Timer:
    """The same equations for many populations at once, their past in one array."""
    memory, steps, step = SETTINGS.memory, STEPS * SETTINGS.substeps, SETTINGS.substep
    names = ("stn_gpe", "gpe_stn", "gpe_gpe", "cortex", "striatum")
    weights = [getattr(HEALTHY, name) + 0.3 * (getattr(DISEASED, name) - getattr(HEALTHY, name)) for name in names]
    to_gpe, to_stn, within, cortex, striatum = weights
    first, second, third = SETTINGS.delays
    past = np.full((2, memory + steps, MANY), 15.0)

    def answer(x: np.ndarray, nucleus: int) -> np.ndarray:
        most, rest = LARGEST[nucleus], RESTING[nucleus]
        return np.asarray(most / (1.0 + (most - rest) / rest * np.exp(-4.0 / most * x)))

    def run() -> None:
        s, g = past
        for k in range(memory - 1, memory - 1 + steps):
            into_stn = cortex - to_stn * g[k - second]
            into_gpe = to_gpe * s[k - first] - within * g[k - third] - striatum
            s[k + 1] = np.maximum(0.0, s[k] + step / TIME_CONSTANTS.stn * (answer(into_stn, 0) - s[k]))
            g[k + 1] = np.maximum(0.0, g[k] + step / TIME_CONSTANTS.gpe * (answer(into_gpe, 1) - g[k]))
        past[:, :memory] = past[:, -memory:]

    return timer(run, steps * MANY)
