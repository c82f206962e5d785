"""Spikes of every cell of a network, nucleus by nucleus."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rldbs.analysis.plots import drawing
from rldbs.core.arguments import Floats
from rldbs.core.network_model import NetworkModel

GAP = 4
"""Lines between the rasters of two nuclei."""
COLOURS = drawing.VERMILLION, "#009E73", "#7E57A6", drawing.BLUE
"""Of the nuclei, as they come."""


def nuclei_raster(
    axes: Axes, model: NetworkModel, time: Floats, cell: NDArray[np.int64], told: Mapping[str, str]
) -> None:
    """A line for each cell, the first nucleus at the top, and above each nucleus what it is called.

    Args:
        axes: where to draw.
        model: the network.
        time: of the spikes, in ms.
        cell: whose they are.
        told: by nucleus, what stands beside its name.
    """
    for i, group in enumerate(model.groups):
        cells, colour = model.cells_of(group.name), COLOURS[i % len(COLOURS)]
        own = (cell >= cells.start) & (cell < cells.stop)
        axes.scatter(time[own], -(cell[own] + GAP * i), s=7.0, marker="|", c=colour, linewidths=0.7)
        axes.text(
            0.0,
            0.9 - cells.start - GAP * i,
            f"{group.label} {told[group.name]}",
            transform=axes.get_yaxis_transform(),
            fontsize=8,
            color=colour,
        )
    drawing.plain(axes, "")
    axes.spines["left"].set_visible(False)
    axes.set(yticks=(), ylim=(-(model.cells + GAP * (len(model.groups) - 1)), GAP - 1))
