"""The Gymnasium spaces of a closed loop."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, Space
from numpy.typing import ArrayLike, NDArray

from rldbs.control.loop import ClosedLoop
from rldbs.control.stimulus import level_values
from rldbs.core.errors import SettingError


def observation_space(loop: ClosedLoop) -> "Box[np.float32]":
    """Float32 (size,), within the bounds that the recording declares."""
    low, high = loop.observation_bounds
    return Box(low.astype(np.float32), high.astype(np.float32), dtype=np.float32)


def action_space(loop: ClosedLoop) -> Space[Any]:
    """Float32 (action_size,) in [−1, 1], which the stimulus scales by its amplitude; or, where it has levels, one of
    them by its number."""
    levels = loop.settings.stimulus.levels
    return Box(-1.0, 1.0, (loop.action_size,), dtype=np.float32) if levels is None else Discrete(levels)


def box_actions(loop: ClosedLoop, actions: ArrayLike) -> NDArray[Any]:
    """Actions of the action space as rows in [−1, 1], (rows, action_size), as the loop takes them.

    Raises:
        SettingError: a level's number is none.
    """
    levels = loop.settings.stimulus.levels
    if levels is None:
        return np.asarray(actions).reshape(-1, loop.action_size)
    chosen = np.reshape(actions, (-1, 1))
    if not np.issubdtype(chosen.dtype, np.integer) or not ((chosen >= 0) & (chosen < levels)).all():
        raise SettingError(f"actions: must be whole numbers from 0 to {levels - 1}, one for each environment")
    rows: NDArray[Any] = level_values(levels)[chosen]
    return rows
