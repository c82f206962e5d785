"""The picture of an identified model: its poles, and what its regulators promise beside what they keep."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.response_curves import COLOURS
from rldbs.files.user_file import Target


@own_style
def model_picture(content: Mapping[str, Any], path: Target, title: str, subtitle: str = "") -> None:
    """Poles in the plane of complex numbers; S over mean |kick|, promised and measured, price by price.

    Args:
        content: what model.json holds.
        path: of the picture, 8 inches wide; PDF where it ends in .pdf, else PNG.
        title: its heading …
        subtitle: … and the line below it.
    """
    figure = drawing.page(8.0, 4.4)
    left, right = figure.add_axes((0.08, 0.3, 0.36, 0.54)), figure.add_axes((0.56, 0.3, 0.42, 0.54))
    _poles(left, np.array(content["poles"], np.float64).reshape(-1, 2))
    _prices(right, content["prices"], content["kick_unit"] or "units of x")
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
    axes.legend(fontsize=8.0, loc="upper left", bbox_to_anchor=(-0.02, -0.2), frameon=False)


def _prices(axes: Axes, prices: list[Mapping[str, Any]], unit: str) -> None:
    for keys, style, label in (
        (("promised_mean_abs_kick", "promised_suppression"), "o--", "promised by the model"),
        (("mean_abs_kick", "suppression"), "o-", "measured"),
    ):
        points = np.array([[row[key] for key in keys] for row in prices if all(row[key] for key in keys)], np.float64)
        colour = COLOURS[0] if label == "measured" else "0.6"
        if len(points):
            axes.plot(*points.T, style, color=colour, markersize=4, linewidth=1.0, label=label)
    chosen = next((row for row in prices if row["chosen"] and row["mean_abs_kick"]), None)
    if chosen is not None:
        place = chosen["mean_abs_kick"], chosen["suppression"]
        axes.plot(*place, "o", color=COLOURS[1], markersize=7, label=f"the one that acts: price {chosen['price']:g}")
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("log")
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"mean |kick| ({unit})", fontsize=9.0)
    drawing.plain(axes, "suppression S")
    axes.legend(fontsize=8.0, loc="upper left", bbox_to_anchor=(-0.02, -0.2), frameon=False)
