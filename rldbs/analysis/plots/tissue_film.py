"""Tissue as a film: phases of all neurons, the order parameter and the stimulation of each contact as they grow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.animation import DOTS_PER_INCH, TRAIL, Draw, frames, growing
from rldbs.analysis.plots.phase_colours import CIRCLE, STEPS, phase_colours
from rldbs.analysis.plots.tissue_view import (
    DISC,
    SHAFT,
    View,
    aside,
    contact_places,
    dots,
    electrodes,
    fogged,
    neuron_places,
    places_of,
    stage,
    widths,
)

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 7.6, 6.4
"""Inches."""
TISSUE_COLOURS = (drawing.INK, drawing.FAINT, drawing.GHOST, SHAFT, drawing.VERMILLION, *TRAIL, *map(tuple, CIRCLE))
"""All colours of the film, for :func:`.animation.write_gif`."""
MOST_DRAWN = 4096
"""Neurons in the picture; of more, some that are evenly spaced in their order. R is that of all."""
TRAIL_MS = 60.0
"""How long the order parameter's path stays, about a cycle of a β rhythm."""
WIDE = 0.88
"""Part of the width that a neuron may have which it does have, so that those behind are seen."""
LANE = 0.4
"""Height of the largest stimulation, in units of the distance between two contacts' lines."""


@own_style
def tissue_film(
    positions: ArrayLike | None,
    phase: ArrayLike,
    stimulation: ArrayLike,
    dt: float,
    title: str,
    subtitle: str = "",
    *,
    contacts: ArrayLike | None = None,
    sites: ArrayLike | None = None,
    count: int | None = None,
    dots_per_inch: int = DOTS_PER_INCH,
) -> list[Image.Image]:
    """144 pictures of 760 by 640 pixels, evenly spaced in time: about a second of an 18 Hz rhythm is smooth.

    Above, the neurons in the colours of their phases, and their order parameter R·exp(iψ) = ⟨exp(iθ)⟩ on the circle of
    these colours, with its last 60 ms; below, R and the stimulation of each contact. A contact that stimulates has a
    ring.

    Args:
        positions: (neurons, 3), in mm.
        phase: θ after each step, (steps, neurons), in rad.
        stimulation: u of each contact in each step, (steps, contacts), in rad/s.
        dt: of a step, in ms.
        title: at the top, bold.
        subtitle: at the top, small.
        contacts: where they are, (contacts, 3), in mm; None where they are nowhere in particular.
        sites: where is recorded, (sites, 3), in mm.
        count: pictures, in place of 144.
        dots_per_inch: in place of 100, of 7.6 by 6.4 inches.

    Raises:
        ValueError: the neurons have no places, or the arrays do not belong together.
    """
    where, recorded = neuron_places(positions), places_of("sites", sites)
    theta, u = np.asarray(phase, np.float64), np.asarray(stimulation, np.float64)
    if theta.ndim != 2 or theta.shape[1] != len(where) or not len(theta):
        raise ValueError(f"phase must be (steps, {len(where)}), got shape {theta.shape}")
    if u.ndim != 2 or len(u) != len(theta) or not u.shape[1]:
        raise ValueError(f"stimulation must be ({len(theta)}, contacts), got shape {u.shape}")
    at = contact_places(contacts, "stimulation", u.shape[1])
    figure = drawing.page(WIDTH, HEIGHT)
    figure.set_dpi(dots_per_inch)
    drawing.heading(figure, title, subtitle)
    order = np.exp(1j * theta).mean(axis=1)
    space = figure.add_axes((0.015, 0.37, 0.62, 0.545))
    view = View.of(where, at, recorded)
    stage(space, view, places_of("positions", positions), where, at, recorded)
    panels = [
        _tissue(space, view, where, theta, u, at, recorded),
        _wheel(figure.add_axes((0.66, 0.44, 0.31, 0.31 * WIDTH / HEIGHT)), figure, order, dt),
        *_below(figure, np.abs(order), u, dt),
    ]
    return list(frames(figure, panels, len(theta), count))


