"""Spectra of nuclei as panels: a density on a logarithmic scale, a curve for each nucleus, the band shaded."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.nuclei_raster import COLOURS
from rldbs.analysis.spectra import BANDWIDTH, TAPERS, spike_spectrum, welch_spectrum
from rldbs.core.arguments import Floats
from rldbs.core.cell_network import Spikes
from rldbs.core.network_model import NetworkModel

FASTEST = 60.0
"""Hz: where spectra end."""
OF_SIGNALS = "Welch, Hann windows of 1 s"
OF_SPIKES = f"multitaper, NW {BANDWIDTH:g}, {TAPERS} Slepian tapers"


def density_panel(
    axes: Axes,
    curves: Mapping[str, tuple[Floats, Floats]],
    colours: Mapping[str, str],
    band: tuple[float, float],
    fastest: float = FASTEST,
) -> None:
    """Densities over frequency.

    Args:
        axes: where to draw.
        curves: by name, frequencies in Hz, (F,), and density, (populations, F), of which the mean is drawn.
        colours: by name.
        band: that is shaded, in Hz.
        fastest: where the panel ends, in Hz.
    """
    axes.axvspan(*band, color=drawing.SHADE, lw=0, zorder=0)
    for name, (frequency, density) in curves.items():
        shown = (frequency > 0.0) & (frequency <= fastest)
        axes.semilogy(frequency[shown], density.mean(axis=0)[shown], color=colours[name], linewidth=0.9, label=name)
    axes.set_xlim(0.0, fastest)
    axes.yaxis.set_major_locator(LogLocator(numticks=4))
    axes.minorticks_off()


def frequency_label(axes: Axes, band: tuple[float, float], how: str = "") -> None:
    """What the axis of frequencies is, and the band; ``how`` densities were estimated, where no title says it."""
    words = [how] if how else []
    label = "; ".join(["frequency (Hz)", *words, f"shaded: {band[0]:g} to {band[1]:g}"])
    axes.set_xlabel(label, fontsize=9, color=drawing.INK)


def signal_densities(signals: Mapping[str, Floats], dt: float) -> dict[str, tuple[Floats, Floats]]:
    """Of signals, float64 (populations, steps) in steps of dt ms, by Welch's method."""
    return {name: welch_spectrum(x, dt) for name, x in signals.items()}


def spike_densities(
    spikes: Spikes, network: NetworkModel, populations: int, step: float, begin: float, end: float
) -> dict[str, tuple[Floats, Floats]]:
    """Of the spikes of each nucleus; arguments as of :func:`.spike_spectrum`."""
    return {
        group.label: spike_spectrum(spikes, network.cells_of(group.name), populations, step, begin, end)
        for group in network.groups
    }


def colours_of(network: NetworkModel) -> dict[str, str]:
    """The colours that nuclei have in rasters."""
    return {group.label: COLOURS[k % len(COLOURS)] for k, group in enumerate(network.groups)}
