"""Stress tests as small multiples: what is sought of every controller against each stress, activity below it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpecFromSubplotSpec
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

from rldbs.analysis.metric_definitions import QUENCHED_ACTIVITY
from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.response_curves import APART, COLOURS, MARKERS, Curve
from rldbs.files.user_file import Target

ONE_ROW = 3
"""As many panels stand side by side; more have two rows."""
BAND = 0.2
"""Opacity of the bands."""


@dataclass(frozen=True)
class Panel:
    """What was measured under one stress."""

    title: str
    axis: str
    values: Sequence[int | float | str]
    curves: Sequence[Curve]


@own_style
def panels_picture(
    panels: Sequence[Panel], path: Target, title: str, subtitle: str = "", sought: str = "suppression"
) -> None:
    """What is ``sought``, a metric, over the values of every stress with its 95 % band, a colour for each controller;
    activity in a strip below.

    The values stand at equal distances. S has one logarithmic scale for all panels, another metric a linear one. A
    quenched point is hollow, a cross at the bottom says that a population went out of bounds, dashed is S of the same
    neurons without coupling.

    Written as PDF where `path` ends in .pdf, else as PNG at 150 dpi.
    """
    columns = len(panels) if len(panels) <= ONE_ROW else -(-len(panels) // 2)
    rows = -(-len(panels) // columns)
    order = list(dict.fromkeys(curve.label for panel in panels for curve in panel.curves))
    numbers = {label: k for k, label in enumerate(order)}
    entries = _legend_entries(panels, order)
    lines = -(-len(entries) // _legend_columns(entries, columns))
    width, above, below = max(3.0 * columns + 0.6, 7.0), 0.95, 0.62 + 0.2 * lines
    height = 2.9 * rows + above + below
    figure = drawing.page(width, height)
    _heading(figure, title, subtitle)
    grid = figure.add_gridspec(
        rows, columns, left=0.62 / width, right=1 - 0.15 / width, top=1 - above / height, bottom=below / height,
        hspace=0.42, wspace=0.22,
    )  # fmt: skip
    limits = _limits(panels) if sought == "suppression" else _linear_limits(panels)
    for k, panel in enumerate(panels):
        cell = GridSpecFromSubplotSpec(2, 1, grid[k // columns, k % columns], height_ratios=(3.2, 1), hspace=0.12)
        s, activity = figure.add_subplot(cell[0]), figure.add_subplot(cell[1])
        _draw_panel(s, activity, panel, numbers, limits, sought, named=k % columns == 0)
    figure.legend(
        handles=entries, loc="lower left", bbox_to_anchor=(0.5 / width, 0.02), ncols=_legend_columns(entries, columns),
        frameon=False, fontsize=8.5, labelcolor=drawing.INK,
    )  # fmt: skip
    drawing.write(figure, path)


def _heading(figure: Figure, title: str, subtitle: str) -> None:
    width, height = figure.get_size_inches()
    look: dict[str, Any] = {"parse_math": False, "va": "baseline"}
    figure.text(0.2 / width, 1 - 0.28 / height, title, fontsize=12, fontweight="bold", color=drawing.INK, **look)
    figure.text(0.2 / width, 1 - 0.48 / height, subtitle, fontsize=9, color=drawing.FAINT, **look)


def _draw_panel(
    above: Axes,
    below: Axes,
    panel: Panel,
    numbers: Mapping[str, int],
    limits: tuple[float, float],
    sought: str,
    named: bool,
) -> None:
    """One stress: what is sought, and the activity in a strip below; ``named`` where the y axes have names."""
    drawing.plain(above, drawing.metric_name(sought) if named else "", 8.5)
    drawing.plain(below, "activity" if named else "", 8.5)
    above.set_title(panel.title, loc="left", fontsize=9.5, fontweight="bold", color=drawing.INK, parse_math=False)
    where = np.arange(len(panel.values), dtype=np.float64)
    categories = any(isinstance(value, str) for value in panel.values)
    if sought == "suppression":
        above.set_yscale("log")
        above.yaxis.set_major_locator(LogLocator(numticks=8))
        above.yaxis.set_major_formatter("{x:g}")
        above.yaxis.set_minor_formatter(NullFormatter())
        above.axhline(1.0, color=drawing.GHOST, linewidth=0.8, zorder=0)
    above.set_ylim(*limits)
    for k, curve in enumerate(panel.curves):
        at = where + (APART * (k - (len(panel.curves) - 1) / 2) if categories else 0.0)
        _draw_curve(above, at, curve.aim, curve, numbers[curve.label], categories)
        _draw_curve(below, at, curve.activity, curve, numbers[curve.label], categories)
        if curve.diverged is not None:
            look: dict[str, Any] = {"transform": above.get_xaxis_transform(), "clip_on": False, "linestyle": "none"}
            lost = at[curve.diverged]
            above.plot(
                lost, np.zeros(lost.size), "x", color=_colour(numbers[curve.label]), markersize=6, zorder=4, **look
            )
    for floor in _floors(panel.curves):
        above.plot(where, floor, color=drawing.FAINT, linewidth=1.1, linestyle=(0, (4, 3)))
    below.axhline(QUENCHED_ACTIVITY, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (1, 2)))
    below.set_ylim(0, max([1.1, *(1.05 * np.nanmax([0.0, *curve.activity[:, 0]]) for curve in panel.curves)]))
    for axes in (above, below):
        axes.set_xlim(-0.35, len(where) - 0.65)
        axes.set_xticks(where)
    above.tick_params(labelbottom=False)
    below.set_xticklabels([_text(value) for value in panel.values], parse_math=False)
    below.set_xlabel(panel.axis, fontsize=8.5, color=drawing.INK, parse_math=False)


def _draw_curve(
    axes: Axes, where: NDArray[np.float64], numbers: NDArray[np.float64], curve: Curve, k: int, categories: bool
) -> None:
    """A curve with its band through its points, which are hollow where they are quenched."""
    colour, marker = _colour(k), MARKERS[k % len(MARKERS)]
    if categories:
        axes.vlines(where, numbers[:, 1], numbers[:, 2], color=colour, linewidth=1.1)
    else:
        axes.fill_between(where, numbers[:, 1], numbers[:, 2], color=colour, alpha=BAND, linewidth=0)
    axes.plot(where, numbers[:, 0], color=colour, linewidth=1.2)
    quenched = curve.activity[:, 0] < QUENCHED_ACTIVITY
    for points, face in ((~quenched, colour), (quenched, "white")):
        look: dict[str, Any] = {"color": colour, "markerfacecolor": face, "markersize": 4.2, "linestyle": "none"}
        axes.plot(where[points], numbers[points, 0], marker, zorder=3, **look)


def _colour(k: int) -> str:
    return COLOURS[k % len(COLOURS)]


def _text(value: int | float | str) -> str:
    return value if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _floors(curves: Sequence[Curve]) -> list[NDArray[np.float64]]:
    """Every floor once: curves on the same populations have the same."""
    different: list[NDArray[np.float64]] = []
    for curve in curves:
        if curve.floor is not None and not any(np.array_equal(curve.floor, f, equal_nan=True) for f in different):
            different.append(curve.floor)
    return different


def _limits(panels: Sequence[Panel]) -> tuple[float, float]:
    """The scale of S that holds all panels, from below 1."""
    parts = [curve.aim.ravel() for panel in panels for curve in panel.curves]
    parts += [floor for panel in panels for floor in _floors(panel.curves)]
    values = np.concatenate(parts)
    values = values[np.isfinite(values) & (values > 0)]
    return min(0.8, 0.8 * float(values.min(initial=1.0))), max(3.0, 1.4 * float(values.max(initial=1.0)))


def _linear_limits(panels: Sequence[Panel]) -> tuple[float, float]:
    """The same of what may be 0."""
    values = np.concatenate([curve.aim.ravel() for panel in panels for curve in panel.curves])
    highest = float(values[np.isfinite(values)].max(initial=0.0))
    return 0.0, 1.1 * highest if highest > 0.0 else 1.0


def _legend_entries(panels: Sequence[Panel], order: Sequence[str]) -> list[Any]:
    """What the legend shows: the controllers, and the marks that there are."""
    curves = [curve for panel in panels for curve in panel.curves]
    look: dict[str, Any] = {"linewidth": 1.2, "markersize": 4.8}
    entries = [
        Line2D([], [], color=_colour(k), marker=MARKERS[k % len(MARKERS)], label=label.replace("$", r"\$"), **look)
        for k, label in enumerate(order)
    ]
    if any(curve.floor is not None for curve in curves):
        entries.append(Line2D([], [], color=drawing.FAINT, linestyle=(0, (4, 3)), label="uncoupled neurons", **look))
    plain: dict[str, Any] = {"linestyle": "none", "markersize": 4.8, "color": drawing.INK}
    if any((curve.activity[:, 0] < QUENCHED_ACTIVITY).any() for curve in curves):
        entries.append(Line2D([], [], marker="o", markerfacecolor="white", label="quenched", **plain))
    if any(curve.diverged is not None and curve.diverged.any() for curve in curves):
        entries.append(Line2D([], [], marker="x", label="diverged", **plain))
    return entries


def _legend_columns(entries: Sequence[Any], columns: int) -> int:
    """Entries side by side: as many as fit, about 0.07 inches a letter."""
    widest = 0.6 + 0.07 * max(len(entry.get_label()) for entry in entries)
    return max(1, min(len(entries), int(max(3.0 * columns, 6.0) / widest)))