def _tissue(axes: Axes, view: View, where: Floats, theta: Floats, u: Floats, contacts: Floats, sites: Floats) -> Draw:
    """Neurons in the colours of their phases, paler the farther away they are; the electrodes are always seen."""
    some = np.arange(0, len(where), -(-len(where) // MOST_DRAWN))
    seen = view.seen(where[some])
    order = np.argsort(seen[:, 2], kind="stable")
    chosen, seen = some[order], seen[order]
    neurons = dots(axes, seen, WIDE * widths(axes, view, where[chosen]))
    neurons.set_animated(True)
    flat = view.seen(contacts)
    shift = aside(axes, view, where)
    beside = offset_copy(axes.transData, axes.get_figure(root=True), *shift, units="points")
    look: dict[str, Any] = {"s": (DISC + 5.0) ** 2, "facecolors": "none", "linewidths": 0, "transform": beside}
    rings = axes.scatter(flat[:, 0], flat[:, 1], animated=True, **look)
    rings.set_edgecolor(drawing.VERMILLION)
    marks = electrodes(axes, view, contacts, sites, (drawing.INK,) * len(contacts), shift)
    for artist in marks:
        artist.set_animated(True)
    largest = _largest(u)

    def draw(step: int) -> Sequence[Artist]:
        neurons.set_facecolor(list(map(tuple, fogged(phase_colours(theta[step - 1, chosen]), seen[:, 2]))))
        if len(contacts):
            rings.set_linewidth(3.5 * np.abs(u[step - 1]) / largest)
        return (neurons, rings, *marks)

    return draw


def _wheel(axes: Axes, figure: Figure, order: NDArray[np.complex128], dt: float) -> Draw:
    """The circle of the phases' colours, and in it the order parameter as an arrow from its centre."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-1.32, 1.32)
    axes.set_ylim(-1.32, 1.32)
    edges = 2 * np.pi * (np.arange(STEPS) - 0.5) / STEPS
    for edge, colour in zip(edges, CIRCLE, strict=True):
        arc = np.linspace(edge - 0.01, edge + 2 * np.pi / STEPS + 0.01, 12)
        around = np.stack([np.cos(arc), np.sin(arc)], axis=1)
        axes.fill(*np.concatenate([1.01 * around, 1.11 * around[::-1]]).T, color=colour, linewidth=0)
    turn = np.linspace(0, 2 * np.pi, 200)
    axes.plot(0.5 * np.cos(turn), 0.5 * np.sin(turn), color=drawing.GHOST, linewidth=0.8)
    axes.plot([-1, 1, np.nan, 0, 0], [0, 0, np.nan, -1, 1], color=drawing.GHOST, linewidth=0.8)
    axes.text(0.5, -0.03, "0.5", fontsize=7, color=drawing.FAINT, ha="left", va="top")
    for x, y, words, ha in ((1.16, 0, "0", "left"), (0, 1.24, "π/2", "center"), (-1.16, 0, "π", "right")):
        axes.text(x, y, words, fontsize=8, color=drawing.FAINT, ha=ha, va="center")
    trail = [axes.plot([], [], color=colour, linewidth=1.4, animated=True)[0] for colour in TRAIL]
    (shaft,) = axes.plot([], [], color=drawing.INK, linewidth=2.0, solid_capstyle="round", animated=True)
    (tip,) = axes.plot([], [], "o", color=drawing.INK, markersize=6, animated=True)
    left, bottom, width, _ = axes.get_position().bounds
    text = figure.text(left + width / 2, bottom - 0.005, "", fontsize=9, color=drawing.INK, ha="center", animated=True)
    length = max(len(trail), round(TRAIL_MS / dt))

    def draw(step: int) -> Sequence[Artist]:
        edges = np.maximum(0, step - length + np.arange(len(trail) + 1) * length // len(trail))
        for line, begin, end in zip(trail, edges[:-1], edges[1:], strict=True):
            part = order[max(begin - 1, 0) : end]
            line.set_data(part.real, part.imag)
        now = order[step - 1]
        shaft.set_data([0.0, now.real], [0.0, now.imag])
        tip.set_data([now.real], [now.imag])
        text.set_text(f"R = {abs(now):.2f}   at {step * dt:.0f} ms")
        return (*trail, shaft, tip, text)

    return draw


def _below(figure: Figure, order: Floats, u: Floats, dt: float) -> list[Draw]:
    """R over time, and below it the stimulation, a line for each contact."""
    grid = figure.add_gridspec(
        2, height_ratios=(1, 1.15), left=drawing.LEFT, right=drawing.RIGHT, top=0.35, bottom=0.075, hspace=0.24
    )
    above = figure.add_subplot(grid[0])
    below = figure.add_subplot(grid[1], sharex=above)
    drawing.plain(above, "order R", 8)
    above.set_ylim(0, 1.03)
    above.set_yticks([0, 0.5, 1])
    above.tick_params(labelbottom=False)
    count, largest = u.shape[1], _largest(u)
    drawing.plain(below, "contact", 8)
    below.set_ylim(-0.6, count - 0.4)
    shown = range(0, count, -(-count // 8))
    below.set_yticks([count - 1 - k for k in shown], [str(k + 1) for k in shown])
    for k in range(count):
        below.axhline(k, color=drawing.GHOST, linewidth=0.6, zorder=0)
    words = f"the largest stimulation is {largest:.3g} rad/s" if u.any() else "no stimulation"
    below.text(0.995, 1.0, words, transform=below.transAxes, ha="right", va="bottom", fontsize=7, color=drawing.FAINT)
    below.set_xlim(0, len(order) * dt)
    below.set_xlabel("time (ms)", fontsize=8, color=drawing.INK)
    figure.align_ylabels([above, below])
    time = np.arange(1, len(order) + 1, dtype=np.float64) * np.float64(dt)
    heights = [count - 1 - k + LANE * u[:, k] / largest for k in range(count)]
    lanes = [growing(below, time, height, drawing.VERMILLION, 1.0) for height in heights]
    return [growing(above, time, order, drawing.BLUE, 1.0), *lanes]


def _largest(u: Floats) -> float:
    return float(np.nanmax(np.abs(u), initial=0.0)) or 1.0
