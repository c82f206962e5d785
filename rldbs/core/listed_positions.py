"""Where neurons are, and which cluster each belongs to, as lines of text: ``x y z`` in mm, or ``x y z cluster``."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats
from rldbs.core.coupling_modes import MOST
from rldbs.core.errors import SettingError, shown

DIGITS = 6
"""Decimals of a millimetre that are kept: nanometres."""
FARTHEST = 1000.0
"""mm from 0, along each axis, at most."""
MOST_CLUSTERS = 64


class Listed(NamedTuple):
    """Neurons at places."""

    positions: Floats
    """(neurons, 3), in mm."""
    clusters: tuple[NDArray[np.intp], ...]
    """Which neurons are in each."""


def listed(positions: Sequence[Sequence[float]], clusters: Sequence[float] | None = None) -> list[str]:
    """The lines that say where neurons are.

    Args:
        positions: in mm, three for each neuron.
        clusters: of each neuron, counted from 1.

    Raises:
        SettingError: there are too few or too many, a number is none, or too large, or a cluster has no neuron.
    """
    lines = []
    for number, place in enumerate(positions, 1):
        for axis, value in zip("xyz", place, strict=True):
            if not -FARTHEST <= value <= FARTHEST:
                raise SettingError(f"neuron {number}: {axis}={value:g}: must be a number from -1000 to 1000, in mm")
        lines.append(" ".join(_decimal(value) for value in place))
    if clusters is not None:
        for number, cluster in enumerate(clusters, 1):
            if not (1 <= cluster <= MOST_CLUSTERS and cluster == math.floor(cluster)):
                raise SettingError(
                    f"neuron {number}: cluster={cluster:g}: must be a whole number from 1 to {MOST_CLUSTERS}"
                )
        lines = [f"{line} {int(cluster)}" for line, cluster in zip(lines, clusters, strict=True)]
    read_listed(tuple(lines))
    return lines


@lru_cache(maxsize=16)
def read_listed(lines: tuple[str, ...]) -> Listed:
    """What :func:`listed` has written.

    Raises:
        SettingError: it is something else.
    """
    if not 2 <= len(lines) <= MOST:
        raise SettingError(f"{len(lines)} neuron{'s' * (len(lines) != 1)}: must be from 2 to {MOST}")
    rows = [_row(number, line) for number, line in enumerate(lines, 1)]
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        number = next(k for k, row in enumerate(rows, 1) if len(row) == 3)
        raise SettingError(f"neuron {number} has no cluster, others have; all of them have one, or none")
    table = np.array(rows)
    positions = np.ascontiguousarray(table[:, :3])
    positions.flags.writeable = False
    if (positions == positions[0]).all():
        raise SettingError("all neurons are at one place; that is tissue=point")
    return Listed(positions, _clusters(table[:, 3]) if widths == {4} else ())


def _row(number: int, line: str) -> list[float]:
    try:
        row = [float(word) for word in line.split()]
    except ValueError:
        row = []
    if len(row) not in (3, 4) or not all(abs(value) <= FARTHEST for value in row):
        raise SettingError(f"neuron {number}: {shown(line)}: must be x y z, in mm, or x y z cluster")
    return row


def _clusters(column: Floats) -> tuple[NDArray[np.intp], ...]:
    count = int(column.max())
    members = tuple(np.flatnonzero(column == k) for k in range(1, count + 1))
    empty = next((k for k, member in enumerate(members, 1) if not len(member)), None)
    if count < 1 or count > MOST_CLUSTERS or sum(map(len, members)) != len(column):
        raise SettingError(f"clusters: must be whole numbers from 1 to {MOST_CLUSTERS}")
    if empty is not None:
        raise SettingError(f"cluster {empty} has no neuron, but there is a cluster {count}; count them from 1 on")
    return members


def _decimal(value: float) -> str:
    text = f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
