"""Networks with plastic synapses, free and under stimulation: spikes, synchrony and weights over time, current."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from numpy.typing import NDArray

from rldbs.analysis.plastic_metrics import measure_plastic
from rldbs.analysis.plots import drawing, own_style
from rldbs.analysis.plots.spectra_panels import density_panel, frequency_label
from rldbs.analysis.rhythm import spectrum
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.arguments import Floats
from rldbs.core.cell_network import Spikes
from rldbs.core.ei_plastic import PlasticModel
from rldbs.files.user_file import Target

EXCERPT = 300.0
"""ms of spikes that are shown at once."""
COLOURS = drawing.VERMILLION, drawing.BLUE
"""Of excitatory and inhibitory neurons."""
LASTING = (150.0, 175.0)
"""mV: below this J·w a desynchronised network stays so, and above it does not, as was measured."""
FASTEST = 150.0
"""Hz: where the spectrum ends."""


@own_style
def stimulated_plastic_picture(
    trajectory: Trajectory, network: PlasticModel, path: Target, title: str, subtitle: str
) -> None:
    """Episode 0 of a measurement: spikes before, under and after stimulation, χ, J·w, the current; 9 by 8 inches.

    The line at the top is of all episodes. Where nothing is relaxed, the last spikes are those under stimulation.
    """
    spikes, dt = _heard(trajectory), trajectory.dt
    figure = drawing.page(9.0, 8.0)
    drawing.heading(figure, title, subtitle, _numbers(measure_plastic(trajectory, network)))
    grid = _grid(figure, 0.855, (2.6, 1.0, 1.0, 0.9))
    free, stimulated = trajectory.free_phase, trajectory.stimulated_phase
    excerpts = {
        "free": free.stop * dt - EXCERPT,
        "stimulated": stimulated.start * dt + EXCERPT,
        "at the end": trajectory.steps * dt - EXCERPT,
    }
    _excerpts(figure, grid[0], network, spikes, trajectory.dt / trajectory.kicks_per_step, excerpts)
    panels = _over_time(figure, grid[1:3], trajectory.field[0], trajectory.variables, network, dt)
    current = figure.add_subplot(grid[3], sharex=panels[0])
    _current(current, trajectory)
    for axes in (*panels, current):
        for edge in (free.stop, stimulated.stop):
            axes.axvline(edge * dt / 1000.0, color=drawing.FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
    panels[-1].tick_params(labelbottom=False)
    figure.align_ylabels([*panels, current])
    drawing.write(figure, path)


@own_style
def free_plastic_picture(
    field: Floats,
    variables: Sequence[str],
    spikes: Spikes,
    network: PlasticModel,
    band: tuple[float, float],
    path: Target,
    title: str,
    subtitle: str,
    *,
    step: float,
    dt: float,
) -> None:
    """A free network: the last spikes, χ and J·w over time, the spectrum of the mean potential; 9 by 8 inches.

    Args:
        field: of population 0, float64 (steps, variables).
        variables: their names.
        spikes: of population 0, which is shown, and perhaps others.
        network: what it is made of.
        band: that is shaded, in Hz.
        path: where to write: PDF where it ends in .pdf, else PNG at 150 dpi.
        title: at the top, bold.
        subtitle: at the top, small.
        step: integration step, in which spikes count, in ms.
        dt: from one sample of the field to the next, in ms.
    """
    figure = drawing.page(9.0, 8.0)
    drawing.heading(figure, title, subtitle)
    grid = _grid(figure, 0.9, (2.6, 1.0, 1.0, 1.1))
    _excerpts(
        figure, grid[0], network, spikes, step, {"free": max(0.0, len(field) * dt - 2.0 * EXCERPT)}, 2.0 * EXCERPT
    )
    panels = _over_time(figure, grid[1:3], field, variables, network, dt)
    panels[-1].set_xlabel("time (s)", fontsize=9, color=drawing.INK)
    power = figure.add_subplot(grid[3])
    _spectrum(power, field[:, 0], band, dt)
    figure.align_ylabels([*panels, power])
    drawing.write(figure, path)


def _current(axes: Axes, trajectory: Trajectory) -> None:
    """The current of episode 0."""
    kicks = trajectory.kicks[0].reshape(len(trajectory.kicks[0]), -1)[:, 0]
    time = np.arange(0.5, len(kicks), dtype=np.float64) * trajectory.dt / trajectory.kicks_per_step / 1000.0
    drawing.plain(axes, "current (mV)")
    drawing.curve(axes, time, kicks, drawing.VERMILLION, 0.7)
    axes.set_ylim(*(drawing.padded(kicks) if kicks.any() else (-1.0, 1.0)))
    axes.set_xlabel("time (s)", fontsize=9, color=drawing.INK)


def _spectrum(axes: Axes, x: Floats, band: tuple[float, float], dt: float) -> None:
    """That of the mean potential, float64 (steps,), with a band in Hz."""
    drawing.plain(axes, "power of mean v\n(mV²/Hz)")
    density_panel(axes, {"": spectrum(x[None], dt / 1000.0)}, {"": drawing.BLUE}, band, FASTEST)
    frequency_label(axes, band)


def _grid(figure: Figure, top: float, heights: Sequence[float]) -> list[SubplotSpec]:
    grid = figure.add_gridspec(
        len(heights),
        height_ratios=heights,
        left=drawing.LEFT,
        right=drawing.RIGHT,
        top=top,
        bottom=0.065,
        hspace=0.32,
    )
    return [grid[k] for k in range(len(heights))]


def _heard(trajectory: Trajectory) -> Spikes:
    """Spikes of those neurons that are heard one by one.

    Raises:
        ValueError: the trajectory has none.
    """
    if trajectory.spikes is None:
        raise ValueError("this trajectory has no spikes")
    return Spikes(*trajectory.spikes.T)


def _excerpts(
    figure: Figure,
    place: SubplotSpec,
    network: PlasticModel,
    spikes: Spikes,
    step: float,
    begins: dict[str, float],
    length: float = EXCERPT,
) -> None:
    """Spikes of population 0 in stretches of time side by side, by what each is called, where each begins in ms."""
    mine = spikes.population == 0
    time, cells = spikes.sample[mine] * step, spikes.cell[mine]
    places = place.subgridspec(1, len(begins), wspace=0.06)
    rows = {int(cell): k for k, cell in enumerate(np.unique(cells))}
    row = np.array([rows[int(cell)] for cell in cells], np.int64)
    inhibitory = _inhibitory(cells)
    for k, (told, begin) in enumerate(begins.items()):
        axes = figure.add_subplot(places[k])
        shown = (time > begin) & (time <= begin + length)
        for colour, own in zip(COLOURS, (~inhibitory, inhibitory), strict=True):
            own = own & shown
            axes.scatter((time[own] - begin), -row[own], s=6.0, marker="|", c=colour, linewidths=0.6)
        drawing.plain(axes, "")
        axes.spines["left"].set_visible(False)
        axes.set(yticks=(), xticks=np.linspace(0.0, length, 4)[:-1], ylim=(-len(rows), 1), xlim=(0.0, length))
        axes.set_title(f"{told}, from {begin / 1000.0:.2f} s", fontsize=9, color=drawing.INK, loc="left")
        axes.set_xlabel("time (ms)", fontsize=9, color=drawing.INK)
        if k == 0:
            some = int((~inhibitory[np.unique(cells, return_index=True)[1]]).sum())
            for name, colour, at in zip(network.groups, COLOURS, (-some / 2.0, -(some + len(rows)) / 2.0), strict=True):
                axes.text(
                    -0.02 * length, at, name.label, fontsize=8, color=colour, rotation=90, va="center", ha="right"
                )


def _inhibitory(cells: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which are: those behind the gap between the neurons of both groups that are heard."""
    every = np.unique(cells)
    if len(every) < 2:
        return np.zeros(len(cells), np.bool_)
    behind: NDArray[np.bool_] = cells > every[np.argmax(np.diff(every))]
    return behind


