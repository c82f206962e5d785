"""Conditions of a network of cells side by side: what was recorded, and the spikes of every cell."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rldbs.analysis.error_index import error_index
from rldbs.analysis.firing import firing
from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.nuclei_raster import nuclei_raster
from rldbs.core.arguments import Floats
from rldbs.core.cell_network import CellNetwork, CellRecord
from rldbs.files.user_file import Target

TOP, BOTTOM, CURVE, SPACE, RASTER = 0.9, 0.5, 0.95, 0.14, 3.5
"""Inches: above the first panel, below the last, of a curve, between panels, of the rasters."""


@own_style
def nuclei_picture(
    records: Mapping[str, CellRecord],
    network: CellNetwork,
    path: Target,
    title: str,
    subtitle: str = "",
    *,
    begin: float = 0.0,
) -> None:
    """A column for each condition: channels, spikes of every cell, error index and rates; population 0 of each.

    Faint lines are sensorimotor pulses. Error index and rates are those of the whole record, of which the picture shows
    the end.

    Args:
        records: by what the condition is called; each from the start of a network to its end in one call.
        network: one such as they were recorded from.
        path: where to write: PDF where it ends in .pdf, else PNG at 150 dpi.
        title: at the top, bold.
        subtitle: at the top, small.
        begin: what is shown begins here, in ms.

    Raises:
        ValueError: there is nothing to show.
    """
    steps = {record.channels.shape[1] * network.every for record in records.values()}
    if len(steps) != 1 or not 0.0 <= begin < (end := steps.pop() * network.dt):
        raise ValueError(f"records must be equally long, and longer than {begin:g} ms")
    rows = len(network.channels)
    tall = TOP + rows * (CURVE + SPACE) + RASTER + BOTTOM
    figure = drawing.page(10.0, tall)
    drawing.heading(figure, title, subtitle)
    width = (drawing.RIGHT - drawing.LEFT + 0.02) / len(records)
    time = (np.arange(round(end / network.dt / network.every)) + 1) * network.every * network.dt
    shown = time > begin
    curves = [record.channels[0][shown] for record in records.values()]
    limits = [drawing.padded(np.concatenate([curve[:, q] for curve in curves])) for q in range(rows)]
    for column, (name, record) in enumerate(records.items()):
        left, bottom = drawing.LEFT + column * width, tall - TOP
        index = error_index(record.spikes, record.pulses, network.model.cells_of("th"), 1, network.dt, end)[0]
        words = f"{name}: error index {index:.2f}" if np.isfinite(index) else name
        figure.text(left, 1 - (TOP - 0.1) / tall, words, fontsize=10, color=drawing.INK, parse_math=False)
        for q, channel in enumerate(network.channels):
            bottom -= CURVE
            axes = figure.add_axes((left, bottom / tall, width - 0.02, CURVE / tall))
            _curve(axes, time[shown], curves[column][:, q], _label(network, channel) if column == 0 else "")
            axes.set(xlim=(begin, end), ylim=limits[q])
            _pulses(axes, record, network.dt)
            axes.tick_params(labelbottom=False, labelleft=column == 0)
            bottom -= SPACE
        axes = figure.add_axes((left, (bottom - RASTER) / tall, width - 0.02, RASTER / tall))
        _pulses(axes, record, network.dt)
        _spikes(axes, record, network, end)
        axes.set(xlim=(begin, end))
        axes.xaxis.set_major_locator(MaxNLocator(5, prune="upper"))
        axes.set_xlabel("time (ms)", fontsize=9, color=drawing.INK)
    drawing.write(figure, path)


def _label(network: CellNetwork, channel: str) -> str:
    """What a channel is called on its axis: ``stn.v[3]`` is v of STN 3."""
    group, _, rest = channel.partition(".")
    variable, _, cell = rest.rstrip("]").partition("[")
    return f"{variable} of {network.model.group(group).label} {cell}".rstrip() + (" (mV)" if variable == "v" else "")


def _curve(axes: Axes, time: Floats, y: Floats, label: str) -> None:
    drawing.curve(axes, time, y, drawing.INK, 0.7)
    drawing.plain(axes, label)
    axes.yaxis.set_major_locator(MaxNLocator(3))


def _pulses(axes: Axes, record: CellRecord, dt: float) -> None:
    """Where sensorimotor pulses began."""
    for sample in record.pulses.sample[record.pulses.population == 0]:
        axes.axvline(sample * dt, color=drawing.GHOST, linewidth=0.8, zorder=0)


def _spikes(axes: Axes, record: CellRecord, network: CellNetwork, end: float) -> None:
    """Those of every cell; beside each nucleus stands its rate."""
    spikes, mine = record.spikes, record.spikes.population == 0
    populations = int(spikes.population.max(initial=0)) + 1
    told = {}
    for name in network.model.names:
        rate = firing(spikes, network.model.cells_of(name), populations, network.dt, 0.0, end).rate[0]
        told[name] = f"{rate:.0f} Hz"
    nuclei_raster(axes, network.model, spikes.sample[mine] * network.dt, spikes.cell[mine], told)
