"""The Gymnasium spaces of a closed loop."""

import numpy as np
from gymnasium.spaces import Box

from rldbs.control.loop import ClosedLoop


def observation_space(loop: ClosedLoop) -> "Box[np.float32]":
    """Float32 (size,), within the bounds that the recording declares."""
    low, high = loop.observation_bounds
    return Box(low, high, (loop.settings.recording.size,), dtype=np.float32)


def action_space(loop: ClosedLoop) -> "Box[np.float32]":
    """Float32 (action_size,) in [−1, 1]; the stimulus scales it by its amplitude."""
    return Box(-1.0, 1.0, (loop.action_size,), dtype=np.float32)
