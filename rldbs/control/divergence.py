"""Populations that leave all bounds: found, and what is known of them brought back, until their next episode."""

import numpy as np
from numpy.typing import NDArray

from rldbs.core.native import Floats

DIVERGED = 1e6
"""A mean field beyond this is no longer physics: every variable of every model stays below 100."""


def contained(field: Floats, state: Floats, now: NDArray[np.int64], kicks: Floats) -> dict[int, str]:
    """Find the populations that have diverged, and let their mean field hold the last sample that was within bounds.

    What is made of it, observations above all, so stays finite; and so does their state.

    Args:
        field: float64 (variables, environments, 1 + steps): the mean field of the last steps, and that before them.
        state: float64 (environments, variables, neurons).
        now: int64 (environments,), steps of each episode so far.
        kicks: float64 (environments, interval, …) of the last step.

    Returns:
        By environment, a line about it.
    """
    out: NDArray[np.bool_] = np.logical_not((np.abs(field) < DIVERGED).all(axis=0))
    found = {row: field[:, row, -1].copy() for row in np.flatnonzero(out.any(axis=1)).tolist()}
    for row in found:
        first = int(out[row].argmax())
        field[:, row, first:] = field[:, row, first - 1 : first]
        state[row] = np.nan_to_num(state[row], nan=0.0).clip(-DIVERGED, DIVERGED)
    largest = np.abs(kicks).reshape(len(kicks), -1).max(axis=1)
    return {
        row: f"diverged after step {now[row]} of its episode: mean field {reached} after kicks up to {largest[row]:g}"
        for row, reached in found.items()
    }


def unrewarded(rewards: Floats, now: NDArray[np.int64], field: Floats) -> dict[int, str]:
    """The populations whose reward is not finite, each with a line about it.

    Args:
        rewards: float64 (environments,).
        now: int64 (environments,), steps of each episode so far.
        field: float64 (environments, steps, variables): the mean field of the last steps.
    """
    return {
        row: f"diverged after step {now[row]} of its episode: its reward is {rewards[row]} at a mean field of "
        f"{field[row, -1]}"
        for row in np.flatnonzero(~np.isfinite(rewards)).tolist()
    }
