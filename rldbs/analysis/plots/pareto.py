"""Pictures of a comparison: what is sought, S or R, against stimulation, and how it was learned."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator
from numpy.typing import NDArray

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.response_curves import COLOURS, DECADE, MARKERS
from rldbs.analysis.pooled_statistics import pareto_front
from rldbs.analysis.tradeoff import SUPPRESSION, Tradeoff
from rldbs.files.user_file import Target

PANEL_WIDTH, PANEL_HEIGHT = 8.0, 3.3
"""Inches, with the names beside it."""
LEGEND_LINES = 14
"""Names beside a panel; more make it taller."""
LETTERS, LEGEND_LETTERS = 90, 34
"""Of a line of a title, and of a name; longer ones are broken."""
TITLE_LINES = 6
"""Of a title at most."""
TITLE_LINE = 0.16
"""Inches that each further one makes a panel taller."""
ONE_COLUMN = 6
"""Panels one below the other; of more there are several side by side, so that the page is about square."""
NARROWEST = 5.0
CROWDED = 500.0
"""A logarithmic axis that spans more has ticks at powers of ten only."""
THOUSANDS = 1000

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mark:
    """One controller; an estimate is an array (3,): interquartile mean, and the two ends of its 95 % interval."""

    label: str
    aim: Array
    kick: Array
    quenched: bool
    learning: Mapping[str, Array]
    """By ``steps`` and by ``time`` (in seconds): (points, 4), where, and the aim there; empty if not learned."""
    compromises: Array
    """Other settings of the same controller that a search has measured: (points, 2), aim and mean |kick|."""


@dataclass(frozen=True)
class Panel:
    """Controllers on one task."""

    title: str
    marks: Sequence[Mark]
    sought: Tradeoff = SUPPRESSION


@own_style
def pareto_picture(panels: Sequence[Panel], path: Target, title: str, subtitle: str = "") -> None:
    """S, of oscillators R, over mean |kick|, or whatever else is sought over its price, a panel for every task.

    One mark a controller, bars for its intervals, small dots for the compromises that a search has found beside it,
    the Pareto front of all as a line. A quenched one is hollow and on no front. One that gives no kick is a dotted
    line: it has no place on a logarithmic axis.

    Panels are 8 inches wide; more than six stand in several columns.

    Written as PDF where `path` ends in .pdf, else as PNG at 150 dpi.
    """
    figure, places = _page(panels, title, subtitle)
    looks = _looks(panels)
    for (left, bottom, width, height), panel in zip(places, panels, strict=True):
        axes = figure.add_axes((left, bottom, 0.62 * width, height))
        drawing.plain(axes, drawing.metric_name(panel.sought.aim))
        _title(axes, panel)
        axes.set_xlabel(panel.sought.told, fontsize=9, color=drawing.INK)
        if any(mark.kick[0] > 0 for mark in panel.marks) and not panel.sought.linear:
            axes.set_xscale("log")
        if panel.sought.limit is not None:
            axes.axhline(panel.sought.limit, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (1, 2)))
        for mark in panel.marks:
            _draw(axes, mark, looks[mark.label])
        _front(axes, panel)
        _scaled(axes, [mark.aim[0] for mark in panel.marks if mark.kick[0] > 0])
        _widen(axes)
        _legend(axes)
    drawing.write(figure, path)


@own_style
def learning_picture(panels: Sequence[Panel], path: Target, title: str, subtitle: str = "") -> None:
    """S or R of the checkpoints over environment steps and over time of training, two panels for every task, 8 inches
    wide together.

    The band is the 95 % interval over seeds. Controllers that have not been trained are dashed lines.

    Written as PDF where `path` ends in .pdf, else as PNG at 150 dpi.
    """
    panels = [panel for panel in panels if any(mark.learning for mark in panel.marks)]
    figure, places = _page(panels, title, subtitle)
    looks = _looks(panels)
    for (left, bottom, width, height), panel in zip(places, panels, strict=True):
        for k, (axis, words) in enumerate((("steps", "environment steps (thousands)"), ("time", "training time (s)"))):
            axes = figure.add_axes((left + 0.33 * k * width, bottom, 0.29 * width, height))
            drawing.plain(axes, drawing.metric_name(panel.sought.aim) if k == 0 else "")
            axes.set_xlabel(words, fontsize=9, color=drawing.INK)
            axes.xaxis.set_major_locator(MaxNLocator(4))
            _learned(axes, panel, axis, looks)
            _from_zero(axes)
            if k == 0:
                _title(axes, panel)
            else:
                axes.tick_params(labelleft=False)
                axes.set_ylim(figure.axes[-2].get_ylim())
        _legend(axes)
    drawing.write(figure, path)


def _page(panels: Sequence[Panel], title: str, subtitle: str) -> tuple[Figure, list[tuple[float, float, float, float]]]:
    """The page, and of every panel on it left and bottom of its axes, its own width, and the height of its axes."""
    count = len(panels)
    columns = 1 if count <= ONE_COLUMN else math.ceil(math.sqrt(count * PANEL_HEIGHT / PANEL_WIDTH))
    rows = [range(begin, min(begin + columns, count)) for begin in range(0, count, columns)]
    lines = [max(len(_lines(panels[k].title)) for k in row) for row in rows]
    names = [max(sum(_name(mark).count("\n") + 1 for mark in panels[k].marks) for k in row) for row in rows]
    heads = 0.35 + TITLE_LINE * (np.array(lines) - 1)
    heights = PANEL_HEIGHT * np.maximum(1.0, np.array(names) / LEGEND_LINES) + heads - 0.35
    wide, total = PANEL_WIDTH * columns, 0.7 + float(heights.sum())
    figure = drawing.page(wide, total)
    drawing.heading(figure, title, subtitle)
    tops = total - 0.7 - np.cumsum(heights) + heights
    places = [
        (
            (PANEL_WIDTH * k + drawing.LEFT * PANEL_WIDTH) / wide,
            float(top - height + 0.55) / total,
            PANEL_WIDTH / wide,
            float(height - head - 0.55) / total,
        )
        for row, top, height, head in zip(rows, tops, heights, heads, strict=True)
        for k in range(len(row))
    ]
    return figure, places


def _title(axes: Axes, panel: Panel) -> None:
    """Above a panel and the names beside it."""
    words = "\n".join(_lines(panel.title))
    axes.set_title(words, loc="left", fontsize=9, color=drawing.INK, parse_math=False)


def _lines(title: str) -> list[str]:
    return textwrap.wrap(title, LETTERS, max_lines=TITLE_LINES, placeholder=" …", break_on_hyphens=False) or [""]


def _looks(panels: Sequence[Panel]) -> dict[str, dict[str, Any]]:
    """A colour and a shape for every label, the same in all panels."""
    labels = dict.fromkeys(mark.label for panel in panels for mark in panel.marks)
    return {
        label: {"color": COLOURS[k % len(COLOURS)], "marker": MARKERS[(k + k // len(COLOURS)) % len(MARKERS)]}
        for k, label in enumerate(labels)
    }


def _draw(axes: Axes, mark: Mark, look: Mapping[str, Any]) -> None:
    label = _plain(_name(mark))
    s, kick = mark.aim, mark.kick
    if kick[0] == 0:
        axes.axhline(s[0], color=look["color"], linewidth=1.2, linestyle=(0, (1, 2)), label=label)
        return
    axes.plot(kick[[1, 2]], s[[0, 0]], color=look["color"], linewidth=1.0)
    axes.plot(kick[[0, 0]], s[[1, 2]], color=look["color"], linewidth=1.0)
    others, at = mark.compromises[:, 0], mark.compromises[:, 1]
    axes.scatter(at[at > 0], others[at > 0], s=9, color=look["color"], alpha=0.6, linewidths=0)
    face = "white" if mark.quenched else look["color"]
    axes.plot(kick[0], s[0], markersize=6, markerfacecolor=face, linestyle="none", zorder=3, label=label, **look)


def _front(axes: Axes, panel: Panel) -> None:
    """The line through all that no other point beats."""
    alive = [(mark.aim[0], mark.kick[0]) for mark in panel.marks if not mark.quenched]
    points = np.concatenate([np.array(alive).reshape(-1, 2), *(mark.compromises for mark in panel.marks)])
    gain = [panel.sought.gain(aim) for aim in points[:, 0]]
    s, kick = points[pareto_front(gain, points[:, 1]) & (points[:, 1] > 0)].T
    if s.size > 1:
        order = np.argsort(kick)
        axes.plot(kick[order], s[order], color=drawing.FAINT, linewidth=1.0, zorder=1, label="Pareto front")


def _learned(axes: Axes, panel: Panel, axis: str, looks: Mapping[str, Mapping[str, Any]]) -> None:
    for mark in panel.marks:
        colour, label = looks[mark.label]["color"], _plain(_broken(mark.label))
        if mark.learning:
            where, middle, low, high = mark.learning[axis].T
            where = where / THOUSANDS if axis == "steps" else where
            axes.fill_between(where, low, high, color=colour, alpha=0.18, linewidth=0)
            axes.plot(where, middle, color=colour, linewidth=1.2)
            axes.plot(where[-1], middle[-1], markersize=5, linewidth=1.2, label=label, **looks[mark.label])
        elif np.isfinite(mark.aim[0]):
            axes.axhline(mark.aim[0], color=colour, linewidth=1.1, linestyle=(0, (4, 3)), label=label)


def _scaled(axes: Axes, values: Sequence[float]) -> None:
    """A logarithmic axis of the aim where the values span more than a decade, else one from zero."""
    finite = [value for value in values if np.isfinite(value)]
    if finite and min(finite) > 0 and max(finite) / min(finite) > DECADE:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
    else:
        _from_zero(axes)
    if axes.get_xscale() == "log":
        low, high = axes.get_xlim()
        subs = (1.0, 2.0, 5.0) if high / low < CROWDED else (1.0,)
        axes.xaxis.set_major_locator(LogLocator(subs=subs))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)


def _from_zero(axes: Axes) -> None:
    """Let a linear axis begin at zero, with room above for the highest mark: where all are alike, it has none."""
    axes.set_ylim(0, 1.06 * max(axes.get_ylim()[1], axes.dataLim.y1))


def _widen(axes: Axes) -> None:
    """Let a logarithmic axis span at least a factor of `NARROWEST`, or one point would look like many."""
    low, high = axes.get_xlim()
    if axes.get_xscale() == "log" and high / low < NARROWEST:
        middle, half = np.sqrt(low * high), np.sqrt(NARROWEST)
        axes.set_xlim(middle / half, middle * half)


def _legend(axes: Axes) -> None:
    axes.legend(
        frameon=False,
        fontsize=8,
        labelcolor=drawing.INK,
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        borderaxespad=0,
        handlelength=1.2,
    )


def _name(mark: Mark) -> str:
    """What a mark is called, and what is to be known of it."""
    told = (" (quenched)" if mark.quenched else "") + (" (no kick)" if mark.kick[0] == 0 else "")
    return _broken(mark.label + told)


def _broken(label: str) -> str:
    """A name in lines that fit beside a panel."""
    return "\n".join(textwrap.wrap(label, LEGEND_LETTERS, break_on_hyphens=False)) or label


def _plain(label: str) -> str:
    return label.replace("$", r"\$")
