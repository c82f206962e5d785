"""Conditions of a network of cells side by side: what was recorded, the spikes of every cell, and their spectra."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from rldbs.analysis.error_index import error_index
from rldbs.analysis.firing import firing
from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.nuclei_raster import nuclei_raster
from rldbs.analysis.plots.spectra_panels import (
    colours_of,
    density_panel,
    frequency_label,
    signal_densities,
    spike_densities,
)
from rldbs.analysis.spectra import LEAST
from rldbs.core.arguments import Floats
from rldbs.core.cell_network import CellNetwork, CellRecord, Spikes
from rldbs.files.user_file import Target

TOP, BOTTOM, CURVE, SPACE, RASTER, APART = 0.9, 0.5, 0.95, 0.14, 3.5, 0.56
"""Inches: above the first panel, below the last, of a curve or spectrum, between panels, of the rasters, below them."""
USUAL_BAND = (13.0, 30.0)
"""Hz: β."""


@own_style
def nuclei_picture(
    records: Mapping[str, CellRecord],
    network: CellNetwork,
    path: Target,
    title: str,
    subtitle: str = "",
    *,
    begin: float = 0.0,
    band: tuple[float, float] = USUAL_BAND,
) -> None:
    """A column for each condition: channels, spikes of every cell, spectra, error index, rates; population 0 of each.

    Faint lines are sensorimotor pulses. Error index and rates are those of the whole record, of which the picture shows
    the end. So are spectra: of every channel that is a mean by Welch's method, and of the spikes of each nucleus by the
    multitaper one, where the record has half a second.

    Args:
        records: by what the condition is called; each from the start of a network to its end in one call.
        network: one such as they were recorded from.
        path: where to write: PDF where it ends in .pdf, else PNG at 150 dpi.
        title: at the top, bold.
        subtitle: at the top, small.
        begin: what is shown begins here, in ms.
        band: that is shaded in spectra, in Hz.

    Raises:
        ValueError: there is nothing to show.
    """
    steps = {record.channels.shape[1] * network.every for record in records.values()}
    if len(steps) != 1 or not 0.0 <= begin < (end := steps.pop() * network.dt):
        raise ValueError(f"records must be equally long, and longer than {begin:g} ms")
    rows = len(network.channels)
    spectra = [_densities(record, network, end) for record in records.values()]
    below = APART - SPACE + len(spectra[0]) * (CURVE + SPACE) if spectra[0] else 0.0
    figure = drawing.page(10.0, TOP + rows * (CURVE + SPACE) + RASTER + below + BOTTOM)
    drawing.heading(figure, title, subtitle)
    width = (drawing.RIGHT - drawing.LEFT + 0.02) / len(records)
    time = (np.arange(round(end / network.dt / network.every)) + 1) * network.every * network.dt
    shown = time > begin
    curves = [record.channels[0][shown] for record in records.values()]
    limits = [drawing.padded(np.concatenate([curve[:, q] for curve in curves])) for q in range(rows)]
    alike: list[list[Axes]] = []
    for k, (name, record) in enumerate(records.items()):
        column = _Column(figure, drawing.LEFT + k * width, width - 0.02, first=k == 0)
        column.head(_heading(name, record, network, end))
        for q, channel in enumerate(network.channels):
            axes = column.panel(CURVE, SPACE, _label(network, channel))
            drawing.curve(axes, time[shown], curves[k][:, q], drawing.INK, 0.7)
            axes.yaxis.set_major_locator(MaxNLocator(3))
            axes.set(xlim=(begin, end), ylim=limits[q])
            _pulses(axes, record, network.dt)
            axes.tick_params(labelbottom=False)
        axes = column.panel(RASTER, APART)
        _pulses(axes, record, network.dt)
        _spikes(axes, record, network, end)
        axes.set(xlim=(begin, end))
        axes.xaxis.set_major_locator(MaxNLocator(5, prune="upper"))
        axes.set_xlabel("time (ms)", fontsize=9, color=drawing.INK)
        alike.append(_spectra(column, spectra[k], network, band))
    _same_scale(alike)
    drawing.write(figure, path)


class _Column:
    """Panels of a condition, from the top down; the first one's are labelled at the left."""

    def __init__(self, figure: Figure, left: float, width: float, *, first: bool) -> None:
        self._figure, self._left, self._width, self._first = figure, left, width, first
        self._bottom = figure.get_figheight() - TOP

    def head(self, words: str) -> None:
        high = 1 - (TOP - 0.1) / self._figure.get_figheight()
        self._figure.text(self._left, high, words, fontsize=10, color=drawing.INK, parse_math=False)

    def panel(self, high: float, space: float, label: str = "") -> Axes:
        """The next one, so many inches high, with so much space below it."""
        tall = self._figure.get_figheight()
        axes = self._figure.add_axes((self._left, (self._bottom - high) / tall, self._width, high / tall))
        drawing.plain(axes, label if self._first else "")
        axes.tick_params(labelleft=self._first)
        self._bottom -= high + space
        return axes


