"""Pictures of an evaluation and of a free population, for print and for the eye."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rldbs.analysis.episode_statistics import iqm
from rldbs.analysis.metrics import measure, quenched
from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.render_frame import signal_frame
from rldbs.analysis.rhythm import rhythm_period, spectrum
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.trajectory import Trajectory
from rldbs.files.user_file import Target

__all__ = ["free_picture", "signal_frame", "suppression_picture"]

PERIODS_SHOWN = 12
STEPS_SHOWN = 3000
"""Stretch of a free population without a rhythm."""
HARMONICS_SHOWN = 6
DECADES_SHOWN = 6


@np.errstate(invalid="ignore", over="ignore")
@own_style
def suppression_picture(
    trajectory: Trajectory, path: Target, title: str, subtitle: str = "", kick_unit: str = ""
) -> None:
    """Episode 0 through the three phases: spikes of some neurons, mean field X, kicks; 9 by 6.2 inches.

    The line at the top gives S, mean |kick| and activity of this episode, and of all episodes (interquartile
    means) where there are several. The light band is the onset, which S leaves out. Kicks are in ``kick_unit``; where
    there is none, in units of x.

    Written as PDF where `path` ends in .pdf, else as PNG at 150 dpi.
    """
    figure = drawing.page(9.0, 6.2)
    drawing.heading(figure, title, subtitle, _numbers(trajectory, kick_unit))
    grid = figure.add_gridspec(
        3,
        height_ratios=(1.15, 1.3, 0.8),
        left=drawing.LEFT,
        right=drawing.RIGHT,
        top=0.825,
        bottom=0.08,
        hspace=0.1,
    )
    raster = figure.add_subplot(grid[0])
    field = figure.add_subplot(grid[1], sharex=raster)
    kicks = figure.add_subplot(grid[2], sharex=raster)

    time = np.arange(1, trajectory.steps + 1) / 1000
    drawing.plain(raster, "neuron (dark: x high)")
    drawing.shades(raster, trajectory.raster, trajectory.steps / 1000, trajectory.watched)
    drawing.plain(field, "mean field X")
    drawing.curve(field, time, trajectory.x[0], drawing.BLUE, 0.7)
    field.set_ylim(*drawing.padded(trajectory.x[0], above=0.22))
    _kicks(kicks, time, trajectory.largest_kicks[0], kick_unit)
    kicks.set_xlabel("integration steps (thousands)", fontsize=9, color=drawing.INK)
    kicks.set_xlim(0, trajectory.steps / 1000)
    for axes in (raster, field):
        axes.tick_params(labelbottom=False)
    _phases(trajectory, (raster, field, kicks))
    figure.align_ylabels()
    drawing.write(figure, path)


def _kicks(axes: Axes, time: NDArray[np.float64], kicks: NDArray[np.float64], unit: str) -> None:
    """Those of one population, (T,); of several contacts, (T, C), one below the other on one scale."""
    if kicks.ndim == 1:
        drawing.plain(axes, f"kick ({unit})" if unit else "kick")
        drawing.curve(axes, time, kicks, drawing.VERMILLION, 0.7)
        axes.set_ylim(*drawing.padded(kicks))
        return
    low, high = drawing.padded(kicks.ravel())
    apart, contacts = high - low, kicks.shape[1]
    largest = f"{three_digits(np.abs(kicks).max())} {unit}".rstrip()
    drawing.plain(axes, f"contact\n(up to {largest})")
    for c in range(contacts):
        drawing.curve(axes, time, kicks[:, c] - c * apart, drawing.VERMILLION, 0.7)
    axes.set_yticks([-c * apart for c in range(contacts)], [str(c + 1) for c in range(contacts)])
    axes.set_ylim(low - (contacts - 1) * apart, high)


def _numbers(trajectory: Trajectory, kick_unit: str) -> str:
    values = measure(trajectory)
    shown = {"S": "suppression", "mean |kick|": "mean_abs_kick", "activity": "activity"}
    units = {"mean_abs_kick": f" {kick_unit}" if kick_unit else ""}
    line = "     ".join(f"{label}  {three_digits(values[key][0])}{units.get(key, '')}" for label, key in shown.items())
    if quenched(values["activity"])[0]:
        line += " (quenched)"
    if trajectory.episodes > 1:
        finite = (values[key][np.isfinite(values[key])] for key in shown.values())
        means = ", ".join(three_digits(iqm(each)) if each.size else "—" for each in finite)
        line += f"     (IQM of {trajectory.episodes} populations: {means})"
    return line


def _phases(trajectory: Trajectory, panels: tuple[Axes, Axes, Axes]) -> None:
    """Name the phases, mark where they meet, shade the onset, and state the std of X in each."""
    raster, field, kicks = panels
    on, off = trajectory.free, trajectory.free + trajectory.stimulated
    for axes in panels:
        for step in (on, off):
            axes.axvline(step / 1000, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
    if trajectory.onset:
        for axes in (field, kicks):
            axes.axvspan(on / 1000, (on + trajectory.onset) / 1000, color=drawing.SHADE, lw=0, zorder=0)
        _label(field, on + trajectory.onset / 2, 0.97, "onset", drawing.FAINT)
    for name, whole, counted in (
        ("free", trajectory.free_phase, trajectory.free_phase),
        ("stimulated", trajectory.stimulated_phase, trajectory.after_onset),
        ("relaxed", trajectory.relaxed_phase, trajectory.relaxed_phase),
    ):
        x = trajectory.x[0, counted]
        if x.size:
            _label(raster, (whole.start + whole.stop) / 2, 1.13, name)
            _label(field, (counted.start + counted.stop) / 2, 0.97, f"std {x.std():.3g}")


def _label(axes: Axes, step: float, height: float, words: str, colour: str = drawing.INK) -> None:
    """Words centred at an integration step; height 0 … 1 is bottom to top of the axes."""
    where = axes.get_xaxis_transform()
    axes.text(step / 1000, height, words, fontsize=9, ha="center", va="top", color=colour, transform=where)


@own_style
def free_picture(
    field: NDArray[np.float64],
    raster: NDArray[np.float32],
    path: Target,
    dt: float,
    *,
    time_unit: str = "",
    raster_stride: int = 1,
    threshold: float = 0.0,
    neurons: NDArray[np.int64] | None = None,
    variables: tuple[str, ...] = ("x", "y"),
    title: str = "",
    subtitle: str = "",
) -> None:
    """A free population: all of X, its last periods and their spikes, spectrum, phase plane; 9 by 7.6 inches.

    Args:
        field: mean field of one population after each integration step, (T, V), at least two variables.
        raster: x of M neurons every `raster_stride` steps, (S, M), from the first step of `field` on.
        path: where to write: PDF where it ends in .pdf, else PNG at 150 dpi.
        dt: model time of one integration step.
        time_unit: of that, ms or none.
        raster_stride: integration steps from one row of the raster to the next.
        threshold: a neuron spikes when its x crosses this from below.
        neurons: which the raster has, (M,), evenly spaced; None for the first ones.
        variables: names of the state variables.
        title: at the top, bold.
        subtitle: at the top, small.

    Raises:
        ValueError: `field` has fewer than 8 steps or fewer than two variables.
    """
    if field.ndim != 2 or field.shape[0] < 8 or field.shape[1] < 2:
        raise ValueError(f"field must be (steps ≥ 8, variables ≥ 2), got shape {field.shape}")
    period = rhythm_period(field[:, 0])
    figure = drawing.page(9.0, 7.6)
    drawing.heading(figure, title, subtitle, _rhythm(field[:, 0], period, dt, time_unit))
    rows = figure.add_gridspec(
        2,
        height_ratios=(1.6, 1),
        left=drawing.LEFT,
        right=drawing.RIGHT,
        top=0.875,
        bottom=0.067,
        hspace=0.26,
    )
    below = rows[1].subgridspec(1, 2, width_ratios=(1.6, 1), wspace=0.2)
    # At most half, so that what is close is closer than the whole above it.
    shown = min(len(field) // 2, STEPS_SHOWN if np.isnan(period) else round(PERIODS_SHOWN * period))
    first = len(field) - shown

    above = rows[0].subgridspec(2, 1, height_ratios=(1, 3), hspace=0.28)
    whole = figure.add_subplot(above[0])
    _whole_and_shown(whole, field[:, 0], first, variables[0])
    close = above[1].subgridspec(2, 1, height_ratios=(1.2, 1), hspace=0.1)
    wave = figure.add_subplot(close[0])
    _last_periods(wave, field[:, 0], first, variables[0])
    spikes = figure.add_subplot(close[1], sharex=wave)
    drawing.plain(spikes, "neuron")
    watched = np.arange(raster.shape[1]) if neurons is None else neurons
    drawing.dots(spikes, raster[first // raster_stride :], first // raster_stride, raster_stride, threshold, watched)
    spikes.set_xlabel("integration steps (thousands)", fontsize=9, color=drawing.INK)

    _spectrum_panel(figure.add_subplot(below[0]), field[:, 0], period, dt, time_unit)
    _phase_plane(figure.add_subplot(below[1]), field, first, variables)
    figure.align_ylabels([whole, wave, spikes])
    drawing.write(figure, path)


def _whole_and_shown(axes: Axes, x: NDArray[np.float64], first: int, variable: str) -> None:
    """All of X, shaded where it is shown larger below, from step `first` on."""
    drawing.plain(axes, variable.upper())
    drawing.curve(axes, np.arange(1, len(x) + 1) / 1000, x, drawing.BLUE, 0.6)
    axes.axvspan(first / 1000, len(x) / 1000, color=drawing.SHADE, lw=0, zorder=0)
    axes.set_xlim(0, len(x) / 1000)


def _last_periods(axes: Axes, x: NDArray[np.float64], first: int, variable: str) -> None:
    """X from step `first` on."""
    drawing.plain(axes, f"mean field {variable.upper()}")
    drawing.curve(axes, np.arange(first + 1, len(x) + 1) / 1000, x[first:], drawing.BLUE, 1.0)
    axes.tick_params(labelbottom=False)
    axes.set_xlim(first / 1000, len(x) / 1000)


def _phase_plane(axes: Axes, field: NDArray[np.float64], first: int, variables: tuple[str, ...]) -> None:
    """The means of the first two variables: the whole recording faint, from step `first` on bright."""
    drawing.plain(axes, f"mean field {variables[1].upper()}")
    axes.plot(field[:first, 0], field[:first, 1], color=drawing.GHOST, linewidth=0.5)
    axes.plot(field[first:, 0], field[first:, 1], color=drawing.BLUE, linewidth=0.5)
    axes.locator_params(nbins=5)
    axes.set_xlabel(f"mean field {variables[0].upper()}", fontsize=9, color=drawing.INK)


def _rhythm(x: NDArray[np.float64], period: float, dt: float, unit: str) -> str:
    time = f"period  {period:.4g} steps = {period * dt:.4g} {unit or 'time units'}"
    rhythm = "no rhythm" if np.isnan(period) else time
    return f"{rhythm}     mean of X  {x.mean():.3g}     std of X  {x.std():.3g}".replace("-", "\N{MINUS SIGN}")


def _spectrum_panel(axes: Axes, x: NDArray[np.float64], period: float, dt: float, unit: str) -> None:
    """Power of X on a logarithmic scale up to some harmonics, the rhythm marked."""
    words, dt = ("frequency (Hz)", dt / 1000) if unit == "ms" else ("frequency (cycles per time unit)", dt)
    drawing.plain(axes, "power spectral density of X")
    axes.set_xlabel(words, fontsize=9, color=drawing.INK)
    frequency, power = spectrum(x, dt)
    if not np.isfinite(power).all() or not power.any():
        return
    if not np.isnan(period):
        highest = (HARMONICS_SHOWN + 0.5) / (period * dt)
        power, frequency = power[frequency <= highest], frequency[frequency <= highest]
        axes.set_xlim(0, highest)
        axes.axvline(1 / (period * dt), color=drawing.VERMILLION, linewidth=1.0, zorder=1)
        axes.annotate(
            f"{1 / (period * dt):.4g}{' Hz' if unit == 'ms' else ''}, every {period:.4g} steps",
            (1 / (period * dt), 0.95),
            xycoords=axes.get_xaxis_transform(),
            xytext=(5, 0),
            textcoords="offset points",
            va="top",
            fontsize=9,
            color=drawing.VERMILLION,
        )
    axes.semilogy(frequency, power, color=drawing.BLUE, linewidth=0.9)
    axes.minorticks_off()
    axes.set_ylim(power.max() * 10.0**-DECADES_SHOWN, power.max() * 4)
