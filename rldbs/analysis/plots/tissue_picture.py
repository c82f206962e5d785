"""A picture of tissue: where neurons, contacts and sites are, and how many neurons a contact reaches how much."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator
from numpy.typing import ArrayLike, NDArray

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.tissue_view import (
    View,
    aside,
    contact_places,
    dots,
    electrode_colours,
    electrodes,
    fogged,
    neuron_places,
    numbered,
    places_of,
    stage,
    widths,
)
from rldbs.files.user_file import Target

Floats = NDArray[np.float64]

MOST_ROWS = 8
"""Contacts that have a panel each, and a colour; more share one panel."""
FAINTEST, SMALLEST, LARGEST = 0.35, 0.2, 1.5
"""Part of its colour, and of its width, that a neuron has which no contact reaches; and of the width, at most."""

ALIKE = 1e-9
"""Neurons that are reached as much as each other differ by less than this part of the most."""


@own_style
def tissue_picture(
    positions: ArrayLike | None,
    conductance: ArrayLike,
    path: Target,
    title: str,
    subtitle: str = "",
    *,
    contacts: ArrayLike | None = None,
    sites: ArrayLike | None = None,
) -> None:
    """Tissue in perspective, and for each contact how many neurons get how much of it; 9 by 5.4 inches.

    A neuron has the colour of the contact that reaches it most; it is the larger and the stronger in colour, the more
    all contacts together reach it.

    Args:
        positions: (neurons, 3), in mm.
        conductance: G, (contacts, neurons): how much of a contact reaches each neuron; its sign does not count.
        path: where to write: PDF where it ends in .pdf, else PNG at 150 dpi.
        title: at the top, bold.
        subtitle: at the top, small.
        contacts: where they are, (contacts, 3), in mm; None where they are nowhere in particular.
        sites: where is recorded, (sites, 3), in mm.

    Raises:
        ValueError: the neurons have no places, or the arrays do not belong together.
    """
    where, recorded = neuron_places(positions), places_of("sites", sites)
    reached = np.abs(np.asarray(conductance, np.float64))
    if reached.ndim != 2 or reached.shape[1] != len(where) or not len(reached) or not np.isfinite(reached).all():
        raise ValueError(f"conductance must be finite and (contacts, {len(where)}), got shape {reached.shape}")
    at = contact_places(contacts, "conductance", len(reached))
    figure = drawing.page(9.0, 5.4)
    drawing.heading(figure, title, subtitle)
    view = View.of(where, at, recorded)
    axes = figure.add_axes((0.015, 0.075, 0.575, 0.82))
    stage(axes, view, places_of("positions", positions), where, at, recorded)
    _neurons(axes, view, where, reached)
    electrodes(axes, view, at, recorded, electrode_colours(len(reached)), aside(axes, view, where))
    _legend(figure, reached, len(at), len(recorded))
    _amounts(figure, reached)
    drawing.write(figure, path)


def _neurons(axes: Axes, view: View, where: Floats, reached: Floats) -> None:
    seen, whole = view.seen(where), reached.sum(axis=0)
    share = whole / (whole.max() or 1.0)
    colours = np.array([to_rgb(colour) for colour in electrode_colours(len(reached))])[reached.argmax(axis=0)]
    colours = 1.0 - (FAINTEST + (1.0 - FAINTEST) * share)[:, None] * (1.0 - colours)
    wide = widths(axes, view, where) * (SMALLEST + (LARGEST - SMALLEST) * share)
    order = np.argsort(seen[:, 2], kind="stable")
    dots(axes, seen[order], wide[order], fogged(colours, seen[:, 2])[order])


def _legend(figure: Figure, reached: Floats, marked: int, sites: int) -> None:
    """What the marks are, below the tissue."""
    contacts, whole = len(reached), reached.sum(axis=0)
    marks: list[tuple[str, dict[str, Any]]] = []
    if contacts > 1 and contacts <= MOST_ROWS:
        words = "neuron, in the colour of its strongest contact"
    elif np.ptp(whole) > ALIKE * whole.max():
        words = "neuron, large where much reaches it"
    else:
        words = "neuron; all are reached alike"
    colour = electrode_colours(contacts)[0]
    marks.append((words, {"marker": "o", "markersize": 4, "color": colour}))
    if marked:
        marks.append(("contact", {"marker": "o", "markersize": 8, "color": colour}))
    if sites:
        face = {"markerfacecolor": "white", "markeredgecolor": drawing.INK}
        marks.append(("recording site", {"marker": "D", "markersize": 6, "color": drawing.INK, **face}))
    handles = [Line2D([], [], linestyle="none", label=label, **look) for label, look in marks]
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.075, 0.01), ncols=3, frameon=False, fontsize=8,
        labelcolor=drawing.INK, handletextpad=0.3, columnspacing=1.4, borderaxespad=0,
    )  # fmt: skip


def _amounts(figure: Figure, reached: Floats) -> None:
    """For each contact, how many neurons get at least so much of it."""
    count, neurons = reached.shape
    rows = count if count <= MOST_ROWS else 1
    grid = figure.add_gridspec(rows, left=0.68, right=drawing.RIGHT, top=0.835, bottom=0.105, hspace=0.22)
    colours = electrode_colours(count)
    largest = float(reached.max()) or 1.0
    panels = [figure.add_subplot(grid[k]) for k in range(rows)]
    for k, one in enumerate(reached):
        axes = panels[k % rows]
        level = np.sort(one)
        left = neurons - np.arange(neurons)
        across, up = np.concatenate([[0.0], level, level[-1:]]), np.concatenate([[neurons], left, [0.5]])
        axes.step(across, up, where="pre", color=colours[k], linewidth=1.2)
        if rows == count:
            axes.fill_between(across, up, 0.5, step="pre", color=colours[k], alpha=0.15, linewidth=0)
            half = 0.5 * float(one.max())
            words = f"{int((one >= half).sum())} get half of the most" if one.any() else "reaches none"
            axes.axvline(half, ymax=0.8, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (1, 2)))
            axes.text(0.99, 0.95, words, transform=axes.transAxes, ha="right", va="top", fontsize=8, color=drawing.INK)
            if count > 1:
                numbered(axes, 0.045, 0.2, k + 1, colours[k], 11.0, transform=axes.transAxes)
    for axes in panels:
        drawing.plain(axes, "")
        axes.set_yscale("log")
        axes.set_ylim(0.7, 4.0 * neurons)
        axes.yaxis.set_major_locator(LogLocator(numticks=4))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        axes.set_xlim(0, 1.04 * largest)
        axes.tick_params(labelbottom=axes is panels[-1])
    panels[-1].set_xlabel("how much of the contact (G)", fontsize=9, color=drawing.INK)
    figure.text(
        0.615, 0.47, "neurons that get as much, or more", rotation=90, va="center", fontsize=9, color=drawing.INK
    )
