"""The picture of an identified model: its poles, and what its regulators promise beside what they keep."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.response_curves import COLOURS
from rldbs.files.user_file import Target

LEGEND: dict[str, Any] = {"fontsize": 8.0, "loc": "upper left", "frameon": False}
"""Below a panel, where it hides nothing."""
PROMISED = ("promised_mean_abs_kick", "promised_suppression")


@own_style
def model_picture(content: Mapping[str, Any], path: Target, title: str, subtitle: str = "") -> None:
    """Poles in the plane of complex numbers; S over mean |kick|, promised and measured, price by price.

    Of oscillators, of which R is sought, R as it was measured stands below S: a model promises std X only.

    Args:
        content: what model.json holds.
        path: of the picture, 8 inches wide; PDF where it ends in .pdf, else PNG.
        title: its heading …
        subtitle: … and the line below it.
    """
    figure = drawing.page(8.0, 4.4)
    _poles(figure.add_axes((0.08, 0.3, 0.36, 0.54)), np.array(content["poles"], np.float64).reshape(-1, 2))
    ordered = any("order" in row for row in content["prices"])
    right = figure.add_axes((0.56, 0.6, 0.42, 0.24) if ordered else (0.56, 0.3, 0.42, 0.54))
    _prices(right, content["prices"], PROMISED, "suppression", "suppression S")
    last = right
    if ordered:
        last = figure.add_axes((0.56, 0.3, 0.42, 0.24), sharex=right)
        _prices(last, content["prices"], None, "order", "order parameter R")
        right.tick_params(labelbottom=False)
        figure.align_ylabels([right, last])
    last.set_xlabel(f"mean |kick| ({content['kick_unit'] or 'units of x'})", fontsize=9.0)
    last.legend(*right.get_legend_handles_labels(), bbox_to_anchor=(-0.02, -0.45 if ordered else -0.2), **LEGEND)
    drawing.heading(figure, title, subtitle)
    drawing.write(figure, path)


def _poles(axes: Axes, poles: Any) -> None:
    angle = np.linspace(0.0, 2.0 * np.pi, 361)
    axes.plot(np.cos(angle), np.sin(angle), color="0.6", linewidth=0.8)
    outside = np.hypot(*poles.T) > 1.0
    axes.plot(*poles[~outside].T, "x", color=COLOURS[0], markersize=4, label="poles")
    axes.plot(*poles[outside].T, "x", color=COLOURS[1], markersize=6, label=f"{int(outside.sum())} outside: they grow")
    axes.set_aspect("equal")
    axes.set_xlabel("poles: real part", fontsize=9.0)
    drawing.plain(axes, "imaginary part")
    axes.legend(bbox_to_anchor=(-0.02, -0.2), **LEGEND)


def _prices(
    axes: Axes, prices: list[Mapping[str, Any]], promised: tuple[str, str] | None, aim: str, words: str
) -> None:
    """A metric over mean |kick|: as promised, where it is, and as measured; the price that acts in colour."""
    kinds = [] if promised is None else [(promised, "o--", "promised by the model")]
    for keys, style, label in [*kinds, (("mean_abs_kick", aim), "o-", "measured")]:
        points = np.array([[row[key] for key in keys] for row in prices if all(row[key] for key in keys)], np.float64)
        colour = COLOURS[0] if label == "measured" else "0.6"
        if len(points):
            axes.plot(*points.T, style, color=colour, markersize=4, linewidth=1.0, label=label)
    chosen = next((row for row in prices if row["chosen"] and row["mean_abs_kick"]), None)
    if chosen is not None:
        place = chosen["mean_abs_kick"], chosen[aim]
        axes.plot(*place, "o", color=COLOURS[1], markersize=7, label=f"the one that acts: price {chosen['price']:g}")
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("log")
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
    drawing.plain(axes, words)
