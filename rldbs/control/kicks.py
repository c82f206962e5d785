"""From the actions of a batch of environments to its kicks, with all that a caller, or a stimulus, may get wrong."""

import numpy as np
from numpy.typing import NDArray

from rldbs.control.stimulus import Stimulus
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats
from rldbs.core.window_sums import clip


def shape_of(stimulus: Stimulus, environments: int) -> tuple[int, ...]:
    """The shape of the kicks of an environment step: (environments, interval · kicks in each integration step), and
    with several contacts one more axis for them."""
    several = () if stimulus.contacts == 1 else (stimulus.contacts,)
    return environments, stimulus.interval * getattr(stimulus, "per_step", 1), *several


def rows_of(stimulus: Stimulus, actions: NDArray[np.floating], environments: int) -> Floats:
    """Actions as a fresh float64 array, (environments, action_size).

    Raises:
        SettingError: they have another shape.
    """
    rows = np.array(actions, np.float64, order="C")
    if rows.shape != (environments, stimulus.action_size):
        raise SettingError(f"actions: must be {(environments, stimulus.action_size)}, are {rows.shape}")
    return rows


def not_finite(actions: NDArray[np.floating], environment: int) -> SettingError:
    """What is wrong with the actions of an environment."""
    return SettingError(f"actions: environment {environment} got {np.asarray(actions)[environment]}; must be finite")


def kicks_of(
    stimulus: Stimulus, actions: NDArray[np.floating], now: NDArray[np.int64], quiet: NDArray[np.bool_] | None
) -> Floats:
    """The kicks of one environment step, in the shape that :func:`shape_of` says.

    Args:
        stimulus: what makes them.
        actions: (environments, action_size); values outside [−1, 1] are clipped.
        now: int64 (environments,), steps of each episode so far.
        quiet: bool (environments,), who is not stimulated in this one; None for nobody.

    Raises:
        SettingError: actions or kicks have another shape, or an action is not finite.
    """
    clipped = rows_of(stimulus, actions, len(now))
    bad = clip(clipped)
    if bad >= 0:
        raise not_finite(actions, bad // stimulus.action_size)
    kicks = np.asarray(stimulus.kicks(clipped), np.float64, order="C")
    if kicks.shape != (shape := shape_of(stimulus, len(now))):
        raise SettingError(f"stimulus: kicks must be {shape}, are {kicks.shape}")
    if stimulus.every > 1:
        kicks[now % stimulus.every != 0] = 0.0
    if quiet is not None:
        kicks[quiet] = 0.0
    return kicks
