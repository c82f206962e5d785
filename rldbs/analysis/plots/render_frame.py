"""The running signal as an image, what an environment's render() returns."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.three_digits import three_digits

FRAME_DPI = 100
SMALLEST = (160, 120)
LEFT, RIGHT, TOP, BOTTOM, GAP = 62, 14, 14, 36, 18
"""Margins around and between the two panels, pixels."""
KICK_SHARE = 0.3
"""Part of the height that the kicks have."""

ROOM = 60
"""Pixels of height that two lines need between two numbers."""


@own_style
def signal_frame(
    field: NDArray[np.float64],
    kicks: NDArray[np.float64],
    size: tuple[int, int] = (640, 360),
    *,
    last: int = 0,
    limits: tuple[float, float] | None = None,
    amplitude: float | None = None,
    kick_unit: str = "",
) -> NDArray[np.uint8]:
    """A stretch of X above and of the kicks below, as an RGB image (height, width, 3).

    Drawn without matplotlib's axes, whose ticks would take ten times as long as the curves.

    Args:
        field: mean field after each integration step, (T, V) with x first, or X alone, (T,). All of it is
            shown; T may be 0, and a step that is NaN (not taken yet) stays blank.
        kicks: the kick before each of these steps, (T,), physical units.
        size: width and height in pixels.
        last: number of the last step; as 0 the time axis counts back from now.
        limits: lowest and highest X of the axis. Give the range of the free rhythm, so that a film keeps
            its scale and a suppressed field looks suppressed; otherwise the axis follows the signal.
        amplitude: the kick axis goes from minus to plus amplitude; otherwise it follows the kicks.
        kick_unit: of the kicks; none where they are in units of x. It is told where there is room, from a height of
            about 300 pixels on.

    Raises:
        ValueError: `field` and `kicks` differ in length, or the image is smaller than 160 by 120 pixels.
    """
    x = field if field.ndim == 1 else field[:, 0]
    if x.shape != kicks.shape:
        raise ValueError(f"field has {x.shape[0]} steps, but kicks has shape {kicks.shape}")
    width, height = size
    if width < SMALLEST[0] or height < SMALLEST[1]:
        raise ValueError(f"size must be at least {SMALLEST[0]} by {SMALLEST[1]} pixels, got {width} by {height}")
    figure = Figure(figsize=(width / FRAME_DPI, height / FRAME_DPI), dpi=FRAME_DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    if limits is None:
        limits = drawing.padded(x) if x.size else (-1.0, 1.0)
    largest = amplitude or float(np.nanmax(np.abs(kicks), initial=0.0)) or 1.0
    split = BOTTOM + KICK_SHARE * (height - TOP - BOTTOM)
    room = split - GAP / 2 - BOTTOM >= ROOM
    words = f"kick\n{kick_unit}" if kick_unit and room else "kick"
    _panel(figure, size, x, limits, (split + GAP / 2, height - TOP), "X", drawing.BLUE)
    _panel(figure, size, kicks, (-largest, largest), (BOTTOM, split - GAP / 2), words, drawing.VERMILLION)
    if x.size:
        _words(figure, size, LEFT, BOTTOM - 8, _number(last - x.size + 1), "left", "top")
        _words(figure, size, width - RIGHT, BOTTOM - 8, _number(last), "right", "top")
    _words(figure, size, (LEFT + width - RIGHT) / 2, BOTTOM - 8, "integration steps", "center", "top")
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.array(canvas.buffer_rgba(), np.uint8)[:, :, :3].copy()  # type: ignore[no-untyped-call]


def _panel(
    figure: Figure,
    size: tuple[int, int],
    y: NDArray[np.float64],
    limits: tuple[float, float],
    rows: tuple[float, float],
    label: str,
    colour: str,
) -> None:
    """A curve over the whole width between two pixel rows, cut off at its limits, with a frame and labels."""
    columns = np.array([LEFT, size[0] - RIGHT])
    low, high = limits
    for row, value, side in ((rows[0], low, "bottom"), (rows[1], high, "top")):
        _words(figure, size, LEFT - 6, row, _number(value), "right", side)
    _words(figure, size, LEFT - 6, (rows[0] + rows[1]) / 2, label, "right", "center")
    corners = columns[[0, 0, 1]], np.array([rows[1], rows[0], rows[0]])
    _line(figure, size, *corners, drawing.FAINT, 0.8)
    kept = drawing.extremes(y, size[0])
    if kept.size > 1:
        across = columns[0] + kept / (y.size - 1) * (columns[1] - columns[0])
        up = rows[0] + (np.clip(y[kept], low, high) - low) / (high - low) * (rows[1] - rows[0])
        _line(figure, size, across, up, colour, 1.2)


def _number(value: float) -> str:
    words = str(value) if isinstance(value, int) else three_digits(value)
    return words.replace("-", "\N{MINUS SIGN}")


def _line(
    figure: Figure,
    size: tuple[int, int],
    columns: NDArray[np.float64],
    rows: NDArray[np.float64],
    colour: str,
    width: float,
) -> None:
    line = Line2D(columns / size[0], rows / size[1], color=colour, linewidth=width)
    line.set_transform(figure.transFigure)
    figure.add_artist(line)


def _words(figure: Figure, size: tuple[int, int], column: float, row: float, words: str, ha: str, va: str) -> None:
    figure.text(column / size[0], row / size[1], words, ha=ha, va=va, fontsize=8, color=drawing.INK, parse_math=False)
