"""How synchronous phase oscillators are: measures of which none can be had for another.

Power in a band falls when oscillators desynchronise, and just as well when their rhythm moves out of the band, or when
they are arrested. So it stands beside the order parameter, which frequency does not change, the power at all
frequencies, and how fast phases go on.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import number, whole
from rldbs.core.errors import SettingError, shown
from rldbs.core.native import MOST_MEANS, MOST_NEURONS
from rldbs.core.phase_network import Recorded, incoherent

Floats = NDArray[np.float64]
BETA = 13.0, 30.0
"""Hz."""
ALL = 1.0, 60.0
"""Hz: where a rhythm may be."""
SLOWER = 3.0
"""Where the band itself is slow, a rhythm may be so many times slower than its lowest frequency."""
WINDOW = 1000.0
"""ms: windows of the spectrum."""
SUPPRESSED, ARRESTED, KEPT = 0.5, 0.5, 0.7
"""R below this part of the free one; phases slower than this part; R above this part is as before."""
MOVED = 0.5
"""The rhythm has left the band where the band's share of all power is below this part of the free one's."""
Verdict = Literal["suppressed", "shifted", "quenched", ""]


@dataclass(frozen=True)
class Synchrony:
    """Of each population, float64 (populations,)."""

    order: Floats
    """Mean of the order parameter R = |mean exp(iθ)|."""
    order_over_floor: Floats
    """R in units of what as many oscillators have by chance, √π / (2·√N)."""
    band_power: Floats
    """Power of mean cos θ in the band, in its units squared."""
    total_power: Floats
    """The same from 1 to 60 Hz."""
    peak_frequency: Floats
    """Where there is most of it between these, in Hz."""
    rate: Floats
    """How fast phases go on, in Hz."""


def synchrony(
    seen: Recorded, neurons: int, dt: float, band: tuple[float, float] = BETA, window: int | None = None
) -> Synchrony:
    """The measures of a stretch. Of one that is shorter than a window, all about the spectrum are NaN.

    Args:
        seen: what a network has shown.
        neurons: oscillators in a population.
        dt: from one step to the next, in ms.
        band: lowest and highest frequency of the band, in Hz; both count.
        window: steps of a window of the spectrum; a second where it is None.

    Raises:
        SettingError: an argument is out of range, there are no steps, the band is none, or windows are too short to
            tell any frequency at which a rhythm may be.
    """
    from scipy import signal  # takes a second to load

    if not isinstance(seen, Recorded):
        raise SettingError(f"seen: must be what PhaseNetwork.advance gives, is {shown(seen)}")
    neurons, dt = whole("neurons", neurons, 1, MOST_NEURONS), number("dt", dt, above=0.0)
    band = _band(band)
    if seen.x.shape[1] == 0:
        raise SettingError("seen: there are no steps to measure")
    window = whole("window", round(WINDOW / dt) if window is None else window, 2, MOST_MEANS)
    order, rate = seen.order[:, :, 0].mean(axis=1), seen.rate.mean(axis=1)
    over_floor = order / incoherent(neurons)
    if seen.x.shape[1] < window:
        unknown = np.full(len(order), np.nan)
        return Synchrony(order, over_floor, unknown, unknown, unknown, rate)
    frequency, density = signal.welch(seen.x[:, :, 0], fs=1000.0 / dt, window="hann", nperseg=window, axis=1)
    every = min(ALL[0], band[0] / SLOWER), max(ALL[1], band[1])
    inside = (frequency >= every[0]) & (frequency <= every[1])
    if not inside.any():
        raise SettingError(
            f"window: {window} steps of {dt:g} ms tell no frequency from {every[0]:g} to {every[1]:g} Hz; take more"
        )
    return Synchrony(
        order,
        over_floor,
        _power(frequency, density, band),
        _power(frequency, density, every),
        frequency[inside][density[:, inside].argmax(axis=1)],
        rate,
    )


def verdict(free: Synchrony, stimulated: Synchrony) -> Verdict:
    """What stimulation has done, by the medians over populations.

    ``quenched``: phases are arrested, whatever else is so. ``suppressed``: R is less than half of the free one.
    ``shifted``: power has left the band, but R is nearly what it was: the rhythm is at another frequency.
    """
    before, now = ({name: float(np.median(array)) for name, array in vars(of).items()} for of in (free, stimulated))
    if abs(now["rate"]) < ARRESTED * abs(before["rate"]):
        return "quenched"
    if now["order"] < SUPPRESSED * before["order"]:
        return "suppressed"
    share_before, share_now = (of["band_power"] / of["total_power"] for of in (before, now))
    if now["order"] > KEPT * before["order"] and share_now < MOVED * share_before:
        return "shifted"
    return ""


def _band(band: tuple[float, float]) -> tuple[float, float]:
    """Two rising frequencies above 0, as plain numbers."""
    try:
        low, high = band
    except (TypeError, ValueError):
        low = high = np.nan
    low, high = (one if isinstance(one, int | float | np.integer | np.floating) else np.nan for one in (low, high))
    if not 0.0 < low < high < np.inf:
        raise SettingError(f"band: must be two rising frequencies above 0, in Hz, is {shown(band)}")
    return float(low), float(high)


def _power(frequency: Floats, density: Floats, band: tuple[float, float]) -> Floats:
    """The integral of a density over a band, both edges in it."""
    inside = (frequency >= band[0]) & (frequency <= band[1])
    return np.asarray(density[:, inside].sum(axis=1) * (frequency[1] - frequency[0]))
