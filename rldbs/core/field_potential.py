"""The local field potential about a nucleus: what an electrode in it would record of its synaptic currents."""

import numpy as np

from rldbs.core.arguments import Floats
from rldbs.core.network_model import NetworkModel, Potential


class FieldPotential:
    """Synaptic current per cell of a group, Σ g·(v − reversal), in µA/cm²: outward where it inhibits.

    A point source of I is φ = I/(4πσr) at a distance r, σ = 0.27 S/m. Cells here have neither a place nor a membrane
    area, which are one factor for all of them; the mean current is the potential without it.

    Args:
        model: the network.
        potential: the nucleus, and where its synaptic currents turn.

    Attributes:
        channels: what has to be sampled of a network, such as ``stn.v[3]``.
    """

    def __init__(self, model: NetworkModel, potential: Potential) -> None:
        group, self._reversal = potential.group, potential.reversal
        self._inward = [projection for projection in model.projections if projection.target == group]
        names = [f"{group}.v[{k}]" for k in range(model.group(group).cells)]
        self._begins = []
        for projection in self._inward:
            self._begins.append(len(names))
            names += [
                f"{projection.source}.{projection.variable}[{k}]" for k in range(model.group(projection.source).cells)
            ]
        self._cells, self.channels = model.group(group).cells, tuple(names)

    def of(self, samples: Floats) -> Floats:
        """From samples of ``channels``, float64 (populations, steps, channels): (populations, steps)."""
        v, total = samples[:, :, : self._cells], np.zeros(samples.shape[:2])
        for projection, begin in zip(self._inward, self._begins, strict=True):
            opened = sum((samples[:, :, begin + sources] for sources in projection.sources), np.zeros(v.shape))
            current = projection.weight * opened * (v - self._reversal[projection.input])
            for cell in range(self._cells):  # in this order, whatever the batch
                total += current[:, :, cell]
        return total / self._cells
