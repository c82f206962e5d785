"""A reward about the power of a rhythm between two frequencies, as an implant measures it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from rldbs.core.errors import SettingError
from rldbs.core.native import Floats
from rldbs.core.window_sums import rewards_from

ORDER = 2
"""Of the filter at each edge of the band: 12 dB an octave."""


@dataclass(frozen=True)
class Beta:
    """−P − β·⟨|kick|⟩, where P is the power of X from ``low`` to ``high`` Hz, for models whose time is in ms.

    P is the mean square, over the last ``window``, of X behind a causal Butterworth band-pass of second order, two
    biquads one after the other, that was at rest ``settle`` before. A sine of amplitude a within the band counts a²/2.
    A rhythm that leaves the band pays as well as one that ends: look at the order parameter, too.
    (β power as implants sense it: Little et al., Ann. Neurol. 74, 449, 2013.)
    """

    dt: Annotated[float, Gt(0), Le(10)] = 0.5
    """Integration step, in ms; so are the window and the time to settle."""
    low: Annotated[float, Gt(0), Le(1000)] = 13.0
    high: Annotated[float, Gt(0), Le(1000)] = 30.0
    window: Annotated[float, Gt(0), Le(60_000)] = 300.0
    settle: Annotated[float, Ge(0), Le(60_000)] = 200.0
    beta: Annotated[float, Ge(0)] = 0.3

    def __post_init__(self) -> None:
        most = 500.0 / self.dt
        if not self.low < self.high < most:
            raise SettingError(
                f"reward.low={self.low:g}, reward.high={self.high:g}: must rise, and end below {most:g} Hz, half the "
                f"frequency of steps of {self.dt:g} ms"
            )

    @property
    def memory(self) -> int:
        return self._samples + round(self.settle / self.dt)

    def reward(self, past: Floats, kicks: Floats, x: Floats) -> Floats:
        from scipy.signal import sosfilt

        recent = past[:, -self.memory :]
        filtered = sosfilt(self._sections, recent - recent[:, :1], axis=1)
        power: Floats = np.square(filtered[:, -self._samples :]).mean(axis=1)
        return rewards_from(power, kicks, self.beta)

    @property
    def _samples(self) -> int:
        """Integration steps of the window."""
        return max(1, round(self.window / self.dt))

    @cached_property
    def _sections(self) -> NDArray[np.float64]:
        """The biquads, float64 (2, 6), as SciPy takes them."""
        from scipy.signal import butter

        return np.asarray(butter(ORDER, [self.low, self.high], "bandpass", fs=1000.0 / self.dt, output="sos"))
