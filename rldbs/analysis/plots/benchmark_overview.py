"""The picture of a benchmark: learners before the front of all classical controllers, one panel for each task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.response_curves import COLOURS, MARKERS
from rldbs.analysis.pooled_statistics import pareto_front
from rldbs.analysis.tradeoff import SUPPRESSION, Tradeoff
from rldbs.files.user_file import Target

COLUMNS = 4
"""Panels side by side, at most."""
LOWEST = 0.8
"""Where the S axes begin: free populations are at 1."""
NOTHING = "no controller that stimulates"
"""In a panel that could have no mark: what never kicks has no place on a logarithmic axis."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """What was measured on one task; quenched controllers are left out."""

    title: str
    sought: Tradeoff
    classical: Array
    """Every setting of every classical controller that was measured: (points, 2), aim and price."""
    learners: Mapping[str, Array]
    """By name: (2, 3), aim and price, each with the two ends of its interval."""


@own_style
def overview_picture(tasks: Sequence[Task], path: Target, title: str, subtitle: str = "") -> None:
    """Aim over price, logarithmic where neither may be 0; learners in colour, classical controllers as
    grey dots, their front a line. Where nobody stimulates, the panel says so.

    S has one scale for all its panels. 2.4 inches a panel, at most four in a row.

    Written as PDF where `path` ends in .pdf, else as PNG at 150 dpi.
    """
    columns = min(COLUMNS, len(tasks))
    rows = -(-len(tasks) // columns)
    width, height = max(7.0, 2.4 * columns + 0.5), 2.35 * rows + 1.35
    figure = drawing.page(width, height)
    drawing.heading(figure, title, subtitle)
    grid = figure.add_gridspec(
        rows, columns, left=0.62 / width, right=1 - 0.12 / width, top=1 - 0.95 / height, bottom=0.9 / height,
        hspace=0.5, wspace=0.16,
    )  # fmt: skip
    names = list(dict.fromkeys(name for task in tasks for name in task.learners))
    every = np.concatenate([[], *(s for task in tasks for s in _suppression(task))])
    highest = float(every[np.isfinite(every)].max()) if np.isfinite(every).any() else 10.0
    for k, task in enumerate(tasks):
        axes = figure.add_subplot(grid[k // columns, k % columns])
        other = task.sought is not SUPPRESSION  # it shares no axis with its neighbours, and says what its own are
        first = k % columns == 0
        drawing.plain(axes, "suppression S" if first and not other else "", 8.5)
        title = f"{task.title}: {EVERY_METRIC[task.sought.aim].label}, low is better" if other else task.title
        axes.set_title(title, loc="left", fontsize=9, color=drawing.INK, parse_math=False)
        _draw(axes, task, names)
        if not other:
            axes.set_ylim(LOWEST, 1.3 * highest)
        _ticks(axes)
        axes.tick_params(axis="y", labelleft=first or other)
        if other or k + columns >= len(tasks):
            unit = f" ({task.sought.kick_unit})" if task.sought.kick_unit else ""
            axes.set_xlabel(
                EVERY_METRIC[task.sought.price].label + unit, fontsize=8.5, color=drawing.INK, parse_math=False
            )
    figure.legend(
        handles=_entries(names), loc="lower center", ncols=len(names) + 2, frameon=False, fontsize=8.5,
        labelcolor=drawing.INK, handletextpad=0.4, columnspacing=1.4,
    )  # fmt: skip
    drawing.write(figure, path)


def _suppression(task: Task) -> list[Array]:
    if task.sought is not SUPPRESSION:
        return []
    return [task.classical[:, 0], *(numbers[0] for numbers in task.learners.values())]


def _draw(axes: Axes, task: Task, names: Sequence[str]) -> None:
    aim, price = task.classical.T
    linear = task.sought.linear
    shown = np.isfinite(aim) & np.isfinite(price) if linear else (aim > 0) & (price > 0)
    axes.scatter(price[shown], aim[shown], s=10, color=drawing.FAINT, alpha=0.55, linewidths=0)
    best = np.flatnonzero(pareto_front([*map(task.sought.gain, aim)], price) & shown)
    best = best[np.argsort(price[best])]
    axes.step(price[best], aim[best], where="post", color=drawing.FAINT, linewidth=1.1)
    for name, (aims, prices) in task.learners.items():
        colour, marker = COLOURS[names.index(name) % len(COLOURS)], MARKERS[names.index(name) % len(MARKERS)]
        axes.plot(prices[[1, 2]], aims[[0, 0]], color=colour, linewidth=1.0)
        axes.plot(prices[[0, 0]], aims[[1, 2]], color=colour, linewidth=1.0)
        axes.plot(prices[0], aims[0], color=colour, marker=marker, markersize=6, linestyle="none", zorder=3)
    placed = [bool(prices[0] > 0 and aims[0] > 0) for aims, prices in task.learners.values()]
    if not linear and (shown.any() or any(placed)):
        axes.set_xscale("log")
        axes.set_yscale("log")
    elif not linear:
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.text(0.5, 0.6, NOTHING, transform=axes.transAxes, fontsize=8.5, color=drawing.FAINT, ha="center")
    if best.size:  # what can be had for less can be had for more
        edge = axes.get_xlim()
        axes.hlines(aim[best[-1]], price[best[-1]], edge[1], color=drawing.FAINT, linewidth=1.1)
        axes.set_xlim(edge)
    axes.tick_params(which="minor", length=1.5, color=drawing.FAINT)
    axes.grid(axis="y", color=drawing.SHADE, linewidth=0.7)
    axes.set_axisbelow(True)


def _ticks(axes: Axes) -> None:
    """Few numbers at the axes: of logarithmic ones powers of ten, where there are several."""
    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        tens = axis.get_scale() == "log" and high > 10 * low
        axis.set_major_locator(LogLocator(numticks=4) if tens else MaxNLocator(2))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())


def _entries(names: Sequence[str]) -> list[Line2D]:
    """The legend: learners, then what all classical controllers share."""
    learners = [
        Line2D([], [], color=COLOURS[k % len(COLOURS)], marker=MARKERS[k % len(MARKERS)], linestyle="none", label=name)
        for k, name in enumerate(names)
    ]
    dot = Line2D([], [], color=drawing.FAINT, marker="o", markersize=3.5, linestyle="none", label="classical, tuned")
    return [*learners, dot, Line2D([], [], color=drawing.FAINT, linewidth=1.1, label="their front")]
