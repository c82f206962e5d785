"""Regulators of the plant that is known, and what they see of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rldbs.agents.regulator.design import designed
from rldbs.agents.regulator.identification import Model
from rldbs.agents.regulator.identified_regulator import Regulator
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.config.python_arguments import make_loop_settings
from rldbs.control.loop_settings import LoopSettings
from tests.agents.regulator.plant import NOISE, plant
from tests.conftest import small_settings

ALWAYS = 1e6
"""A loudness at which no signal is too loud."""
LENGTH = 10
"""Samples in a window."""


def environment(**overrides: object) -> LoopSettings:
    """With a period of 20 steps, of which half is waited."""
    plain = {"neurons": 20, "transient": 100, "populations": 2, "snapshots": 1, "model.period": 20}
    window = {"recording.length": LENGTH, "recording.stride": 1, "recording.centered": False}
    return make_loop_settings("bvdp", {**plain, **window, "stimulus.amplitude": 1.0, **overrides})


def shipped(**changes: Any) -> LQGSettings:
    """The settings of a small run, with one price, the stabilising controller silent, and changes."""
    agent = small_settings(agent="lqg").agent
    assert isinstance(agent, LQGSettings)
    return replace(agent, **{"price": 1.0, "gain": 0.0, "orders": [4], **changes})


def weights(
    settings: LQGSettings, loop: LoopSettings, loudness: float = ALWAYS, rest: float = 0.0, model: Model | None = None
) -> dict[str, Any]:
    models = [plant() if model is None else model] * len(settings.prices)
    made = designed(settings, loop, models, Sizes.of(settings, loop).empty())
    return {**made, "rest": np.full(made["rest"].shape, rest), "loudness": np.array(loudness)}


def regulator(settings: LQGSettings, loop: LoopSettings, loudness: float = ALWAYS, rest: float = 0.0) -> Regulator:
    return Regulator(settings, loop, weights(settings, loop, loudness, rest))


class Seen:
    """The plant, of which windows are seen and whose input is given.

    Args:
        noise: (environments, steps).
        offset: what is added to its output.
        model: another plant.
    """

    def __init__(self, noise: np.ndarray, offset: float = 0.0, model: Model | None = None) -> None:
        self.noise, self.offset = noise, offset
        (self.a, self.b), self.steps = (model or plant()).transition(), noise.shape[1]
        self.z = np.zeros((len(noise), len(self.a)))
        self.window = np.full((len(noise), LENGTH), offset, np.float32)

    def go(self, acting: Regulator, steps: int | None = None) -> Iterator[int]:
        """Each step after its decision and before what comes of it."""
        for step in range(self.steps if steps is None else steps):
            self.window = np.concatenate([self.window[:, 1:], self.offset + self.z[:, :1].astype(np.float32)], axis=1)
            acting(self.window)
            yield step
            self.z = self.z @ self.a.T + acting.given @ self.b.T
            self.z[:, 0] += NOISE * self.noise[:, step]
