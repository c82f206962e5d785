"""The picture of a search: what is sought against what it costs, one point for each trial."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator
from numpy.typing import NDArray

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.tradeoff import Tradeoff
from rldbs.files.user_file import Target

DECADE = 10.0
"""An axis whose numbers span more is logarithmic."""
LOWEST = 1e-5
"""Prices below this part of the largest one are on a linear stretch beside 0, those above it on a logarithmic one."""


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
    tried: Tried,
    sought: Tradeoff,
    most_kick: float,
    path: Target,
    title: str,
    subtitle: str = "",
    kick_unit: str = "",
) -> None:
    """Aim over price of all trials, the front, the limit, and what was measured again; 8 by 5.2 inches.

    Full points are within the limits, hollow ones are not. A trial that was chosen is joined to what it gave on unseen
    populations, a diamond with its 95 % interval. Prices that span more than a decade are on a logarithmic axis; where
    some are 0, or very small, it is linear beside 0. Kicks are in ``kick_unit``, or units of x where there is none.

    Written as PDF where `path` ends in .pdf, else as PNG at 150 dpi.
    """
    figure = drawing.page(8.0, 5.2)
    drawing.heading(figure, title, subtitle)
    axes = figure.add_axes((drawing.LEFT, 0.11, drawing.RIGHT - drawing.LEFT, 0.75))
    drawing.plain(axes, drawing.metric_name(sought.aim))
    axes.set_xlabel(drawing.metric_name(sought.price, kick_unit), fontsize=9, color=drawing.INK, parse_math=False)
    _points(axes, tried.price, tried)
    _unseen(axes, tried.price, tried)
    _across(axes, np.concatenate([tried.price, tried.unseen[:, 0]]))
    _scale(axes, "y", np.concatenate([tried.aim, tried.unseen[:, 3]]), 1.25)
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


def _across(axes: Axes, prices: NDArray[np.float64]) -> None:
    """The axis of prices: as any other, but with 0 and what is far below the largest one on a linear stretch."""
    finite = prices[np.isfinite(prices)]
    positive = finite[finite > 0]
    least, largest = float(positive.min(initial=np.inf)), float(positive.max(initial=0.0))
    if (positive.size == finite.size and least >= LOWEST * largest) or largest <= DECADE * least:
        _scale(axes, "x", finite, 1.6)
        return
    edge = max(least, LOWEST * largest)
    axes.set_xscale("symlog", linthresh=edge, subs=None)
    axes.set_xlim(-0.1 * edge, 2.0 * largest)
    axes.xaxis.set_major_locator(FixedLocator([0.0, *_tens(edge, 2.0 * largest)]))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())


def _tens(low: float, high: float) -> NDArray[np.float64]:
    """The powers of ten between two numbers, their ends included."""
    return np.asarray(10.0 ** np.arange(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1))


def _scale(axes: Axes, name: str, numbers: NDArray[np.float64], above: float) -> None:
    """A logarithmic axis where the finite numbers span more than a decade, else one from 0."""
    numbers = numbers[np.isfinite(numbers)]
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
