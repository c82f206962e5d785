"""A random walk between two walls."""

import numpy as np

from rldbs.core.arguments import Floats

UNIT = 1000
"""Integration steps over which the speed of a walk is the standard deviation of its change."""


def reflected(x: Floats, low: Floats | float, high: Floats | float) -> Floats:
    """Where a walk comes to that would come to x, were it not reflected at ``low`` and at ``high``, which is above."""
    width = high - low
    moved = (x - low) % (2 * width)
    found: Floats = low + np.minimum(moved, 2 * width - moved)
    return found
