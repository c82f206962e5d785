"""What is reported of an evaluation of phase oscillators beside the metrics of every model."""

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.synchrony import Synchrony, Verdict, synchrony, verdict
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.phase_network import Recorded

Array = NDArray[np.float64]
NEEDED = ("x", "y", "rate")
"""What a mean field of oscillators holds."""
PERIODS = 10
"""Of the rhythm, that a window of the spectrum holds at least."""


@np.errstate(divide="ignore", invalid="ignore")
def measure_oscillators(trajectory: Trajectory, band: tuple[float, float]) -> dict[str, Array]:
    """All of `OSCILLATOR_METRICS`, each an array (E,) with one number per episode; NaN where a phase is too short.
    Only what has clusters has `order_within`.

    Args:
        trajectory: of a model whose time is in ms and whose frequencies are in Hz.
        band: lowest and highest frequency of its rhythm, in Hz.
    """
    free, now = _stretches(trajectory, band)
    return {
        "order_free": free.order,
        "order": now.order,
        "order_over_floor": now.order_over_floor,
        **_within(trajectory),
        "band_power": now.band_power / free.band_power,
        "total_power": now.total_power / free.total_power,
        "peak_free": free.peak_frequency,
        "peak_frequency": now.peak_frequency,
        "firing": now.rate / free.rate,
    }


def verdict_of(trajectory: Trajectory, band: tuple[float, float]) -> Verdict:
    """What stimulation has done; nothing where a phase is too short to say."""
    return verdict(*_stretches(trajectory, band))


def _stretches(trajectory: Trajectory, band: tuple[float, float]) -> tuple[Synchrony, Synchrony]:
    """The free phase, and the stimulated one after its onset."""
    window = max(round(1000.0 / trajectory.dt), round(PERIODS * trajectory.period))
    field, neurons = trajectory.field, trajectory.neuron_std_free.shape[1]
    x, y, rate = (field[:, :, trajectory.variables.index(name)] for name in NEEDED)
    found = []
    for steps in (trajectory.free_phase, trajectory.after_onset):
        seen = Recorded(x[:, steps, None], y[:, steps, None], rate[:, steps])
        found.append(synchrony(seen, neurons, trajectory.dt, band, window))
    return found[0], found[1]


def _within(trajectory: Trajectory) -> dict[str, Array]:
    """R within the clusters after onset, their mean; nothing where there are none."""
    names = trajectory.variables
    clusters = [name.removesuffix("_x") for name in names if name.startswith("cluster") and name.endswith("_x")]
    if not clusters:
        return {}
    field = trajectory.field[:, trajectory.after_onset]
    orders = [np.hypot(*(field[:, :, names.index(f"{one}_{axis}")] for axis in "xy")).mean(axis=1) for one in clusters]
    return {"order_within": np.mean(orders, axis=0)}
