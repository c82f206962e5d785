"""Populations that leave all bounds: found, and what is known of them brought back, until their next episode."""

import numpy as np
from numpy.typing import NDArray

from rldbs.core.native import Floats

DIVERGED = 1e6
"""A mean field beyond this is no longer physics: every variable of every model stays below 100."""


def contain(field: Floats, state: Floats) -> dict[int, Floats]:
    """Find the populations that have diverged, and let their mean field hold the last sample that was within bounds.

    What is made of it, observations above all, so stays finite; and so does their state.

    Args:
        field: float64 (variables, environments, 1 + steps): the mean field of the last steps, and that before them.
        state: float64 (environments, variables, neurons).

    Returns:
        By environment, float64 (variables,), what the mean field had come to.
    """
    out: NDArray[np.bool_] = np.logical_not((np.abs(field) < DIVERGED).all(axis=0))
    found = {row: field[:, row, -1].copy() for row in np.flatnonzero(out.any(axis=1)).tolist()}
    for row in found:
        first = int(out[row].argmax())
        field[:, row, first:] = field[:, row, first - 1 : first]
        state[row] = np.nan_to_num(state[row], nan=0.0).clip(-DIVERGED, DIVERGED)
    return found
