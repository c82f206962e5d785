"""The Gymnasium spaces of a closed loop."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, Space
from numpy.typing import ArrayLike, NDArray

from rldbs.control.loop import ClosedLoop
from rldbs.control.stimulus import level_values
from rldbs.core.errors import SettingError, shown


def observation_space(loop: ClosedLoop) -> "Box[np.float32]":
    """Float32 (size,), within the bounds that the recording declares."""
    low, high = loop.observation_bounds
    return Box(low.astype(np.float32), high.astype(np.float32), dtype=np.float32)


def action_space(loop: ClosedLoop) -> Space[Any]:
    """Float32 (action_size,) in [−1, 1], which the stimulus scales by its amplitude; or, where it has levels, one of
    them by its number."""
    levels = loop.settings.stimulus.levels
    return Box(-1.0, 1.0, (loop.action_size,), dtype=np.float32) if levels is None else Discrete(levels)


def box_actions(loop: ClosedLoop, actions: ArrayLike, single: bool = False) -> NDArray[Any]:
    """Actions of the action space as rows in [−1, 1], (environments, action_size), as the loop takes them.

    Args:
        loop: the environments.
        actions: (environments, numbers of an action); of a ``single`` environment (numbers of an action,). Where an
            action is one number, the axis for it may be left out.
        single: whether they are those of an environment that is no batch.

    Raises:
        SettingError: they have another shape, are no real numbers, or a level's number is none.
    """
    levels = loop.settings.stimulus.levels
    size = loop.action_size if levels is None else 1
    of_each = () if single else (loop.environments,)
    try:
        given = np.asarray(actions)
    except (TypeError, ValueError) as error:
        raise SettingError(f"actions: must be {(*of_each, size)}, are {shown(actions)}") from error
    if given.dtype.kind not in "biuf":
        raise SettingError(f"actions: must be {(*of_each, size)} real numbers, are {shown(actions)}")
    if given.shape != (*of_each, size) and (size > 1 or given.shape != of_each):
        raise SettingError(f"actions: must be {(*of_each, size)}, are {given.shape}")
    chosen = given.reshape(loop.environments, size)
    if levels is None:
        return chosen
    if not np.issubdtype(chosen.dtype, np.integer) or not ((chosen >= 0) & (chosen < levels)).all():
        raise SettingError(f"actions: must be whole numbers from 0 to {levels - 1}, one for each environment")
    rows: NDArray[Any] = level_values(levels)[chosen]
    return rows
