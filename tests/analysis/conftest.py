"""A small recording whose every number can be worked out by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rldbs.analysis.trajectory import Trajectory

PERIOD, FREE, STIMULATED, RELAXED, ONSET = 50, 1000, 1500, 1000, 300


@pytest.fixture
def recording() -> Callable[..., Trajectory]:
    """Two populations of five neurons: X is a sine of amplitude 1, 0.1 while stimulated, then 1 again."""

    def make(**changed: Any) -> Trajectory:
        steps = FREE + STIMULATED + RELAXED
        step = np.arange(steps)
        amplitude = np.where((step >= FREE) & (step < FREE + STIMULATED), 0.1, 1.0)
        x = amplitude * np.sin(2 * np.pi * step / PERIOD)
        kicks = np.zeros((2, steps))
        kicks[0, FREE : FREE + STIMULATED] = np.tile([0.02, -0.01, -0.01], STIMULATED // 3)
        kicks[1, FREE : FREE + STIMULATED] = -0.03
        content: dict[str, Any] = {
            "field": np.stack([np.stack([x, np.roll(x, 12)], axis=-1), np.stack([3 * x, x], axis=-1) - 7]),
            "kicks": kicks,
            "free": FREE,
            "stimulated": STIMULATED,
            "relaxed": RELAXED,
            "onset": ONSET,
            "neuron_std_free": np.array([[1.0] * 5, [3.0] * 5]),
            "neuron_std_stimulated": np.array([[0.9] * 5, [0.0, 0.0, 0.3, 0.6, 0.6]]),
            "reward": np.array([-0.5, 0.25]),
            "raster": np.sin(2 * np.pi * (step[::7, None] + np.arange(5)) / PERIOD).astype(np.float32),
            "raster_stride": 7,
            "dt": 0.1,
            "period": float(PERIOD),
            "threshold": 0.0,
            "variables": ("x", "y"),
        }
        return Trajectory(**(content | changed))

    return make
