"""The rewards of one environment step, from the mean field and the kicks, as each reward asks for them."""

from collections.abc import Sequence

import numpy as np

from rldbs.control.reward import Reward
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats


def rewards_of(
    reward: Reward, variables: Sequence[str], field: Floats, kicks: Floats, x: Floats, interval: int
) -> Floats:
    """The rewards, float64 (environments,).

    Args:
        reward: what a step is worth.
        variables: those of the mean field.
        field: float64 (variables, environments, memory), a view; it is what observations are made of, too.
        kicks: of the step, float64 (environments, interval · kicks in each step), and with several contacts one more
            axis for them.
        x: of every neuron, float64 (environments, neurons).
        interval: integration steps of an environment step.

    Raises:
        SettingError: they have another shape.
    """
    wanted = getattr(reward, "variables", None)
    past = field[0] if wanted is None else field[[variables.index(name) for name in wanted]]
    past.setflags(write=False)
    if wanted is None:
        kicks = held(kicks, interval)
    rewards = np.asarray(reward.reward(past, kicks, x), np.float64)
    if rewards.shape != (len(kicks),):
        raise SettingError(f"reward: must be {(len(kicks),)}, is {rewards.shape}")
    return rewards


def held(kicks: Floats, steps: int) -> Floats:
    """Kicks with one in each step: where there are several, their mean size, without a sign."""
    if kicks.shape[1] == steps:
        return kicks
    each = np.abs(kicks).reshape(len(kicks), steps, -1, *kicks.shape[2:])
    return np.asarray(each.mean(axis=2))


def check_reward(name: str, reward: Reward, model: str, variables: Sequence[str]) -> None:
    """Whether a model has what a reward looks at.

    Raises:
        SettingError: it has not.
    """
    for wanted in getattr(reward, "variables", ()):
        if wanted not in variables:
            raise SettingError(f"reward={name}: needs {wanted}, but {model} has {', '.join(variables)}")
