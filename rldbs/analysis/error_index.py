"""The error index: how faithfully thalamic cells pass sensorimotor pulses on.

So, Kent, Grill, J. Comput. Neurosci. 32, 499 (2012), as their program counts it: each pulse should be followed by one
spike within 25 ms, and by none from there to the next pulse.
"""

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats
from rldbs.core.cell_network import Onsets, Spikes

Samples = NDArray[np.int64]

WINDOW = 25.0
"""ms after a pulse in which the spike should come."""
SETTLED = 200.0
"""ms: pulses before this are not counted."""


def error_index(
    spikes: Spikes, pulses: Onsets, cells: slice, populations: int, dt: float, end: float, begin: float = SETTLED
) -> Floats:
    """Errors in proportion to pulses, mean over the cells: float64 (populations,).

    An error is a window with no spike or with several, and every spike between a window and the next pulse. It is not a
    number where no pulse counts, and 0 wherever stimulation is effective, however much stronger than need be.

    Args:
        spikes: of all cells.
        pulses: when sensorimotor pulses began.
        cells: which are the thalamic cells: ``network.model.cells_of("th")``.
        populations: how many there are.
        dt: integration step, in ms.
        end: of the recording, in ms since the network began; a pulse counts where its window ends before.
        begin: pulses count from here on, in ms.
    """
    window, first, last = (round(time / dt) for time in (WINDOW, begin, end))
    found = np.full(populations, np.nan)
    for k in range(populations):
        onsets = pulses.sample[pulses.population == k]
        counted = (onsets >= first) & (onsets <= last - window)
        if counted.any():
            own = spikes.population == k
            following = np.minimum(np.append(onsets[1:], last), last)[counted]
            errors = sum(
                _errors(spikes.sample[own & (spikes.cell == cell)], onsets[counted], window, following)
                for cell in range(cells.start, cells.stop)
            )
            found[k] = errors / (cells.stop - cells.start) / np.count_nonzero(counted)
    return found


def _errors(spikes: Samples, onsets: Samples, window: int, following: Samples) -> int:
    """Of one cell, whose spikes are sorted."""
    before, closed, late = (np.searchsorted(spikes, at) for at in (onsets, onsets + window, following))
    return int(np.count_nonzero(closed - before != 1) + np.maximum(late - closed, 0).sum())