def _over_time(
    figure: Figure,
    places: Sequence[SubplotSpec],
    field: Floats,
    variables: Sequence[str],
    network: PlasticModel,
    dt: float,
) -> list[Axes]:
    """χ, and J·w, of one population."""
    time = np.arange(1, len(field) + 1, dtype=np.float64) * dt / 1000.0
    synchrony, weight = (field[:, list(variables).index(name)] for name in ("synchrony", "weight"))
    above = figure.add_subplot(places[0])
    below = figure.add_subplot(places[1], sharex=above)
    drawing.plain(above, "synchrony χ")
    drawing.curve(above, time, synchrony, drawing.BLUE, 0.8)
    above.set(ylim=(0.0, 1.0), xlim=(0.0, time[-1]))
    above.tick_params(labelbottom=False)
    coupling = network.groups[0].strength * weight
    drawing.plain(below, "J·w (mV)")
    below.axhspan(*LASTING, color=drawing.SHADE, lw=0, zorder=0)
    drawing.curve(below, time, coupling, drawing.INK, 1.1)
    below.set_ylim(0.0, max(290.0, float(coupling.max())))
    return [above, below]


def _numbers(values: dict[str, Floats]) -> str:
    means = {key: float(np.nanmean(each)) if np.isfinite(each).any() else np.nan for key, each in values.items()}
    line = f"χ  {three_digits(means['synchrony_free'])} → {three_digits(means['synchrony_after'])}"
    line += f"     J·w  {three_digits(means['coupling_free'])} → {three_digits(means['coupling_stimulated'])} mV"
    line += f"     charge  {three_digits(means['charge'])} mV·s"
    return f"{line}     (means of {len(values['charge'])} populations)"
