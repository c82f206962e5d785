"""Errors of the thalamus as they happen: what the error index counts, step by step."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats

Samples = NDArray[np.int64]


class Relayed(NamedTuple):
    """What has been passed on in some steps, float64 (steps,) each."""

    pulses: Floats
    """Pulses whose window has ended in a step."""
    errors: Floats
    """Windows with no spike or several, when they end, and spikes outside of windows; mean over cells."""


class Relay:
    """How the cells of one network follow pulses: each should fire once within a window, and not until the next pulse.

    Where the next pulse comes within the window, that ends there.

    Args:
        heard: int64 (cells,), spikes since the newest pulse, as far as its window has not ended; written.
        window: samples after a pulse in which the spike should come.
    """

    def __init__(self, heard: Samples, window: int) -> None:
        self._heard, self._window = heard, window

    def follow(
        self,
        clock: int,
        steps: int,
        every: int,
        last: int,
        coming: int,
        onsets: Sequence[int],
        spikes: Samples,
        cells: Samples,
    ) -> Relayed:
        """Take in the coming steps, of ``every`` samples each. Several calls count what one would.

        A pulse that begins where a call ends cuts the window before it there, as it does in the midst of a call, and a
        spike in that very sample is already one of its own.

        Args:
            clock: samples before.
            steps: how many steps.
            every: samples in each.
            last: when the newest pulse so far began; negative where there was none.
            coming: when the first pulse after these steps will begin.
            onsets: when pulses of these steps began.
            spikes: samples of the spikes, rising.
            cells: whose they are.
        """
        pulses, errors = np.zeros(steps), np.zeros(steps)
        end = clock + steps * every
        starts = ([last] if last >= 0 else []) + list(onsets) + ([coming] if coming == end else [])
        for k, start in enumerate(starts):
            following = starts[k + 1] if k + 1 < len(starts) else end + 1
            closes = min(start + self._window, following)
            if start > clock or (start == clock == 0):  # of one that begins with the call, the call before has heard
                self._heard[:] = 0
            if closes > clock:
                first, behind = np.searchsorted(spikes, (start, closes))
                self._heard += np.bincount(cells[first:behind], minlength=len(self._heard))
                if closes <= end:
                    step = (closes - clock - 1) // every
                    pulses[step] += 1.0
                    errors[step] += np.count_nonzero(self._heard != 1)
            late = spikes[slice(*np.searchsorted(spikes, (max(closes, clock + 1), following)))]
            np.add.at(errors, (late - clock - 1) // every, 1.0)
        return Relayed(pulses, errors / len(self._heard))
