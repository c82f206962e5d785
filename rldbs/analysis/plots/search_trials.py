"""The picture of a search: what is sought against what it costs, one point for each trial."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator
from numpy.typing import NDArray

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.tradeoff import Tradeoff
from rldbs.files.user_file import Target

DECADE = 10.0
"""An axis whose numbers span more is logarithmic."""
LOWEST = 1e-3
"""Kicks below this part of the largest one are drawn at the edge: a trial that hardly stimulates is of no interest,
unless it has come to its aim all the same."""


@dataclass(frozen=True)
class Tried:
    """What came of the trials of a search, those that failed aside."""

    price: NDArray[np.float64]
    """What the aim costs, such as mean abs kick, (trials,)."""
    aim: NDArray[np.float64]
    """What is sought, such as S, (trials,)."""
    kept: NDArray[np.bool_]
    """Whether the trial is within the limits, (trials,)."""
    front: NDArray[np.intp]
    """The trials within the limits that no other one beats, from a low price to a high one."""
    chosen: NDArray[np.intp]
    """Those that were measured again, on unseen populations; the best one is the last."""
    unseen: NDArray[np.float64]
    """What that gave, (chosen, 4): price; aim, and the two ends of its 95 % interval."""


@own_style
def search_picture(
    tried: Tried, sought: Tradeoff, most_kick: float, path: Target, title: str, subtitle: str = ""
) -> None:
    """Aim over price of all trials, the front, the limit, and what was measured again; 8 by 5.2 inches.

    Full points are within the limits, hollow ones are not. A trial that was chosen is joined to what it gave on unseen
    populations, a diamond with its 95 % interval.

    Written as PDF where `path` ends in .pdf, else as PNG at 150 dpi.
    """
    figure = drawing.page(8.0, 5.2)
    drawing.heading(figure, title, subtitle)
    axes = figure.add_axes((drawing.LEFT, 0.11, drawing.RIGHT - drawing.LEFT, 0.75))
    drawing.plain(axes, drawing.metric_name(sought.aim))
    axes.set_xlabel(drawing.metric_name(sought.price), fontsize=9, color=drawing.INK, parse_math=False)
    price = tried.price if sought.may_fail else np.maximum(tried.price, LOWEST * tried.price.max(initial=0.0))
    _points(axes, price, tried)
    _unseen(axes, price, tried)
    ends = tried.unseen[:, 3]
    heights = np.concatenate([tried.aim, ends[np.isfinite(ends)]])
    for name, numbers, above in (("x", price, 1.6), ("y", heights, 1.25)):
        _scale(axes, name, numbers, above)
    if sought.price == "mean_abs_kick" and most_kick <= axes.get_xlim()[1]:
        axes.axvline(most_kick, color=drawing.FAINT, linewidth=1.0, linestyle=(0, (1, 2)), label="limit of the kick")
    if sought.limit is not None:
        axes.axhline(sought.limit, color=drawing.FAINT, linewidth=1.0, linestyle=(0, (1, 2)), label="highest allowed")
    if axes.has_data():
        axes.legend(frameon=True, framealpha=0.85, edgecolor="none", fontsize=8.5, labelcolor=drawing.INK, loc="best")
    drawing.write(figure, path)


def _points(axes: Axes, price: NDArray[np.float64], tried: Tried) -> None:
    """The trials, and the line through the front."""
    outside, inside = ~tried.kept, tried.kept
    if outside.any():
        look: dict[str, Any] = {"facecolors": "none", "edgecolors": drawing.FAINT, "linewidths": 0.8}
        axes.scatter(price[outside], tried.aim[outside], s=16, label="beyond a limit", **look)
    if inside.any():
        axes.scatter(price[inside], tried.aim[inside], s=16, c=drawing.BLUE, linewidths=0, label="trials")
    if tried.front.size > 1:
        front = tried.front
        axes.plot(price[front], tried.aim[front], color=drawing.BLUE, linewidth=1.2, label="front")


def _unseen(axes: Axes, price: NDArray[np.float64], tried: Tried) -> None:
    """What was measured again, joined to its trial."""
    if not tried.chosen.size:
        return
    x, y, low, high = tried.unseen.T
    for k, trial in enumerate(tried.chosen):
        axes.plot([price[trial], x[k]], [tried.aim[trial], y[k]], color=drawing.VERMILLION, linewidth=0.8)
    axes.vlines(x, low, high, color=drawing.VERMILLION, linewidth=1.2)
    look: dict[str, Any] = {"color": drawing.VERMILLION, "linestyle": "none", "zorder": 4}
    axes.plot(x, y, "D", markersize=5, label="on unseen populations", **look)
    if len(x) > 1:
        axes.plot(x[-1:], y[-1:], "*", markersize=13, markeredgecolor="white", label="the best one", **look)


def _scale(axes: Axes, name: str, numbers: NDArray[np.float64], above: float) -> None:
    """A logarithmic axis where the numbers span more than a decade, else one from 0."""
    if not numbers.size:
        return
    if numbers.min() > 0 and numbers.max() / numbers.min() > DECADE:
        axes.set(**{f"{name}scale": "log"})
        axis = axes.xaxis if name == "x" else axes.yaxis
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter("{x:g}")
        axes.minorticks_off()
    else:
        axes.set(**{f"{name}lim": (0, above * float(numbers.max()) or 1.0)})