def _heading(name: str, record: CellRecord, network: CellNetwork, end: float) -> str:
    """What a condition is called, with its error index where something is relayed."""
    if network.model.relaying is None:
        return name
    relaying = network.model.cells_of(network.model.relaying)
    index = error_index(record.spikes, record.pulses, relaying, 1, network.dt, end)[0]
    return f"{name}: error index {index:.2f}" if np.isfinite(index) else name


def _spectra(
    column: _Column,
    densities: Mapping[str, Mapping[str, tuple[Floats, Floats]]],
    network: CellNetwork,
    band: tuple[float, float],
) -> list[Axes]:
    """A panel for each label; only the last one tells frequencies."""
    panels = []
    for label, curves in densities.items():
        axes = column.panel(CURVE, SPACE, label)
        density_panel(axes, curves, colours_of(network.model), band)
        axes.xaxis.set_major_locator(MaxNLocator(6, prune="upper"))
        axes.tick_params(labelbottom=False)
        panels.append(axes)
    if panels:
        panels[-1].tick_params(labelbottom=True)
        frequency_label(panels[-1], band)
    return panels


def _same_scale(columns: Sequence[Sequence[Axes]]) -> None:
    """Panels of several conditions side by side show the same range."""
    for row in zip(*columns, strict=True):
        lows, highs = zip(*(axes.get_ylim() for axes in row), strict=True)
        for axes in row:
            axes.set_ylim(min(lows), max(highs))


def _densities(record: CellRecord, network: CellNetwork, end: float) -> dict[str, dict[str, tuple[Floats, Floats]]]:
    """The densities of each row, by its label, and by nucleus: of means, and of spikes; nothing of a short record."""
    if end < LEAST:
        return {}
    found: dict[str, dict[str, tuple[Floats, Floats]]] = {}
    for q, channel in enumerate(network.channels):
        group, _, variable = channel.partition(".")
        if "[" not in variable:
            of = {network.model.group(group).label: record.channels[:1, :, q]}
            label = f"power of {variable}\n({'mV²' if variable == 'v' else '1'}/Hz)"
            found.setdefault(label, {}).update(signal_densities(of, network.every * network.dt))
    mine = record.spikes.population == 0
    spikes = Spikes(*(array[mine] for array in record.spikes))
    found["of spikes\n((spk/s)²/Hz)"] = spike_densities(spikes, network.model, 1, network.dt, 0.0, end)
    return found


def _label(network: CellNetwork, channel: str) -> str:
    """What a channel is called on its axis: ``stn.v[3]`` is v of STN 3."""
    group, _, rest = channel.partition(".")
    variable, _, cell = rest.rstrip("]").partition("[")
    return f"{variable} of {network.model.group(group).label} {cell}".rstrip() + (" (mV)" if variable == "v" else "")


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
