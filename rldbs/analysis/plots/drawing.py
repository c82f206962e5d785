"""What the pictures share: page, axes, curves that lose no spike, rasters.

Figures are drawn on Agg canvases of their own, never through pyplot, so nothing here touches a global state,
a GUI or another thread's figure.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.analysis.raster import crossings
from rldbs.files.user_file import Target, writable

DOTS_PER_INCH = 150
COLUMNS = 1400
"""Bins of a decimated curve, about one for each pixel that the axes are wide."""
GREYS = 12
"""Shades of the image of a raster: few, which halves the file and cannot be seen."""
LEFT, RIGHT = 0.09, 0.97
"""Where the axes of a page begin and end, as parts of its width."""
MOST_RIGHT = 0.99
"""Where the words above them end at the latest."""

# Two colours of M. Okabe and K. Ito (2008), told apart by all common forms of colour vision.
BLUE = "#0072B2"
VERMILLION = "#D55E00"
INK = "#222222"
FAINT = "#6B6B6B"
SHADE = "#ECECEC"
GHOST = "#DEDEDE"
"""A curve of the past, behind the one that is meant."""


def page(width: float, height: float) -> Figure:
    """An empty white figure of width by height inches."""
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def write(figure: Figure, path: Target) -> None:
    """Write a PDF where `path` ends in .pdf, else a PNG; without dates, so equal pictures are equal files."""
    target = writable(path)
    with target.whole() as file:
        if target.name.lower().endswith(".pdf"):
            figure.savefig(file, format="pdf", metadata={"CreationDate": None})
        else:
            figure.savefig(file, format="png", metadata={"Software": None})


NAMES = {"suppression": "suppression S", "order": "order parameter R"}
"""Of metrics whose label alone tells too little."""


def plain(axes: Axes, label: str, size: float = 9.0) -> None:
    """Leave only the left and the bottom line of the frame, name the y axis."""
    axes.spines[["top", "right"]].set_visible(False)
    for spine in axes.spines.values():
        spine.set(color=FAINT, linewidth=0.8)
    axes.tick_params(colors=INK, labelsize=size - 1, color=FAINT, width=0.8, length=3)
    axes.set_ylabel(label, fontsize=size, color=INK, parse_math=False)


def metric_name(key: str, kick_unit: str = "") -> str:
    """What an axis of a metric is called, with its unit; of a model whose kicks have one of their own, in that."""
    metric = EVERY_METRIC[key]
    name = NAMES.get(key, metric.label)
    if metric.unit.startswith("x"):
        power = metric.unit.removeprefix("x")
        own = f"({kick_unit}){power}" if power else kick_unit
        return f"{name} ({own})" if kick_unit else f"{name} (units of {metric.unit})"
    return name + (f" ({metric.unit})" if metric.unit else "")


def heading(figure: Figure, title: str, subtitle: str, line: str = "") -> None:
    """Title, subtitle and one line of numbers at the top left, as plain text; smaller where they would not fit."""
    height = figure.get_figheight()

    def put(inches: float, words: str, **look: Any) -> None:
        text = figure.text(LEFT, 1 - inches / height, words, parse_math=False, va="baseline", **look)
        room, wide = figure.bbox.width * (MOST_RIGHT - LEFT), text.get_window_extent().width
        if wide > room:
            text.set_fontsize(float(text.get_fontsize()) * room / wide)

    put(0.28, title, fontsize=12, fontweight="bold", color=INK)
    put(0.50, subtitle, fontsize=9, color=FAINT)
    put(0.76, line, fontsize=10, color=INK)


def extremes(y: NDArray[np.float64], columns: int = COLUMNS) -> NDArray[np.intp]:
    """Indices of the samples of y (T,) that a curve `columns` pixels wide needs, in their order.

    Of every bin the lowest and the highest sample: the curve through them covers the same pixels as the
    curve through all, and each spike keeps its true height.
    """
    if y.size <= 2 * columns:
        return np.arange(y.size)
    starts = np.linspace(0, y.size, columns + 1).astype(np.intp)
    width = int(np.diff(starts).max())
    # Bins differ by one sample in width; the last sample of a shorter one is looked at twice.
    index = np.minimum(starts[:-1, None] + np.arange(width), starts[1:, None] - 1)
    bins = y[index]
    ends = np.stack([bins.argmin(axis=1), bins.argmax(axis=1)], axis=1)
    chosen: NDArray[np.intp] = np.unique(np.take_along_axis(index, ends, axis=1))
    return chosen


def curve(
    axes: Axes,
    time: NDArray[np.float64],
    y: NDArray[np.float64],
    colour: str,
    width: float = 0.8,
    columns: int = COLUMNS,
) -> None:
    """Draw y (T,) over time (T,), decimated to its extremes."""
    kept = extremes(y, columns)
    axes.plot(time[kept], y[kept], color=colour, linewidth=width, solid_joinstyle="round")


def dots(
    axes: Axes, raster: NDArray[np.float32], first: int, stride: int, threshold: float, watched: NDArray[np.int64]
) -> None:
    """Draw every spike of `raster` (S, M) as a dot over thousands of steps, one line for each neuron.

    Row r of the raster is integration step (first + r) · stride; the numbers of the neurons are `watched` (M,).
    """
    rows, neurons = crossings(raster, threshold)
    axes.scatter((first + rows) * stride / 1000, watched[neurons], s=2.0, c=INK, linewidths=0, rasterized=True)
    axes.set_ylim(watched[0] - _apart(watched), watched[-1] + _apart(watched))


def _apart(watched: NDArray[np.int64]) -> float:
    """How far from each other the numbers of evenly spaced neurons are."""
    return float(watched[-1] - watched[0]) / max(len(watched) - 1, 1) or 1.0


def shades(axes: Axes, raster: NDArray[np.float32], end: float, watched: NDArray[np.int64]) -> None:
    """Draw x of `raster` (S, M) from time 0 to `end` as an image: a line a neuron, dark where x is high.

    The numbers of the neurons are `watched` (M,), evenly spaced.

    Averaged over the width of a pixel, so that a long recording shows no false pattern. Synchrony is seen as
    upright stripes, desynchronised neurons as a weave, silence as an even grey.
    """
    pixels = round(axes.get_window_extent().width)
    starts = np.unique(np.linspace(0, len(raster), pixels, endpoint=False).astype(np.intp))
    half = 0.5 * _apart(watched)
    image = np.add.reduceat(raster, starts) / np.diff(starts, append=len(raster))[:, None]
    low, high = np.percentile(image[np.isfinite(image)], (2, 98)) if np.isfinite(image).any() else (0.0, 1.0)
    axes.imshow(
        image.T,
        cmap=colormaps["Greys"].resampled(GREYS),
        vmin=low,
        vmax=high + 0.25 * (high - low),
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        extent=(0, end, watched[0] - half, watched[-1] + half),
    )


def padded(values: Sequence[float] | NDArray[np.float64], above: float = 0.06) -> tuple[float, float]:
    """Limits that hold all finite values with a margin, a larger one above when asked."""
    finite = np.asarray(values, np.float64)
    finite = finite[np.isfinite(finite)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    span = high - low or max(abs(high), 1e-6)
    return low - 0.06 * span, high + above * span
