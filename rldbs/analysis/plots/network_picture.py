"""Networks of cells, free and under stimulation: spikes nucleus by nucleus, potentials, spectra, currents."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from rldbs.analysis.firing import firing
from rldbs.analysis.network_metrics import events_of, measure_network
from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.nuclei_raster import COLOURS, nuclei_raster
from rldbs.analysis.plots.spectra_panels import (
    OF_SIGNALS,
    OF_SPIKES,
    colours_of,
    density_panel,
    frequency_label,
    signal_densities,
    spike_densities,
)
from rldbs.analysis.spectra import LEAST
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.arguments import Floats
from rldbs.core.cell_network import Onsets, Spikes
from rldbs.core.network_model import NetworkModel
from rldbs.files.user_file import Target

SHOWN = 1000.0
"""ms of the end of a free network."""
Densities = Mapping[str, tuple[Floats, Floats]]
"""By nucleus, frequencies in Hz and densities, (populations, F)."""


@own_style
def stimulated_network_picture(
    trajectory: Trajectory, network: NetworkModel, band: tuple[float, float], path: Target, title: str, subtitle: str
) -> None:
    """Episode 0 of a measurement: spikes of every cell, the mean of x, the current; 9 by 7.6 inches.

    The line at the top gives error index, or S where nothing is relayed, and current of all episodes, and beside each
    nucleus stands its rate, free and after onset. The light band is the onset.
    """
    spikes, pulses = events_of(trajectory)
    step = trajectory.dt / trajectory.kicks_per_step
    figure = drawing.page(9.0, 7.6)
    drawing.heading(figure, title, subtitle, _numbers(measure_network(trajectory, network, band)))
    grid = figure.add_gridspec(
        3,
        height_ratios=(3.0, 1.0, 0.8),
        left=drawing.LEFT,
        right=drawing.RIGHT,
        top=0.86,
        bottom=0.065,
        hspace=0.1,
    )
    raster = figure.add_subplot(grid[0])
    field, current = (figure.add_subplot(grid[k], sharex=raster) for k in (1, 2))
    phases = [
        (steps.start * trajectory.dt, steps.stop * trajectory.dt)
        for steps in (trajectory.free_phase, trajectory.after_onset)
    ]
    told = {}
    for name in network.names:
        before, after = (
            firing(spikes, network.cells_of(name), trajectory.episodes, step, *phase).rate[0] for phase in phases
        )
        told[name] = f"{before:.0f} → {after:.0f} Hz"
    mine = spikes.population == 0
    _pulses(raster, pulses, step)
    nuclei_raster(raster, network, spikes.sample[mine] * step, spikes.cell[mine], told)
    time = np.arange(1, trajectory.steps + 1, dtype=np.float64) * trajectory.dt
    drawing.plain(field, network.told("x"))
    drawing.curve(field, time, trajectory.x[0], drawing.BLUE, 0.7)
    drawing.plain(current, "current (µA/cm²)")
    kicks = trajectory.kicks[0].reshape(len(trajectory.kicks[0]), -1)[:, 0]
    drawing.curve(current, np.arange(0.5, len(kicks), dtype=np.float64) * step, kicks, drawing.VERMILLION, 0.7)
    current.set_ylim(*drawing.padded(kicks))
    on, off = trajectory.free * trajectory.dt, (trajectory.free + trajectory.stimulated) * trajectory.dt
    for axes in (raster, field, current):
        for edge in (on, off):
            axes.axvline(edge, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        if trajectory.onset and axes is not raster:
            axes.axvspan(on, on + trajectory.onset * trajectory.dt, color=drawing.SHADE, lw=0, zorder=0)
    for axes in (raster, field):
        axes.tick_params(labelbottom=False)
    raster.set_xlim(0.0, trajectory.steps * trajectory.dt)
    current.set_xlabel("time (ms)", fontsize=9, color=drawing.INK)
    figure.align_ylabels([field, current])
    drawing.write(figure, path)


def _numbers(values: Mapping[str, Floats]) -> str:
    means = {key: float(np.nanmean(each)) if np.isfinite(each).any() else np.nan for key, each in values.items()}
    if "error_index" in means:
        line = f"error index  {three_digits(means['error_index_free'])} → {three_digits(means['error_index'])}"
    else:
        line = f"S  {three_digits(means['suppression'])}"
    line += f"     RMS current  {three_digits(means['rms_kick'])} µA/cm²"
    return f"{line}     (means of {len(values['rms_kick'])} populations)"


@own_style
def free_network_picture(
    spikes: Spikes,
    pulses: Onsets,
    potentials: Floats,
    fields: Mapping[str, Mapping[str, Floats]],
    network: NetworkModel,
    band: tuple[float, float],
    path: Target,
    title: str,
    subtitle: str,
    *,
    populations: int,
    step: float,
    dt: float,
) -> None:
    """A free network: the last second of its spikes, potentials of a cell of each nucleus, spectra; 9 by 10.4 inches.

    Args:
        spikes: of population 0, which is shown, and perhaps others.
        pulses: sensorimotor ones, likewise; faint lines.
        potentials: of a cell of each nucleus of population 0, in mV, float64 (steps, nuclei).
        fields: of which spectra are shown, by what they are of, with the unit of the density, and by the label of a
            nucleus: float64 (populations, steps) each.
        network: what it is made of.
        band: that is shaded, in Hz.
        path: where to write: PDF where it ends in .pdf, else PNG at 150 dpi.
        title: at the top, bold.
        subtitle: at the top, small.
        populations: how many there are, those without a spike among them.
        step: integration step, in which spikes and pulses count, in ms.
        dt: from one sample of potentials and fields to the next, in ms.
    """
    end = len(potentials) * dt
    begin = max(0.0, end - SHOWN)
    figure = drawing.page(9.0, 10.4)
    drawing.heading(figure, title, subtitle)
    grid = figure.add_gridspec(
        2,
        height_ratios=(4.2, 2.2),
        left=drawing.LEFT,
        right=drawing.RIGHT,
        top=0.935,
        bottom=0.048,
        hspace=0.19,
    )
    above = grid[0].subgridspec(1 + len(network.groups), 1, height_ratios=(4, *[1] * len(network.groups)), hspace=0.12)
    raster = figure.add_subplot(above[0])
    _free_spikes(raster, spikes, network, step, (begin, end))
    panels = [figure.add_subplot(above[k + 1], sharex=raster) for k in range(len(network.groups))]
    time = np.arange(1, len(potentials) + 1, dtype=np.float64) * dt
    _potentials(panels, network, time[time > begin], potentials[time > begin])
    for axes in (raster, *panels):
        _pulses(axes, pulses, step)
    figure.align_ylabels(panels)
    densities = {f"{words}: {OF_SIGNALS}": signal_densities(of, dt) for words, of in fields.items()}
    if end >= LEAST:
        of_spikes = spike_densities(spikes, network, populations, step, 0.0, end)
        densities[f"spikes ((spk/s)²/Hz): {OF_SPIKES}"] = of_spikes
    _spectra(figure, grid[1], densities, network, band)
    drawing.write(figure, path)


def _free_spikes(axes: Axes, spikes: Spikes, network: NetworkModel, step: float, shown: tuple[float, float]) -> None:
    """Spikes of the first population from one time to another, in ms, beside the rates of its whole recording."""
    begin, end = shown
    first = spikes.population == 0
    own = Spikes(spikes.population[first], spikes.sample[first], spikes.cell[first])
    at = own.sample * np.float64(step)
    rates = {name: firing(own, network.cells_of(name), 1, step, 0.0, end) for name in network.names}
    told = {name: f"{each.rate[0]:.0f} Hz, CV {each.cv[0]:.2f}" for name, each in rates.items()}
    nuclei_raster(axes, network, at[at > begin], own.cell[at > begin], told)
    axes.set_xlim(begin, end)
    axes.tick_params(labelbottom=False)


def _potentials(panels: Sequence[Axes], network: NetworkModel, time: Floats, potentials: Floats) -> None:
    """Of a cell of each nucleus, one below the other, (steps, nuclei)."""
    for k, (axes, group) in enumerate(zip(panels, network.groups, strict=True)):
        drawing.plain(axes, f"v of {group.label} 0\n(mV)", 8.0)
        drawing.curve(axes, time, potentials[:, k], COLOURS[k % len(COLOURS)], 0.7)
        axes.tick_params(labelbottom=axes is panels[-1])
    panels[-1].set_xlabel("time (ms)", fontsize=9, color=drawing.INK)


def _spectra(
    figure: Figure,
    place: SubplotSpec,
    panels: Mapping[str, Densities],
    network: NetworkModel,
    band: tuple[float, float],
) -> None:
    """Panels of densities two by two, each under the words for what it is of."""
    grid = place.subgridspec(-(-len(panels) // 2), 2, hspace=0.42, wspace=0.14)
    for k, (words, curves) in enumerate(panels.items()):
        axes = figure.add_subplot(grid[k // 2, k % 2])
        drawing.plain(axes, "")
        density_panel(axes, curves, colours_of(network), band)
        axes.set_title(words, loc="left", fontsize=8, color=drawing.INK, pad=3, parse_math=False)
        lowest = k + 2 >= len(panels)
        axes.tick_params(labelbottom=lowest)
        if lowest:
            frequency_label(axes, band)


def _pulses(axes: Axes, pulses: Onsets, step: float) -> None:
    """Where sensorimotor pulses began."""
    for sample in pulses.sample[pulses.population == 0]:
        axes.axvline(sample * step, color=drawing.GHOST, linewidth=0.8, zorder=0)
