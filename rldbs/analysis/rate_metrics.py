"""What is reported of an evaluation of a rate model: its rates, its rhythm and the bursts of it, what was given."""

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.bursts import amplitude, bursts, threshold
from rldbs.analysis.metrics import measure
from rldbs.analysis.spectra import LEAST, power_within, welch_spectrum
from rldbs.analysis.trajectory import Trajectory

Array = NDArray[np.float64]
OF_ALL = (
    "suppression",
    "suppression_with_onset",
    "mean_abs_kick",
    "rms_kick",
    "net_charge",
    "time_to_suppression",
    "latency",
    "energy_to_suppress",
    "charge_to_suppress",
    "relapse_time",
    "reward",
)
"""Metrics that are those of every model."""
FASTEST = 100.0
"""Hz: the peak is sought up to here."""


@np.errstate(divide="ignore", invalid="ignore")
def measure_rates(trajectory: Trajectory, band: tuple[float, float]) -> dict[str, Array]:
    """All of `RATE_METRICS`, and those of every model that mean something here, each (E,), one number for each episode;
    of the rhythm NaN where a phase is shorter than half a second.

    Args:
        trajectory: of a model whose time is in ms, and whose variables are the rates of STN and GPe.
        band: lowest and highest frequency of the rhythm, in Hz.
    """
    found, dt = measure(trajectory), trajectory.dt
    free, after = trajectory.free_phase, trajectory.after_onset
    before, now = (trajectory.x[:, steps] for steps in (free, after))
    nothing = np.full(trajectory.episodes, np.nan)
    rhythm = dict.fromkeys(_RHYTHM, nothing)
    if min(before.shape[1], now.shape[1]) * dt >= LEAST:
        rhythm = _rhythm(before, now, dt, band)
    kicks = trajectory.kicks_in(after)
    return {
        **{key: found[key] for key in OF_ALL},
        "activity": now.mean(axis=1) / before.mean(axis=1),
        **rhythm,
        "rate_stn": now.mean(axis=1),
        "rate_gpe": trajectory.field[:, after, 1].mean(axis=1),
        "duty": (kicks != 0.0).reshape(len(kicks), -1).mean(axis=1),
    }


_RHYTHM = (
    "burst_time_free",
    "burst_time",
    "burst_duration_free",
    "burst_duration",
    "burst_rate_free",
    "burst_rate",
    "beta_power_free",
    "beta_power",
    "band_power",
    "peak_free",
    "peak_frequency",
)


def _rhythm(before: Array, now: Array, dt: float, band: tuple[float, float]) -> dict[str, Array]:
    free = amplitude(before, dt, band)
    above = threshold(free)
    of_free, of_now = bursts(free, above, dt), bursts(amplitude(now, dt, band), above, dt)
    (power_free, peak_free), (power, peak) = (power_and_peak(x, dt, band) for x in (before, now))
    values = (
        of_free.part,
        of_now.part,
        of_free.duration,
        of_now.duration,
        of_free.rate,
        of_now.rate,
        power_free,
        power,
        power / power_free,
        peak_free,
        peak,
    )
    return dict(zip(_RHYTHM, values, strict=True))


def power_and_peak(x: Array, dt: float, band: tuple[float, float]) -> tuple[Array, Array]:
    """Power of x (rows, steps) within the band, and the frequency at which there is most, (rows,) each."""
    frequency, density = welch_spectrum(x, dt)
    power = power_within(frequency, density, band)
    sought = (frequency > 0.0) & (frequency <= FASTEST)
    return power, frequency[sought][density[:, sought].argmax(axis=1)]
