"""Tissue in perspective, drawn flat: neurons, electrodes and recording sites in axes without a scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.transforms import Transform, offset_copy
from numpy.typing import ArrayLike, NDArray

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.response_curves import COLOURS
from rldbs.analysis.plots.tissue_lengths import length_of_edge, length_of_line, points_a_unit

Floats = NDArray[np.float64]

AZIMUTH, ELEVATION = math.radians(-61.0), math.radians(19.0)
"""Where is looked from: x goes to the right, y away, z up; no row of a grid hides the next one."""
FAR = 4.5
"""How far away the eye is, in units of the tissue's radius."""
FOG = 0.62
"""How much of its colour the farthest neuron loses."""
MARGIN = 0.07
BALL = 0.28
"""Radius of the ball of neurons that are at one place, in units of the distance to the next place."""
GOLDEN = math.pi * (3.0 - math.sqrt(5.0))
FILL = 0.55
"""Part of the distance to its nearest neighbour that a neuron is wide, at most."""
SHAFT = "#B4B4B4"
DISC = 12.5
"""Points that a contact is wide."""
SMALLEST, LARGEST = 3.0, 13.0
"""Points that a neuron is wide."""
BULK = 1.6
"""How many times that the largest one is seen at most: close by, and in a picture of who is reached."""
THICK = 7.0
"""The least of that for neurons on a line, which hide nobody but their neighbours."""
ASIDE = 24.0
"""Points from neurons on a line to the electrode beside it, which would hide them; sites are on the other side."""


@dataclass(frozen=True)
class View:
    """A way of looking at tissue."""

    middle: Floats
    radius: float
    """Of a sphere about the middle that holds everything, in mm."""

    @staticmethod
    def of(*places: Floats) -> "View":
        """That of all of some places, float64 (points, 3)."""
        every = np.concatenate(places)
        middle = (every.min(axis=0) + every.max(axis=0)) / 2
        return View(middle, float(np.linalg.norm(every - middle, axis=1).max()) or 1.0)

    def seen(self, places: Floats) -> Floats:
        """How far right, up and near places are, and how large things look there: float64 (points, 4)."""
        a, e = AZIMUTH, ELEVATION
        axes = np.array(
            [
                [-math.sin(a), math.cos(a), 0.0],
                [-math.sin(e) * math.cos(a), -math.sin(e) * math.sin(a), math.cos(e)],
                [math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)],
            ]
        )
        apart = (places - self.middle) / self.radius
        right, up, near = (np.einsum("pk,k->p", apart, axis) for axis in axes)
        scale = FAR / (FAR - near)
        return np.stack([right * scale, up * scale, near, scale], axis=1)


def places_of(name: str, value: ArrayLike | None) -> Floats:
    """Places as float64 (points, 3), none for None.

    Raises:
        ValueError: they are something else.
    """
    found = np.zeros((0, 3)) if value is None else np.array(value, np.float64)
    if found.ndim != 2 or found.shape[1] != 3 or not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite and (points, 3), in mm, got shape {found.shape}")
    return found


def contact_places(value: ArrayLike | None, what: str, count: int) -> Floats:
    """Places of the contacts that ``what`` is of, so many: float64 (contacts, 3), none for None.

    Raises:
        ValueError: they are something else.
    """
    found = places_of("contacts", value)
    if value is not None and len(found) != count:
        raise ValueError(f"{what} is of {count} contacts, but {len(found)} have places")
    return found


def neuron_places(positions: ArrayLike | None) -> Floats:
    """Where neurons are drawn, float64 (neurons, 3): where they are, and several that are at one place in a ball there.

    Raises:
        ValueError: there are no places, or all are the same, as those of a mean field are.
    """
    found = places_of("positions", positions)
    places, group, count = np.unique(found, axis=0, return_inverse=True, return_counts=True)
    if len(places) < min(2, len(found)) or not len(found):
        raise ValueError("positions: a picture of tissue needs to know where each neuron is, in mm")
    group = group.reshape(-1)
    if len(places) == len(found):
        return found
    rank = np.empty(len(found))
    rank[np.argsort(group, kind="stable")] = np.concatenate([np.arange(each) for each in count])
    share = (rank + 0.5) / count[group]
    height, turn = 1.0 - 2.0 * ((rank * math.sqrt(2.0) + 0.5) % 1.0), GOLDEN * rank
    ring = np.sqrt(1.0 - height**2)
    unit = np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=1)
    several = (count[group] > 1)[:, None]
    return np.asarray(found + several * BALL * _nearest(places) * np.cbrt(share)[:, None] * unit)


