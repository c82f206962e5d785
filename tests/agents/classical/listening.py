"""Environments without a population: controllers listen to a signal that is given."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.classical import CLASSICAL
from rldbs.agents.controller import Controller
from rldbs.config.composition import compose
from rldbs.config.groups import Key, keys
from rldbs.config.schema import evaluate_settings
from rldbs.control.loop_settings import LoopSettings

PERIOD = 100
NEEDS = {
    "high_frequency": ("model=kuramoto",),
    "beta_on_off": ("model=stn_gpe", "recording.stride=1"),
    "beta_dual": ("model=stn_gpe", "recording.stride=1"),
    "beta_pi": ("model=stn_gpe", "recording.stride=1"),
    "coordinated_reset": ("model=kuramoto_line",),
    "phase_locked": ("model=kuramoto",),
    "acd": ("model=kuramoto",),
    "acd_oracle": (
        "model=kuramoto",
        "model.neurons=60",
        "tissue=populations",
        "recording.variable=[cluster1_x,cluster2_x,cluster3_x,cluster1_y,cluster2_y,cluster3_y]",
    ),
}
"""What controllers of oscillators need around them."""
PLAIN = ("model.period=100", "recording.length=40", "recording.stride=2", "recording.centered=false")


@cache
def environment(*overrides: str) -> LoopSettings:
    """An environment whose rhythm has a period of 100 integration steps."""
    return evaluate_settings(compose("evaluate", ["agent=none", *PLAIN, *overrides])).loop


@cache
def shipped(name: str) -> dict[str, Key]:
    """The settings of a controller, as its file has them."""
    found = keys("evaluate", {"agent": name}).items()
    return {key[6:]: value for key, value in found if key.startswith("agent.") and key != "agent.name"}


def controller(name: str, loop: LoopSettings, seed: int = 0, **changes: Any) -> Controller:
    """A controller with its settings as shipped, but for ``changes``. Signals count from 0, unsmoothed."""
    values = {key: found.default for key, found in shipped(name).items()}
    plain = {"offset": 0.0, "smoothing": 2 if name == "pd" else 1, "baseline": None, "fade_in": 0.0}
    values |= {key: value for key, value in plain.items() if key in values}
    return CLASSICAL[name](**{**values, **changes}).make(loop, seed)


def windows(x: NDArray[np.floating], loop: LoopSettings) -> Iterator[NDArray[np.float32]]:
    """What a controller sees at every decision with a whole window of x, (environments, steps) or (steps,).

    With several channels x is (channels, environments, steps), or the same on all of them.
    """
    recording, interval = loop.recording, loop.stimulus.interval
    x = np.atleast_2d(x)
    signals = x if x.ndim == 3 else np.repeat(x[None], recording.channels, axis=0)
    for now in range(recording.memory - 1, x.shape[-1], interval):
        seen = signals[:, :, now - recording.memory + 1 : now + 1 : recording.stride]
        yield np.concatenate([*seen], axis=1).astype(np.float32)


def times(steps: int, loop: LoopSettings) -> NDArray[np.int64]:
    """When the decisions of :func:`windows` are."""
    return np.arange(loop.recording.memory - 1, steps, loop.stimulus.interval)


def kicks(name: str, x: NDArray[np.floating], loop: LoopSettings, seed: int = 0, **changes: Any) -> NDArray[np.float64]:
    """The kicks of the first contact under a controller that listens to x: (decisions, environments)."""
    return kicks_of_contacts(name, x, loop, seed, **changes)[:, :, 0]


def kicks_of_contacts(
    name: str, x: NDArray[np.floating], loop: LoopSettings, seed: int = 0, **changes: Any
) -> NDArray[np.float64]:
    """The same of all contacts: (decisions, environments, contacts)."""
    acting = controller(name, loop, seed, **changes)
    return np.array([acting.act(seen) for seen in windows(x, loop)]) * loop.stimulus.amplitude


def sine(steps: int, amplitude: float = 1.0, offset: float = 0.0) -> NDArray[np.float64]:
    """A rhythm A·cos θ, θ = 2π·t / 100."""
    return offset + amplitude * np.cos(2 * np.pi * np.arange(steps) / PERIOD)
