"""Response curves: what is sought against a setting, activity below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator
from numpy.typing import NDArray

from rldbs.analysis.metric_definitions import QUENCHED_ACTIVITY
from rldbs.analysis.plots import drawing, own_style
from rldbs.files.user_file import Target

COLOURS = (drawing.BLUE, drawing.VERMILLION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", drawing.INK, "#8B5A2B")
"""The colours of M. Okabe and K. Ito (2008) that show on white, told apart by all common forms of colour vision,
and a brown."""
MARKERS = "os^Dv<>P"
DECADE = 10.0
"""An axis whose values span more is logarithmic."""
APART = 0.06
"""Distance of the curves over a category, where they would hide each other."""

ROOM = 1.06
"""How far above the highest mark an axis ends, as a multiple: where all are alike there would be no room for it."""
MOST_LETTERS = 100
"""Of categories side by side; where there are more, they are aslant."""


@dataclass(frozen=True)
class Curve:
    """What was measured of one controller at every value of a setting; NaN where there is nothing."""

    label: str
    aim: NDArray[np.float64]
    """What is sought, (points, 3): interquartile mean, and the two ends of its 95 % interval."""
    activity: NDArray[np.float64]
    """The same, (points, 3)."""
    floor: NDArray[np.float64] | None
    """S of the same populations without coupling, (points,)."""
    diverged: NDArray[np.bool_] | None = None
    """Where a population went out of bounds, (points,)."""


@own_style
def curve_picture(
    curves: Sequence[Curve],
    values: Sequence[int | float | str],
    key: str,
    path: Target,
    title: str,
    subtitle: str = "",
    sought: str = "suppression",
) -> None:
    """What is ``sought``, a metric, with its 95 % interval over the values of a setting, activity below; 8 by 5.6
    inches.

    Values that are numbers are an axis, logarithmic if they are positive and span more than a decade; others are
    categories. Where each has a curve of its own, its tick names it.
    A quenched point is hollow. Dashed is the floor: what desynchronisation alone would reach.

    Written as PDF where `path` ends in .pdf, else as PNG at 150 dpi.
    """
    figure = drawing.page(8.0, 5.6)
    drawing.heading(figure, title, subtitle)
    aslant = _aslant(values)
    grid = figure.add_gridspec(
        2,
        height_ratios=(2.4, 1),
        left=drawing.LEFT,
        right=drawing.RIGHT,
        top=0.87,
        bottom=0.24 if aslant else 0.1,
        hspace=0.1,
    )
    above = figure.add_subplot(grid[0])
    below = figure.add_subplot(grid[1], sharex=above)
    drawing.plain(above, drawing.metric_name(sought))
    drawing.plain(below, "activity")
    where, categories = _across(above, values)
    alone = categories and len(curves) > 1 and _points_at_most(curves) < 2
    for k, curve in enumerate(curves):
        shift = APART * (k - (len(curves) - 1) / 2) if categories and not alone else 0.0
        _draw(above, where + shift, curve.aim, curve, k, categories)
        _draw(below, where + shift, curve.activity, curve, k, categories)
    _floors(above, where, curves)
    if _spans(np.concatenate([curve.aim[:, 0] for curve in curves])):
        above.set_yscale("log")
        above.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        above.yaxis.set_major_formatter("{x:g}")
        above.minorticks_off()
    else:
        above.set_ylim(0, ROOM * max(above.get_ylim()[1], above.dataLim.y1) or 1.0)
    below.axhline(QUENCHED_ACTIVITY, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (1, 2)))
    below.set_ylim(0, max(1.1, ROOM * below.dataLim.y1))
    above.tick_params(labelbottom=False)
    if aslant:
        for label in below.get_xticklabels():
            label.set(rotation=30, ha="right", rotation_mode="anchor")
    below.set_xlabel(key, fontsize=9, color=drawing.INK, parse_math=False)
    _legend(above, [] if alone else curves, curves)
    figure.align_ylabels([above, below])
    drawing.write(figure, path)


def _aslant(values: Sequence[int | float | str]) -> bool:
    """Whether categories are too long to stand side by side."""
    words = [str(value) for value in values]
    return any(isinstance(value, str) for value in values) and max(map(len, words)) * len(words) > MOST_LETTERS


def _points_at_most(curves: Sequence[Curve]) -> int:
    """Of how many curves something is known at one value, at most."""
    return int(np.sum([np.isfinite(curve.aim[:, 0]) for curve in curves], axis=0).max(initial=0))


def _across(axes: Axes, values: Sequence[int | float | str]) -> tuple[NDArray[np.float64], bool]:
    """Where the values are on the x axis, and whether they are categories."""
    if any(isinstance(value, str) for value in values):
        axes.set_xticks(range(len(values)), [str(value) for value in values], parse_math=False)
        axes.set_xlim(-0.5, len(values) - 0.5)
        return np.arange(len(values), dtype=np.float64), True
    where = np.array(values, np.float64)
    if _spans(where):
        axes.set_xscale("log")
        axes.set_xticks(where, [f"{value:g}" for value in where])
        axes.minorticks_off()
    return where, False


def _spans(values: NDArray[np.float64]) -> bool:
    """Whether values are positive and more than a decade apart."""
    finite = values[np.isfinite(values)]
    return bool(finite.size and finite.min() > 0 and finite.max() / finite.min() > DECADE)


def _draw(
    axes: Axes, where: NDArray[np.float64], numbers: NDArray[np.float64], curve: Curve, k: int, categories: bool
) -> None:
    """A curve through its points, with intervals; points that are quenched are hollow."""
    colour, marker = COLOURS[k % len(COLOURS)], MARKERS[k % len(MARKERS)]
    order = np.argsort(where)
    known = order[np.isfinite(numbers[order, 0])]
    axes.vlines(where[known], numbers[known, 1], numbers[known, 2], color=colour, linewidth=1.2)
    if not categories:
        axes.plot(where[order], numbers[order, 0], color=colour, linewidth=1.2)
    quenched = curve.activity[:, 0] < QUENCHED_ACTIVITY
    for points, face in ((known[~quenched[known]], colour), (known[quenched[known]], "white")):
        look: dict[str, Any] = {"color": colour, "markerfacecolor": face, "markersize": 5.5, "linestyle": "none"}
        axes.plot(where[points], numbers[points, 0], marker, zorder=3, **look)


def _floors(axes: Axes, where: NDArray[np.float64], curves: Sequence[Curve]) -> None:
    """Every floor once, for curves on the same populations have the same; where there are several, in its colour."""
    different: list[tuple[int, NDArray[np.float64]]] = []
    for k, curve in enumerate(curves):
        if curve.floor is not None and not any(
            np.array_equal(curve.floor, floor, equal_nan=True) for _, floor in different
        ):
            different.append((k, curve.floor))
    order = np.argsort(where)
    for k, floor in different:
        colour = drawing.FAINT if len(different) == 1 else COLOURS[k % len(COLOURS)]
        axes.plot(where[order], floor[order], color=colour, linewidth=1.2, linestyle=(0, (4, 3)))


def _legend(axes: Axes, named: Sequence[Curve], curves: Sequence[Curve]) -> None:
    """What the marks are; of the curves those that are ``named`` here, not by a tick of the axis."""
    look: dict[str, Any] = {"linewidth": 1.2, "markersize": 5.5}
    for k, curve in enumerate(named):
        colour, marker = COLOURS[k % len(COLOURS)], MARKERS[k % len(MARKERS)]
        axes.plot([], [], color=colour, marker=marker, label=curve.label.replace("$", r"\$"), **look)
    if any(curve.floor is not None for curve in curves):
        axes.plot([], [], color=drawing.FAINT, linestyle=(0, (4, 3)), label="uncoupled neurons", **look)
    if any((curve.activity[:, 0] < QUENCHED_ACTIVITY).any() for curve in curves):
        axes.plot([], [], "o", color=drawing.INK, markerfacecolor="white", label="quenched", **look)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=True, framealpha=0.85, edgecolor="none", fontsize=8.5, labelcolor=drawing.INK, loc="best")
