"""Rate models, free and under stimulation: rates, amplitude of β with its bursts, spectra, current."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from numpy.typing import NDArray

from rldbs.analysis.bursts import amplitude, spans, threshold
from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.spectra_panels import OF_SIGNALS, density_panel, frequency_label, signal_densities
from rldbs.analysis.rate_metrics import measure_rates
from rldbs.analysis.spectra import LEAST
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.arguments import Floats
from rldbs.files.user_file import Target

SHOWN = 4000.0
"""ms of the end of a free recording."""
COLOURS = (drawing.VERMILLION, drawing.BLUE)
"""Of the states in a spectrum, the first one that which is meant."""


@dataclass(frozen=True)
class Free:
    """Free populations in one state."""

    name: str
    """What the state is called."""
    rates: Floats
    """Of STN and GPe, in spk/s, float64 (populations, steps, 2)."""


@own_style
def free_rates_picture(
    states: tuple[Free, ...], dt: float, band: tuple[float, float], path: Target, title: str, subtitle: str
) -> None:
    """A column for each state: the last seconds of the rates of population 0, the amplitude of β of STN with its
    bursts, dark; below, spectra of STN, mean over populations; 10 by 7.2 inches.

    Args:
        states: side by side, equally long.
        dt: from one sample to the next, in ms.
        band: lowest and highest frequency of the rhythm, in Hz.
        path: where to write: PDF where it ends in .pdf, else PNG at 150 dpi.
        title: at the top, bold.
        subtitle: at the top, small.
    """
    figure = drawing.page(10.0, 7.2)
    drawing.heading(figure, title, subtitle)
    grid = figure.add_gridspec(
        3,
        len(states),
        height_ratios=(1.5, 1.0, 1.25),
        left=drawing.LEFT,
        right=drawing.RIGHT,
        top=0.86,
        bottom=0.075,
        hspace=0.32,
        wspace=0.08,
    )
    rows: tuple[list[Axes], list[Axes]] = ([], [])
    for column, state in enumerate(states):
        stn, gpe = state.rates[0].T
        time = np.arange(1, len(stn) + 1, dtype=np.float64) * dt / 1000.0
        shown = time > time[-1] - SHOWN / 1000.0
        above, below = (
            figure.add_subplot(grid[row, column], sharey=rows[row][0] if rows[row] else None) for row in (0, 1)
        )
        first = column == 0
        drawing.plain(above, "rate (spk/s)" if first else "")
        drawing.curve(above, time[shown], gpe[shown], drawing.FAINT, 0.7)
        drawing.curve(above, time[shown], stn[shown], drawing.BLUE, 0.8)
        above.set_title(f"{state.name}: STN blue, GPe grey", loc="left", fontsize=9, color=drawing.INK)
        found = amplitude(state.rates[:1, :, 0], dt, band)
        drawing.plain(below, "amplitude of β (spk/s)" if first else "")
        _amplitude(below, time, found[0], float(threshold(found)[0]), dt, shown)
        below.set_xlabel("time (s)", fontsize=9, color=drawing.INK)
        for axes, row in ((above, rows[0]), (below, rows[1])):
            axes.set_xlim(time[shown][0], time[-1])
            axes.tick_params(labelleft=first)
            row.append(axes)
        above.tick_params(labelbottom=False)
    _spectra(figure, grid, states, dt, band)
    drawing.write(figure, path)


def _amplitude(axes: Axes, time: Floats, found: Floats, above: float, dt: float, shown: NDArray[np.bool_]) -> None:
    """The amplitude, the threshold, and bursts as shades."""
    drawing.curve(axes, time[shown], found[shown], drawing.INK, 0.9)
    axes.axhline(above, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
    _bursts(axes, time, found, above, dt)
    axes.set_ylim(bottom=0.0)


def _bursts(axes: Axes, time: Floats, found: Floats, above: float, dt: float) -> None:
    for begin, end in spans(found, above, dt):
        axes.axvspan(time[begin], time[end - 1], color=drawing.VERMILLION, alpha=0.3, lw=0, zorder=0)


def _spectra(figure: Figure, grid: GridSpec, states: tuple[Free, ...], dt: float, band: tuple[float, float]) -> None:
    axes = figure.add_subplot(grid[2, :])
    drawing.plain(axes, "power of STN ((spk/s)²/Hz)")
    colours = {state.name: colour for state, colour in zip(states, COLOURS, strict=False)}
    density_panel(axes, signal_densities({state.name: state.rates[:, :, 0] for state in states}, dt), colours, band)
    axes.legend(frameon=False, fontsize=8, loc="upper right")
    frequency_label(axes, band, OF_SIGNALS)


@own_style
def stimulated_rates_picture(
    trajectory: Trajectory, band: tuple[float, float], path: Target, title: str, subtitle: str
) -> None:
    """Episode 0 of a measurement: the rate of STN, the amplitude of β with its bursts, the current; 9 by 6.6 inches.

    The line at the top gives the time in bursts, β and the current of all episodes. The light band is the onset.
    """
    figure = drawing.page(9.0, 6.6)
    drawing.heading(figure, title, subtitle, _numbers(measure_rates(trajectory, band)))
    grid = figure.add_gridspec(
        3, height_ratios=(1.3, 1.0, 0.8), left=drawing.LEFT, right=drawing.RIGHT, top=0.85, bottom=0.075, hspace=0.12
    )
    rate = figure.add_subplot(grid[0])
    beta, current = (figure.add_subplot(grid[k], sharex=rate) for k in (1, 2))
    dt = trajectory.dt
    time = np.arange(1, trajectory.steps + 1, dtype=np.float64) * dt / 1000.0
    drawing.plain(rate, "rate of STN (spk/s)")
    drawing.curve(rate, time, trajectory.x[0], drawing.BLUE, 0.7)
    drawing.plain(beta, "amplitude of β (spk/s)")
    if min(trajectory.free, trajectory.steps) * dt >= LEAST:
        found = amplitude(trajectory.x[:1], dt, band)[0]
        above = float(threshold(amplitude(trajectory.x[:1, trajectory.free_phase], dt, band))[0])
        _amplitude(beta, time, found, above, dt, np.ones(len(found), np.bool_))
    drawing.plain(current, "current (spk/s)")
    kicks = trajectory.largest_kicks[0]
    drawing.curve(current, time, kicks, drawing.VERMILLION, 0.7)
    current.set_ylim(*drawing.padded(kicks))
    on, off = trajectory.free * dt / 1000.0, (trajectory.free + trajectory.stimulated) * dt / 1000.0
    for axes in (rate, beta, current):
        for edge in (on, off):
            axes.axvline(edge, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        if trajectory.onset:
            axes.axvspan(on, on + trajectory.onset * dt / 1000.0, color=drawing.SHADE, lw=0, zorder=0)
    for axes in (rate, beta):
        axes.tick_params(labelbottom=False)
    rate.set_xlim(0.0, trajectory.steps * dt / 1000.0)
    current.set_xlabel("time (s)", fontsize=9, color=drawing.INK)
    figure.align_ylabels([rate, beta, current])
    drawing.write(figure, path)


def _numbers(values: Mapping[str, Floats]) -> str:
    means = {key: float(np.nanmean(each)) if np.isfinite(each).any() else np.nan for key, each in values.items()}
    line = f"time in bursts  {three_digits(means['burst_time_free'])} → {three_digits(means['burst_time'])}"
    line += f"   β power  {three_digits(means['beta_power_free'])} → {three_digits(means['beta_power'])} (spk/s)²"
    line += f"   RMS current  {three_digits(means['rms_kick'])} spk/s"
    return f"{line}   (means of {len(values['burst_time'])})"
