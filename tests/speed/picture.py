"""The race as a picture."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes

from rldbs.analysis.plots import drawing
from rldbs.core import native
from rldbs.core.models import MODELS
from tests.speed.race import NEURONS, Result
from tests.speed.report import contenders, label, microseconds

PEER = "#B9B9B9"
ROW, ABOVE, BELOW = 0.34, 1.02, 0.5
"""Inches of a bar, of what is above the bars, of what is below."""


def picture(results: Mapping[str, Result], path: Path, where: str) -> None:
    """A bar for each contender, a panel for each model, on a logarithmic scale; ours in colour."""
    names = contenders()
    height = ABOVE + ROW * len(names) + BELOW
    figure = drawing.page(9.0, height)
    drawing.heading(figure, f"Time of one RK4 step of {NEURONS} coupled neurons", f"one core of {where}")
    panels = figure.subplots(1, len(results), sharey=True, sharex=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.185, right=drawing.RIGHT, top=1 - ABOVE / height, bottom=BELOW / height, wspace=0.08)
    for axes, (model, result) in zip(panels, results.items(), strict=True):
        _bars(axes, {name: microseconds(result, name) for name in names})
        title = MODELS[model].title.partition(",")[0]
        axes.set_title(title, fontsize=9.5, color=drawing.INK, loc="left", pad=5, parse_math=False)
    longest = max(microseconds(result, name) for result in results.values() for name in names)
    panels[0].set_xlim(1, 1.9 * longest)
    panels[0].set_yticks(range(len(names)), [label(name) for name in names])
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    drawing.write(figure, path)


def _bars(axes: Axes, times: Mapping[str, float]) -> None:
    drawing.plain(axes, "", size=10)
    axes.spines["left"].set_visible(False)
    axes.set_xscale("log")
    for place, (name, t) in enumerate(times.items()):
        own = name in native.SUPPORTED
        axes.barh(place, t - 1, left=1, height=0.66, color=drawing.BLUE if own else PEER, zorder=2)
        words = f"{t:.0f}" if t >= 20 else f"{t:.1f}"
        weight = "bold" if own else "normal"
        axes.text(t * 1.07, place, words, va="center_baseline", fontsize=9, fontweight=weight, color=drawing.INK)
    axes.set_xticks([1, 10, 100], ["1", "10", "100"])
    axes.tick_params(axis="x", which="minor", length=0)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=drawing.SHADE, linewidth=0.8, zorder=0)
    axes.set_xlabel("microseconds, logarithmic", fontsize=9, color=drawing.FAINT)
