"""What a user may say about a network of cells: steps, severity, what contacts reach, what is recorded."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rldbs.core import native
from rldbs.core.arguments import Floats, number, numbers, whole
from rldbs.core.cell_kernel import Channel
from rldbs.core.errors import SettingError, shown
from rldbs.core.network_model import NetworkModel

CONDITIONS = {"healthy": 0.0, "pd": 1.0}
STEPS = {"euler": (0.01, 0.025), "rk4": (0.025, 0.05)}
"""In ms: the usual step, and the longest one, beyond which rates are wrong long before anything diverges."""
SHORTEST = 1e-4
"""ms."""
MOST_CHANNELS = 1024
_CHANNEL = re.compile(r"(\w+)\.(\w+)(?:\[(\d+)\])?")


def step_of(integrator: str, dt: float | None, longest: float | None = None) -> float:
    """The step in ms, the usual one where it is None; no longer than ``longest``, or as the integrator needs it.

    Raises:
        SettingError: it is too short or too long, as every function here raises for what cannot be.
    """
    usual, needed = STEPS[integrator]
    longest = needed if longest is None else longest
    step = number("dt", usual if dt is None else dt, above=0.0)
    if not SHORTEST <= step <= longest:
        words = f"must be from {SHORTEST:g} to {longest:g} ms with {integrator}, beyond which rates are wrong"
        raise SettingError(f"dt: {words}: {step:g}")
    return step


def severity_of(given: object, populations: int) -> Floats:
    """From a word or a number for all, or from one for each population."""
    if type(given) is np.ndarray and given.ndim:
        values = numbers("severity", given, 1, native.MOST_MEANS)
    elif type(given) in (list, tuple):
        each: Any = given
        values = np.array([_one_severity(one) for one in each[: populations + 1]])
    else:
        values = np.full(populations, _one_severity(given))
    if values.shape != (populations,) or (values < 0.0).any() or (values > 1.0).any():
        raise SettingError(f"severity: must be from 0 to 1, one for all or one for each population, is {shown(given)}")
    return values


def _one_severity(given: object) -> float:
    if type(given) is not str:
        return number("severity", given)
    if given not in CONDITIONS:
        raise SettingError(f"severity: must be {', '.join(CONDITIONS)}, or a number from 0 to 1, is {shown(given)}")
    return CONDITIONS[given]


def reach_of(model: NetworkModel, given: ArrayLike | None) -> Floats:
    """What contacts reach, and in the last row the background."""
    own = np.zeros((1, model.cells))
    if model.background is not None:
        own[0, model.cells_of(model.background.target)] = 1.0
    if given is None:
        usual = np.zeros((1, model.cells))
        usual[0, model.cells_of(model.stimulated)] = 1.0
        return np.concatenate([usual, own])
    rows = numbers("reach", given, 2, native.MOST_MEANS)
    if rows.shape[1] != model.cells:
        raise SettingError(f"reach: must be (contacts, cells) = (…, {model.cells}), is {rows.shape}")
    return np.concatenate([rows, own])


def channel_names(channels: Sequence[str]) -> tuple[str, ...]:
    """The channels, as a list that nobody else has."""
    if type(channels) not in (list, tuple) or len(channels) > MOST_CHANNELS:
        raise SettingError(
            f"channels: must be a list of at most {MOST_CHANNELS} names such as gpi.s, is {shown(channels)}"
        )
    return tuple(channels)


def channel_of(model: NetworkModel, name: str) -> Channel:
    """What ``gpi.s`` or ``stn.v[3]`` is."""
    found = _CHANNEL.fullmatch(name) if type(name) is str else None
    if found is None or found[1] not in model.names:
        groups = ", ".join(model.names)
        raise SettingError(f"channel {shown(name)}: must be like gpi.s or stn.v[3], with one of the groups {groups}")
    group = model.group(found[1])
    if found[2] not in group.cell.variables:
        raise SettingError(f"channel {shown(name)}: {group.name} has {', '.join(group.cell.variables)}")
    weights = np.full(group.cells, 1.0 / group.cells)
    if found[3] is not None:
        cell = whole(f"channel {name}: the cell", int(found[3][:9]), 0, group.cells - 1)
        weights = np.where(np.arange(group.cells) == cell, 1.0, 0.0)
    return Channel(model.names.index(group.name), group.cell.variables.index(found[2]), weights)
