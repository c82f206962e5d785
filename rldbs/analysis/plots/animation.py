"""Suppression as a film: the mean field, the kicks and the mean-field phase plane as they grow."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.typing import ColorType
from numpy.typing import NDArray
from PIL import Image

from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.window_sums import over_contacts
from rldbs.files.user_file import Target, writable

WIDTH, HEIGHT = 7.6, 4.2
"""Inches."""
DOTS_PER_INCH = 100
"""Gives even numbers of pixels, as video wants them."""
FRAMES = 144
FRAME_TIME = 80
"""Milliseconds of each frame, a multiple of 10, which is all that a GIF knows."""
HELD = 25
"""Frames' time for which the end is held."""
SHADES = 8
"""Shades of each colour in the palette of a GIF, from itself almost to white; fewer where they are too many."""
ALMOST_WHITE = 0.95
MOST_COLOURS = 255
"""Of a GIF, beside white."""
TRAIL_PERIODS = 2
"""Periods of the phase plane that are drawn bright."""
TRAIL = ("#A9CFE6", "#5BA4D0", drawing.BLUE)
"""Colours of the bright periods, from old to new."""
DRAWN = (drawing.INK, drawing.FAINT, drawing.VERMILLION, drawing.GHOST, *TRAIL)
"""All colours of the film."""
VIDEO_SECONDS = 120
"""Longest time that ffmpeg gets."""

Draw = Callable[[int], Sequence[Artist]]
"""What of a panel is seen at an integration step, in the order in which it is drawn."""


class FilmError(Exception):
    """A film could not be written."""


@own_style
def suppression_film(trajectory: Trajectory, title: str, subtitle: str = "", kick_unit: str = "") -> list[Image.Image]:
    """Episode 0 through the three phases: 144 pictures of 760 by 420 pixels, evenly spaced in time.

    X and the kicks grow over time; beside them the means of the first two variables, the last two periods bright,
    all before faint. Kicks are in ``kick_unit``; where there is none, in units of x.

    Raises:
        ValueError: the neurons have fewer than two variables.
    """
    if len(trajectory.variables) < 2:
        raise ValueError(f"a phase plane needs two variables, there is only {', '.join(trajectory.variables)}")
    return list(_frames(trajectory, title, subtitle, kick_unit))


