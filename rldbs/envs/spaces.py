"""The Gymnasium spaces of a closed loop."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, Space
from numpy.typing import NDArray

from rldbs.control.loop import ClosedLoop


def observation_space(loop: ClosedLoop) -> "Box[np.float32]":
    """Float32 (size,), within the bounds that the recording declares."""
    low, high = loop.observation_bounds
    return Box(low, high, (loop.settings.recording.size,), dtype=np.float32)


def action_space(loop: ClosedLoop) -> "Space[Any]":
    """Float32 (action_size,) in [−1, 1], which the stimulus scales by its amplitude; or the index of a level."""
    levels = loop.settings.stimulus.levels
    if levels is not None:
        return Discrete(levels)
    return Box(-1.0, 1.0, (loop.action_size,), dtype=np.float32)


def box_actions(loop: ClosedLoop, actions: NDArray[Any]) -> NDArray[np.floating]:
    """What an agent gives, as actions of the closed loop.

    Args:
        loop: the environments.
        actions: (environments,) indices of levels, or (environments, action_size) in [−1, 1].

    Returns:
        float (environments, action_size).
    """
    levels = loop.settings.stimulus.levels
    if levels is None:
        return actions
    return (-1.0 + 2.0 * np.asarray(actions).reshape(-1, 1) / (levels - 1)).astype(np.float32)
