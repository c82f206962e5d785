"""Models from equations beside the core's: the same neurons, compiled when the program runs and when it was built."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rldbs.bench.figures import Figures
from rldbs.bench.kernel_times import NEURONS, STEPS, TRANSIENT, advance
from rldbs.bench.timed_turns import in_turns
from rldbs.core.ensemble import Ensemble
from rldbs.core.equations import Equations
from rldbs.core.models import MODELS

PUBLISHED: Mapping[str, Mapping[str, str]] = {
    "bvdp": {"x": "x - x**3/3 - y + input", "y": "rate*(x - recovery*y + offset)"},
    "hr": {
        "x": "y - x**3 + 3*x**2 - z + input",
        "y": "1 - 5*x**2 - y",
        "z": "slow_rate*(slow_gain*(x - x_rest) - z)",
    },
}
"""The equations of the core's models."""
ROUNDS = 61
"""More than elsewhere: a few per cent are to be told apart."""


def own_figures() -> Figures:
    """µs for one RK4 step of one population, of the core's models and of the same ones from their equations."""
    numbers: dict[str, Any] = {}
    rows = []
    for name, rates in PUBLISHED.items():
        model = MODELS[name]
        own = replace(model, equations=Equations.of(rates, model.parameters))
        turns = in_turns(
            {
                kind: advance(Ensemble(each, 1, NEURONS, transient=TRANSIENT), STEPS, 1)
                for kind, each in (("core", model), ("equations", own))
            },
            ROUNDS,
        )
        numbers[name] = {
            **{kind: turns.median(kind) * NEURONS * 1e6 for kind in ("core", "equations")},
            "ratio": turns.ratio("equations", "core"),
        }
        rows.append([name, *(f"{value:.3f}" for value in numbers[name].values())])
    title = f"From equations: µs per RK4 step of one population of {NEURONS} neurons, one thread"
    return Figures("own", title, ["model", "core", "equations", "ratio"], rows, numbers)