def write_gif(film: Sequence[Image.Image], path: Target, colours: Sequence[ColorType] = DRAWN) -> None:
    """Write a film of some colours, at most 64, as a GIF that repeats; it appears whole or not at all."""
    palette = _palette(colours)
    first, *others = (picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in film)
    durations = [FRAME_TIME] * len(others) + [FRAME_TIME * HELD]
    with writable(path).whole() as file:
        first.save(file, "GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=False)


def write_mp4(film: Sequence[Image.Image], path: Target, ffmpeg: str = "ffmpeg") -> None:
    """Write a film as MP4 with ffmpeg; it appears whole or not at all.

    Raises:
        FilmError: ffmpeg cannot be started, fails, or takes too long.
    """
    size = f"{film[0].width}x{film[0].height}"
    source = f"-f rawvideo -pix_fmt rgb24 -s {size} -r {1000 / FRAME_TIME} -i -"
    target = "-an -c:v libx264 -crf 20 -pix_fmt yuv420p -movflags +faststart -f mp4"
    try:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as pictures:
            film_file = Path(folder, "film.mp4")  # ffmpeg wants a name to write to
            for picture in [*film[:-1], *[film[-1]] * HELD]:
                pictures.write(picture.tobytes())
            pictures.seek(0)
            subprocess.run(
                [ffmpeg, "-loglevel", "error", "-y", *source.split(), *target.split(), str(film_file)],
                stdin=pictures,
                capture_output=True,
                timeout=VIDEO_SECONDS,
                check=True,
            )
            with writable(path).whole() as file, open(film_file, "rb") as made:
                shutil.copyfileobj(made, file)
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines() or [f"exit {error.returncode}"]
        raise FilmError(f"{writable(path).name}: ffmpeg: {lines[-1]}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FilmError(f"{writable(path).name}: ffmpeg: {error}") from None


def _palette(drawn: Sequence[ColorType]) -> Image.Image:
    """A picture with the palette that every picture of a GIF has: all that is drawn, and its soft edges on white."""
    colours = np.array([to_rgb(colour) for colour in drawn])
    count = min(SHADES, MOST_COLOURS // len(colours))
    share = np.arange(1, count + 1)[:, None, None] / count
    shades = (1 - share * (1 - colours)).reshape(-1, 3)
    distinct = shades[shades.min(axis=1) < ALMOST_WHITE]  # else Pillow takes the nearest shade for white
    palette = Image.new("P", (1, 1))
    palette.putpalette(bytes(np.rint(255 * np.vstack([np.ones(3), distinct])).astype(np.uint8).ravel()))
    return palette


def find_ffmpeg() -> str | None:
    """The program ffmpeg, where there is one."""
    return shutil.which("ffmpeg")


def _frames(trajectory: Trajectory, title: str, subtitle: str, kick_unit: str) -> Iterator[Image.Image]:
    """Every picture."""
    figure = drawing.page(WIDTH, HEIGHT)
    figure.set_dpi(DOTS_PER_INCH)
    drawing.heading(figure, title, subtitle)
    grid = figure.add_gridspec(
        2, height_ratios=(2.2, 1), left=drawing.LEFT, right=0.605, top=0.735, bottom=0.12, hspace=0.12
    )
    field = figure.add_subplot(grid[0])
    kicks = figure.add_subplot(grid[1], sharex=field)
    plane = figure.add_axes((0.70, 0.12, 0.28, 0.615))
    field.tick_params(labelbottom=False)
    of_contacts = trajectory.largest_kicks
    if kick_unit:
        words = f"{'kick' if of_contacts.ndim == 2 else 'all kicks'} ({kick_unit})"
    else:
        words = "kick" if of_contacts.ndim == 2 else "kick, all contacts"
    panels = [
        _phases(trajectory, field, kicks),
        _growing(field, trajectory.x[0], "mean field X", drawing.BLUE),
        _growing(kicks, over_contacts(of_contacts)[0], words, drawing.VERMILLION),
        _phase_plane(plane, trajectory),
    ]
    kicks.set_xlim(0, trajectory.steps / 1000)
    kicks.set_xlabel("integration steps (thousands)", fontsize=8, color=drawing.INK)
    figure.align_ylabels([field, kicks])
    return frames(figure, panels, trajectory.steps)


def frames(figure: Figure, panels: Sequence[Draw], steps: int, count: int | None = None) -> Iterator[Image.Image]:
    """Every picture of a film of so many steps, ``count`` or 144 of them.

    What stands still is drawn once, which is most of the work.
    """
    canvas = figure.canvas
    canvas.draw()
    still = canvas.copy_from_bbox(figure.bbox)  # type: ignore[attr-defined]
    for step in np.linspace(1, steps, count or FRAMES).astype(int):
        canvas.restore_region(still)  # type: ignore[attr-defined]
        for draw in panels:
            for artist in draw(int(step)):
                figure.draw_artist(artist)
        yield Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3].copy())  # type: ignore[attr-defined]


def _growing(axes: Axes, y: NDArray[np.float64], label: str, colour: str) -> Draw:
    """A curve y (T,) over thousands of steps, up to now."""
    drawing.plain(axes, label, 8)
    axes.set_ylim(*drawing.padded(y))
    return growing(axes, np.arange(1, y.size + 1) / 1000, y, colour, 0.8)


def growing(axes: Axes, time: NDArray[np.float64], y: NDArray[np.float64], colour: str, width: float) -> Draw:
    """A curve y (T,) over time (T,), up to now, in axes whose scales stand."""
    kept = drawing.extremes(y, round(axes.get_window_extent().width))
    (line,) = axes.plot([], [], color=colour, linewidth=width, solid_joinstyle="round", animated=True)

    def draw(step: int) -> Sequence[Artist]:
        seen = kept[: np.searchsorted(kept, step)]
        line.set_data(time[seen], y[seen])
        return (line,)

    return draw


def _phase_plane(axes: Axes, trajectory: Trajectory) -> Draw:
    """The means of the first two variables: all before faint, the last periods bright, now a dot."""
    x, y = trajectory.field[0, :, 0], trajectory.field[0, :, 1]
    drawing.plain(axes, f"mean field {trajectory.variables[1].upper()}", 8)
    axes.set_xlabel(f"mean field {trajectory.variables[0].upper()}", fontsize=8, color=drawing.INK)
    axes.set_xlim(*drawing.padded(x))
    axes.set_ylim(*drawing.padded(y))
    axes.locator_params(nbins=5)
    length = TRAIL_PERIODS * trajectory.period
    length = round(length) if np.isfinite(length) else trajectory.steps // 20
    (ghost,) = axes.plot([], [], color=drawing.GHOST, linewidth=0.6, animated=True)
    trail = [axes.plot([], [], color=colour, linewidth=1.1, animated=True)[0] for colour in TRAIL]
    (now,) = axes.plot([], [], "o", color=drawing.INK, markersize=3.5, animated=True)

    def draw(step: int) -> Sequence[Artist]:
        edges = np.maximum(0, step - length + np.arange(len(trail) + 1) * length // len(trail))
        ghost.set_data(x[: edges[0]], y[: edges[0]])
        for line, (begin, end) in zip(trail, pairwise(edges), strict=True):
            line.set_data(x[max(begin - 1, 0) : end], y[max(begin - 1, 0) : end])
        now.set_data(x[step - 1 : step], y[step - 1 : step])
        return (ghost, *trail, now)

    return draw


def _phases(trajectory: Trajectory, field: Axes, kicks: Axes) -> Draw:
    """Where the phases meet; the name of the present one in ink, that of the past ones with their std of X."""
    for axes in (field, kicks):
        for step in (trajectory.free, trajectory.free + trajectory.stimulated):
            axes.axvline(step / 1000, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
    phases = []
    for name, whole, counted in (
        ("free", trajectory.free_phase, trajectory.free_phase),
        ("stimulated", trajectory.stimulated_phase, trajectory.after_onset),
        ("relaxed", trajectory.relaxed_phase, trajectory.relaxed_phase),
    ):
        if whole.stop > whole.start:
            words = f"{name}\nstd {trajectory.x[0, counted].std():.2g}"
            text = field.text(
                (whole.start + whole.stop) / 2000,
                1.04,
                "",
                transform=field.get_xaxis_transform(),
                fontsize=9,
                linespacing=1.3,
                ha="center",
                va="bottom",
                color=drawing.INK,
                animated=True,
            )
            phases.append((whole, name, words, text))

    def draw(step: int) -> Sequence[Artist]:
        for whole, name, words, text in phases:
            text.set_text(words if step >= whole.stop else f"{name}\n" if step > whole.start else "")
        return [text for *_, text in phases]

    return draw
