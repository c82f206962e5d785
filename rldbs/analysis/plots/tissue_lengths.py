"""How long the edges of a tissue are, in words beside its picture."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rldbs.analysis.plots import drawing
from rldbs.core.arguments import Floats

LABEL: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1.0}
"""Behind the length of an edge."""
LETTER, LINE, GAP = 5.0, 11.0, 3.0
"""Points that a letter of it is wide, that it is high, and from it to what is drawn."""


def length_of_line(axes: Axes, flat: Floats, low: Floats, high: Floats, margin: float) -> None:
    """The lengths of neurons on a line, so far away that electrodes beside it have their place."""
    for axis, (one, ha, va) in enumerate(((0, "center", "top"), (1, "left", "top"), (0, "right", "center"))):
        if low[axis] < high[axis]:
            across, up = flat[[one, one | 1 << axis]].mean(axis=0)
            shift = ((-0.35, -1.8), (0.45, -1.35), (-0.55, 0.0))[axis]
            words = f"{'xyz'[axis]}  {high[axis] - low[axis]:.3g} mm"
            turned = 90 if axis == 2 else 0
            axes.text(
                across + shift[0] * margin, up + shift[1] * margin, words, ha=ha, va=va, rotation=turned,
                fontsize=8, color=drawing.FAINT, zorder=3, bbox=LABEL,
            )  # fmt: skip


def length_of_edge(axes: Axes, flat: Floats, edge: tuple[int, int], words: str, turned: bool, ball: float) -> None:
    """The length of an edge of the tissue, outside all that is drawn: where along the edge that is least far away.

    Args:
        flat: where corners, neurons, contacts and sites are seen, float64 (points, 2 or more); the corners first.
        edge: the numbers of its two corners.
        words: that tell it.
        turned: whether they stand upright.
        ball: points from the middle of a neuron to its rim.
    """
    points = points_a_unit(axes)
    begin, end = flat[list(edge), :2]
    along = (end - begin) / (float(np.linalg.norm(end - begin)) or 1.0)
    out = np.array([along[1], -along[0]])
    out *= 1.0 if out @ ((begin + end) / 2 - flat[:8, :2].mean(axis=0)) >= 0 else -1.0
    size = np.array([LETTER * len(words) / 2, LINE / 2]) / points
    half = size[::-1] if turned else size
    beside, away = np.abs(along) @ half, np.abs(out) @ half
    ball = ball / points
    where, outward = (flat[8:, :2] - begin) @ along, (flat[8:, :2] - begin) @ out
    best = (math.inf, 0.0, 0.0)
    for part in np.linspace(0.1, 0.9, 17):
        at = part * float(np.linalg.norm(end - begin))
        near = np.abs(where - at) <= beside + ball
        far = max(0.0, float(outward[near].max(initial=-math.inf)) + ball)
        best = min(best, (far + 0.2 * abs(part - 0.5), at, far))
    _, at, far = best
    across, up = begin + at * along + (far + away + GAP / points) * out
    axes.text(
        across, up, words, ha="center", va="center", rotation=90 if turned else 0,
        fontsize=8, color=drawing.FAINT, zorder=3, bbox=LABEL,
    )  # fmt: skip
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    axes.set_xlim(min(left, across - half[0]), max(right, across + half[0]))
    axes.set_ylim(min(bottom, up - half[1]), max(top, up + half[1]))


def points_a_unit(axes: Axes) -> float:
    """Points of the page that a unit of the axes is, which are equal in both directions."""
    box = axes.get_window_extent()
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    return float(72 / axes.figure.dpi * min(box.width / (right - left), box.height / (top - bottom)))