def _nearest(places: Floats) -> float:
    """From a place to the nearest other one, the median of at most 256 places."""
    some = places[:: -(-len(places) // 256)]
    apart = np.linalg.norm(some[:, None] - places[None], axis=2)
    return float(np.median(np.where(apart > 0, apart, np.inf).min(axis=1)))


def stage(axes: Axes, view: View, neurons: Floats, *others: Floats) -> None:
    """Axes without a frame that hold all places, with the outline of the tissue and the lengths of its edges."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    low, high = neurons.min(axis=0), neurons.max(axis=0)
    corners = np.array([[(low, high)[(k >> axis) & 1][axis] for axis in range(3)] for k in range(8)])
    flat = view.seen(np.concatenate([corners, *others]))[:, :2]
    (left, bottom), (right, top) = flat.min(axis=0), flat.max(axis=0)
    margin = MARGIN * (max(right - left, top - bottom) or 1.0)
    axes.set_xlim(left - margin, right + margin)
    axes.set_ylim(bottom - 1.6 * margin, top + margin)
    near = view.seen(corners)[:, 2]
    for one in range(8):
        for axis in range(3):
            other = one | 1 << axis
            if other != one and low[axis] < high[axis]:
                hidden = int(near.argmin()) in (one, other)
                axes.plot(*flat[[one, other]].T, color=drawing.GHOST, linewidth=0.7 if hidden else 1.0, zorder=0)
    if _on_a_line(neurons):
        length_of_line(axes, flat, low, high, margin)
        return
    for axis, one in enumerate((0, 1, 0)):
        if low[axis] < high[axis]:
            words = f"{'xyz'[axis]}  {high[axis] - low[axis]:.3g} mm"
            length_of_edge(axes, flat, (one, one | 1 << axis), words, axis == 2, 0.5 * BULK * LARGEST)


def widths(axes: Axes, view: View, neurons: Floats) -> Floats:
    """How wide a dot for each neuron may be, in points: most of the way to its nearest neighbour, as it is seen."""
    nearest = _nearest(neurons) if len(neurons) > 1 else view.radius
    points = points_a_unit(axes) / view.radius
    least = THICK if _on_a_line(neurons) else SMALLEST
    return np.asarray(np.clip(FILL * nearest * points, least, LARGEST) * view.seen(neurons)[:, 3])


def fogged(colours: Floats, near: Floats) -> Floats:
    """Colours (neurons, 3), the lighter the farther away they are, as air makes them."""
    span = float(np.ptp(near)) or 1.0
    fog = FOG * ((near.max() - near) / span)[:, None]
    return np.asarray(colours + fog * (1.0 - colours))


def dots(axes: Axes, flat: Floats, wide: Floats, colours: Floats | None = None) -> PathCollection:
    """A dot for each neuron at float64 (neurons, 2 or more), so many points wide; the last one is in front."""
    return axes.scatter(flat[:, 0], flat[:, 1], s=wide**2, c=colours, edgecolors="white", linewidths=0.25)


def electrode_colours(contacts: int) -> tuple[str, ...]:
    """A colour for each contact; the same for all where there are more than colours."""
    return COLOURS[:contacts] if contacts <= len(COLOURS) else (drawing.INK,) * contacts


def aside(axes: Axes, view: View, neurons: Floats) -> tuple[float, float]:
    """How far beside its place an electrode is drawn, in points to the right and up: where it would hide a line."""
    if not _on_a_line(neurons):
        return 0.0, 0.0
    (left, bottom), (right, top) = axes.transData.transform(view.seen(neurons)[[0, -1], :2])
    length = math.hypot(right - left, top - bottom) or 1.0
    turn = 1.0 if right > left else -1.0
    return -turn * ASIDE * (top - bottom) / length, turn * ASIDE * (right - left) / length


def electrodes(
    axes: Axes,
    view: View,
    contacts: Floats,
    sites: Floats,
    colours: Sequence[str],
    shift: tuple[float, float] = (0.0, 0.0),
    size: float = DISC,
) -> list[Artist]:
    """Contacts as numbered discs, with their shaft where they are on a line; sites as numbered diamonds.

    Args:
        shift: points to the right and up by which contacts are drawn beside their places, and sites on the other side,
            each with a line to where it is.

    Returns:
        What was drawn, in the order in which it is drawn.
    """
    drawn: list[Artist] = []
    shaft = _shaft(contacts)
    beside, other = (_shifted(axes, shift, sign) for sign in (1.0, -1.0))
    if any(shift):
        for places, sign in ((contacts, 1.0), (sites, -1.0)):
            for place in view.seen(places)[:, :2]:
                look: dict[str, Any] = {"arrowstyle": "-", "color": drawing.FAINT, "linewidth": 0.8}
                offset = sign * shift[0], sign * shift[1]
                drawn.append(axes.annotate("", place, offset, textcoords="offset points", arrowprops=look, zorder=4))
    if shaft is not None:
        for colour, width in (("white", 0.5), (SHAFT, 0.34)):
            look = {"color": colour, "linewidth": width * size, "solid_capstyle": "round", "zorder": 4}
            drawn += axes.plot(*view.seen(shaft)[:, :2].T, transform=beside, clip_on=False, **look)
    for places, site, faces in ((contacts, False, colours), (sites, True, ("white",) * len(sites))):
        flat = view.seen(places)
        for k in np.argsort(flat[:, 2], kind="stable"):
            where = other if site else beside
            drawn += numbered(axes, flat[k, 0], flat[k, 1], int(k) + 1, faces[k], size, site, transform=where)
    return drawn


def _shifted(axes: Axes, shift: tuple[float, float], sign: float) -> Transform:
    return offset_copy(axes.transData, axes.get_figure(root=True), sign * shift[0], sign * shift[1], units="points")


def _on_a_line(places: Floats) -> bool:
    """Whether all places are on one line, three or more of them."""
    along = places - places[0]
    longest = along[int(np.square(along).sum(axis=1).argmax())]
    squares = float(np.square(longest).sum())
    away = along - (along @ longest)[:, None] * longest / (squares or 1.0)
    return len(places) > 2 and squares > 0 and bool(np.square(away).sum(axis=1).max() < 1e-12 * squares)


def numbered(
    axes: Axes, across: float, up: float, number: int, colour: str, size: float, site: bool = False, **where: Any
) -> list[Artist]:
    """A disc with the number of a contact, or a diamond with that of a site, so many points wide."""
    marker, wide, ink, edge = ("D", 0.82, drawing.INK, drawing.INK) if site else ("o", 1.0, "white", "white")
    look: dict[str, Any] = {"color": colour, "markeredgecolor": edge, "zorder": 5, "clip_on": False, **where}
    words: dict[str, Any] = {"fontsize": 0.6 * size, "fontweight": "bold", "color": ink, "zorder": 6, **where}
    return [
        *axes.plot([across], [up], marker, markersize=wide * size, **look),
        axes.text(across, up, str(number), ha="center", va="center_baseline", **words),
    ]


def _shaft(contacts: Floats) -> Floats | None:
    """The two ends of the line through contacts, float64 (2, 3); None where they are not on one."""
    if len(contacts) < 2:
        return None
    away = np.linalg.norm(contacts - contacts[0], axis=1)
    last = contacts[int(away.argmax())]
    along = (last - contacts[0]) / (away.max() or 1.0)
    distance = (contacts - contacts[0]) @ along
    if np.abs(contacts - contacts[0] - distance[:, None] * along).max() > 1e-6 * (away.max() or 1.0):
        return None
    more = 0.5 * np.ptp(distance) / (len(contacts) - 1)
    ends = np.array([[distance.min() - more], [distance.max() + more]])
    return np.asarray(contacts[0] + ends * along)
