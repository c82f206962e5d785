"""The coupling of environments in which it changes from step to step."""

import numpy as np
from numpy.typing import NDArray

from rldbs.control.loop_settings import LoopSettings
from rldbs.control.random_streams import Stream
from rldbs.core.native import Floats


def walk_on(
    walk: Stream,
    settings: LoopSettings,
    coupling: Floats,
    first: Floats,
    now: NDArray[np.int64],
    idle: NDArray[np.bool_] | None,
) -> None:
    """Let the coupling be what it is in the coming environment step.

    Args:
        walk: where its random numbers come from.
        settings: of the environments.
        coupling: float64 (environments,), written.
        first: with which each episode began, likewise.
        now: int64 (environments,), environment steps into each episode.
        idle: bool (environments,), whose step is of no episode and uses up no randomness; None for nobody.
    """
    normal, steps = walk.next(1)[:, 0, 0], settings.stimulus.interval
    coupling[:] = settings.coupling.next(coupling, first, now * steps, steps, normal)
    if idle is not None:
        walk.put_back(idle, 1)
