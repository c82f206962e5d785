"""Heat maps of a sweep: S, of oscillators R, over two of the keys that vary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.metric_definitions import EVERY_METRIC, QUENCHED_ACTIVITY
from rldbs.analysis.pooled_statistics import pooled_iqm
from rldbs.analysis.tradeoff import tradeoff_of
from rldbs.compare.measurement import Measured

MOST = 6
"""Maps of one comparison: of the first keys."""
SEED = "seed"

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HeatMap:
    """What was reached at every pair of values of two keys, over all that varies beside: arrays (rows, columns)."""

    row_key: str
    """Empty where only one key varies."""
    column_key: str
    row_values: tuple[str, ...]
    column_values: tuple[str, ...]
    aim: str
    """The metric that was sought: ``suppression`` or ``order``."""
    reached: Array
    """Of it the interquartile means over runs and populations, NaN where nothing was measured."""
    mean_abs_kick: Array
    quenched: NDArray[np.bool_]
    runs: NDArray[np.int64]
    """How many were measured."""

    @property
    def title(self) -> str:
        keys = f"{self.row_key} and {self.column_key}" if self.row_key else self.column_key
        return f"{self.label} by {keys}"

    @property
    def label(self) -> str:
        """What the metric is called."""
        return EVERY_METRIC[self.aim].label

    def plain(self) -> dict[str, Any]:
        """As plain values, ready for strict JSON."""
        return {
            "rows": {"key": self.row_key, "values": list(self.row_values)},
            "columns": {"key": self.column_key, "values": list(self.column_values)},
            "aim": self.aim,
            self.aim: _known(self.reached),
            "mean_abs_kick": _known(self.mean_abs_kick),
            "quenched": self.quenched.tolist(),
            "runs": self.runs.tolist(),
        }


def heat_maps(measured: Sequence[Measured], varied: Mapping[str, Mapping[str, str]]) -> tuple[HeatMap, ...]:
    """A map for every pair of keys with several values; with the seed only where there is no other pair.

    Args:
        measured: the runs.
        varied: for every run, by its name, the keys that vary in the sweep and its values.
    """
    runs = [one for one in measured if one.name in varied]
    keys = dict.fromkeys(key for one in runs for key in varied[one.name])
    values = {key: _ordered([varied[one.name][key] for one in runs]) for key in keys}
    several = [key for key in keys if len(values[key]) > 1]
    others = [key for key in several if key != SEED]
    pairs = list(combinations(others, 2)) or [(SEED, key) for key in others if SEED in several]
    pairs = pairs or [("", key) for key in several]
    return tuple(_map(runs, varied, pair, {"": ("",), **values}) for pair in pairs[:MOST])


def _map(
    runs: Sequence[Measured],
    varied: Mapping[str, Mapping[str, str]],
    pair: tuple[str, str],
    values: Mapping[str, tuple[str, ...]],
) -> HeatMap:
    rows, columns = (values[key] for key in pair)
    shape = (len(rows), len(columns))
    sought = tradeoff_of([one.scores["deterministic"].keys() for one in runs])
    arrays = {key: np.full(shape, np.nan) for key in (sought.aim, sought.price, "activity")}
    counts = np.zeros(shape, np.int64)
    for i, j in np.ndindex(shape):
        wanted = {key: value for key, value in zip(pair, (rows[i], columns[j]), strict=True) if key}
        here = [one for one in runs if wanted.items() <= varied[one.name].items()]
        counts[i, j] = len(here)
        for key, array in arrays.items():
            value = pooled_iqm([one.scores["deterministic"][key][None] for one in here]) if here else None
            array[i, j] = np.nan if value is None else value
    quenched = arrays["activity"] < QUENCHED_ACTIVITY
    return HeatMap(*pair, rows, columns, sought.aim, arrays[sought.aim], arrays[sought.price], quenched, counts)


def _ordered(values: Sequence[str]) -> tuple[str, ...]:
    """Each value once: numbers from the least to the largest, words in their order."""
    once = tuple(dict.fromkeys(values))
    try:
        return tuple(sorted(once, key=float))
    except ValueError:
        return once


def _known(array: Array) -> list[list[float | None]]:
    return [[float(value) if np.isfinite(value) else None for value in row] for row in array]
