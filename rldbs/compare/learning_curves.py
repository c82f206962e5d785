"""How the runs of a row have learned, as one curve."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.pooled_statistics import pooled_interval, pooled_iqm
from rldbs.compare.measurement import Course

POINTS = 60
"""Most points of a curve."""
RESAMPLES = 1000

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Learning:
    """What the checkpoints came to over the seeds, S or of oscillators R; each array (points,)."""

    x: Array
    """Environment steps, or seconds of training."""
    iqm: Array
    low: Array
    high: Array
    """Ends of the 95 % interval over the seeds; the interquartile mean itself where there is one seed."""

    def plain(self) -> dict[str, list[float]]:
        """As plain values."""
        return {name: getattr(self, name).tolist() for name in ("x", "iqm", "low", "high")}


def learning(courses: Sequence[Course], aim: str = "suppression") -> dict[str, Learning]:
    """The curve of a metric by ``steps`` and by ``time``; nothing where there is no course that has it."""
    told = [course for course in courses if aim in course.aims]
    return {axis: _curve(told, axis, aim) for axis in ("steps", "time")} if told else {}


def _curve(courses: Sequence[Course], axis: str, aim: str) -> Learning:
    """Between the measurements of a seed its curve is straight; it is drawn as far as all seeds go."""
    places = [getattr(course, axis) for course in courses]
    begin, end = max(where[0] for where in places), min(where[-1] for where in places)
    x = np.unique(np.concatenate([where[(where >= begin) & (where <= end)] for where in places]))
    if x.size > POINTS or x.size == 0:
        x = np.linspace(begin, max(begin, end), POINTS)
    lines = np.array([np.interp(x, where, course.aims[aim]) for where, course in zip(places, courses, strict=True)])
    middle = np.array([pooled_iqm([column[:, None]]) for column in lines.T])
    ends = [pooled_interval([column[:, None]], resamples=RESAMPLES) for column in lines.T]
    low, high = np.array([(m, m) if e is None else e for m, e in zip(middle, ends, strict=True)]).T
    return Learning(x, middle, low, high)
