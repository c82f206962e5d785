"""The past of a signal at every decision, longer than any window."""

import numpy as np

from rldbs.core.native import Floats


class Past:
    """Gives back a signal as it was some time ago, by straight lines between decisions.

    Before the first decision it is what the first window shows; before that window, its oldest sample.

    Args:
        delay: how long ago, in decisions.
        samples: the first window, float64 (length, …), oldest first.
        spacing: decisions between two of its samples.
    """

    def __init__(self, delay: float, samples: Floats, spacing: float) -> None:
        self._whole, self._part = int(delay), delay % 1.0
        ages = np.minimum(np.arange(1, self._whole + 2) / spacing, len(samples) - 1.0)  # in samples, before now
        older = np.minimum(ages.astype(np.intp) + 1, len(samples) - 1)
        newer = ages.astype(np.intp)
        part = (ages - newer).reshape(-1, *[1] * (samples.ndim - 1))
        past = (1.0 - part) * samples[-1 - newer] + part * samples[-1 - older]
        self._ring: Floats = np.concatenate([np.zeros_like(samples[:1]), past])  # the first place is for now
        self._now = 0

    def delayed(self, now: Floats) -> Floats:
        """The signal ``delay`` decisions ago; ``now`` is what it is at this decision."""
        ring, begin = self._ring, self._now
        ring[begin] = now
        self._now = (begin - 1) % len(ring)
        near, far = ring[(begin + self._whole) % len(ring)], ring[(begin + self._whole + 1) % len(ring)]
        delayed: Floats = (1.0 - self._part) * near + self._part * far
        return delayed
