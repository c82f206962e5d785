"""Pictures of heat maps: S or R over two settings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator
from numpy.typing import NDArray

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.three_digits import three_digits
from rldbs.files.user_file import Target

CELL = 0.42
"""Height of a cell, in inches."""
ABOVE, BELOW, GAP = 1.0, 0.6, 0.95
MOST_WRITTEN = 12
"""Columns of a map whose cells have their number written in them."""
LONGEST = 24
"""Characters of a value beside an axis."""
DECADE = 10
"""A map that spans more has a logarithmic scale of colours."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Heat:
    """One map: what was reached, and whether it is quenched, (rows, columns)."""

    title: str
    row_key: str
    column_key: str
    row_values: Sequence[str]
    column_values: Sequence[str]
    reached: Array
    quenched: NDArray[np.bool_]
    label: str = "S"
    """What was reached."""


@own_style
def heat_picture(maps: Sequence[Heat], path: Target, title: str, subtitle: str = "") -> None:
    """The maps below each other, 8 inches wide; what is quenched is struck through, what is unknown is empty.

    Written as PDF where `path` ends in .pdf, else as PNG at 150 dpi.
    """
    heights = [max(CELL * len(one.row_values), 2 * CELL) for one in maps]
    height = ABOVE + BELOW + sum(heights) + GAP * (len(maps) - 1)
    figure = drawing.page(8.0, height)
    drawing.heading(figure, title, subtitle)
    top = height - ABOVE
    for one, tall in zip(maps, heights, strict=True):
        axes = figure.add_axes((0.2, (top - tall) / height, 0.66, tall / height))
        bar = figure.add_axes((0.885, (top - tall) / height, 0.018, tall / height))
        _draw(axes, bar, one)
        top -= tall + GAP
    drawing.write(figure, path)


def _draw(axes: Axes, bar: Axes, one: Heat) -> None:
    norm, colours = _norm(one.reached), colormaps["viridis"]
    image = axes.imshow(one.reached, cmap=colours, norm=norm, aspect="auto", interpolation="nearest")
    axes.set_title(one.title, loc="left", fontsize=9, color=drawing.INK, parse_math=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(colors=drawing.INK, labelsize=8, length=0)
    _ticks(axes, one)
    for (i, j), value in np.ndenumerate(one.reached):
        if not np.isfinite(value):
            continue
        if len(one.column_values) <= MOST_WRITTEN:
            ink = "white" if norm(value) < 0.6 else drawing.INK
            axes.text(j, i, three_digits(value), ha="center", va="center", fontsize=8, color=ink)
        if one.quenched[i, j]:
            axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, hatch="///", edgecolor="white", linewidth=0))
    axes.figure.colorbar(image, cax=bar)
    if isinstance(norm, LogNorm):
        bar.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        bar.yaxis.set_major_formatter("{x:g}")
        bar.minorticks_off()
    bar.tick_params(labelsize=7, colors=drawing.INK, length=2)
    bar.set_title(one.label, fontsize=8, color=drawing.INK)
    bar.spines[:].set_visible(False)


def _ticks(axes: Axes, one: Heat) -> None:
    """The values beside the axes: all where there is room, else some of them."""
    for axis, key, values, most in (
        (axes.xaxis, one.column_key, one.column_values, MOST_WRITTEN),
        (axes.yaxis, one.row_key, one.row_values, 40),
    ):
        shown = range(0, len(values), -(-len(values) // most))
        axis.set_ticks(list(shown), [_short(values[k]) for k in shown], parse_math=False)
        axis.set_label_text(key, fontsize=9, color=drawing.INK, parse_math=False)
    if len(one.column_values) > 1 and max(map(len, one.column_values)) * len(one.column_values) > 90:
        axes.tick_params(axis="x", labelrotation=30)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _norm(values: Array) -> Normalize:
    known = values[np.isfinite(values) & (values > 0)]
    if not known.size:
        return Normalize(0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    if high > DECADE * low:
        return LogNorm(low, high)
    return Normalize(low, high if high > low else low + 1.0)
