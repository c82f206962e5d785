"""What is reported of an evaluation of a network of cells: how it fires, how it relays, what was given."""

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.error_index import error_index
from rldbs.analysis.firing import firing
from rldbs.analysis.metrics import measure
from rldbs.analysis.rhythm import spectrum
from rldbs.analysis.spectra import LEAST, power_within, spike_spectrum
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.cell_network import Onsets, Spikes
from rldbs.core.network_model import NetworkModel

Array = NDArray[np.float64]
OF_ALL = (
    "suppression",
    "synchrony_free",
    "synchrony_stimulated",
    "mean_abs_kick",
    "rms_kick",
    "net_charge",
    "reward",
)
"""Metrics that are those of every model."""
RHYTHMIC = ("stn", "gpe", "gpi")
"""Nuclei of whose spikes the power in the band is told."""
SHORTEST = 8
"""Samples of a spectrum."""


@np.errstate(divide="ignore", invalid="ignore")
def measure_network(trajectory: Trajectory, network: NetworkModel, band: tuple[float, float]) -> dict[str, Array]:
    """All of `NETWORK_METRICS` that there are for its groups, and those of every model that mean something here, each
    an array (E,) with one number per episode; NaN where a phase is too short. Of a network that relays nothing there is
    no error index, and all of those of every model mean something.

    Args:
        trajectory: of such a network, with its spikes.
        network: what it is made of.
        band: lowest and highest frequency of the rhythm that is told, in Hz.
    """
    spikes, pulses, step = *events_of(trajectory), trajectory.dt / trajectory.kicks_per_step
    episodes, found = trajectory.episodes, measure(trajectory)
    free, after = (
        (steps.start * trajectory.dt, steps.stop * trajectory.dt)
        for steps in (trajectory.free_phase, trajectory.after_onset)
    )
    cells, index, common = slice(0, network.cells), {}, dict(found)
    if network.relaying is not None:
        relaying, common = network.cells_of(network.relaying), {key: found[key] for key in OF_ALL}
        index = {
            name: error_index(spikes, pulses, relaying, episodes, step, end, begin)
            for name, (begin, end) in (("error_index_free", free), ("error_index", after))
        }
    nuclei = {name: firing(spikes, network.cells_of(name), episodes, step, *after) for name in network.names}
    power = [_power(trajectory, steps, band) for steps in (trajectory.free_phase, trajectory.after_onset)]
    rates = [firing(spikes, cells, episodes, step, *phase).rate for phase in (free, after)]
    return {
        **common,
        "activity": rates[1] / rates[0],
        **index,
        **{f"rate_{name}": found.rate for name, found in nuclei.items()},
        **{f"cv_{name}": found.cv for name, found in nuclei.items()},
        "band_power": power[1] / power[0],
        **{
            f"spike_power_{name}{when}": spike_power(spikes, network.cells_of(name), episodes, step, *phase, band)
            for when, phase in (("_free", free), ("", after))
            for name in RHYTHMIC
            if name in network.names
        },
        "charge_per_phase": _charge_per_phase(trajectory.kicks_in(trajectory.after_onset), step),
    }


def spike_power(
    spikes: Spikes, cells: slice, populations: int, step: float, begin: float, end: float, band: tuple[float, float]
) -> Array:
    """Power of the spikes of a nucleus within a band of Hz, in (spk/s)², (populations,); NaN of a short stretch.

    Arguments as of :func:`.spike_spectrum`.
    """
    if end - begin < LEAST:
        return np.full(populations, np.nan)
    return power_within(*spike_spectrum(spikes, cells, populations, step, begin, end), band)


def events_of(trajectory: Trajectory) -> tuple[Spikes, Onsets]:
    """Spikes, and sensorimotor pulses.

    Raises:
        ValueError: the trajectory has none.
    """
    if trajectory.spikes is None or trajectory.pulses is None:
        raise ValueError("this trajectory has no spikes")
    return Spikes(*trajectory.spikes.T), Onsets(*trajectory.pulses.T)


def _power(trajectory: Trajectory, steps: slice, band: tuple[float, float]) -> Array:
    """Power of x within the band, (E,)."""
    x = trajectory.x[:, steps]
    if x.shape[1] < SHORTEST:
        return np.full(len(x), np.nan)
    return power_within(*spectrum(x, trajectory.dt / 1000.0), band)


def _charge_per_phase(currents: Array, step: float) -> Array:
    """Mean over stretches of one sign of the size of the charge of each, in nC/cm², from µA/cm² and ms; 0 of none."""
    signs = np.sign(currents)
    begins = (signs != 0) & (signs != np.concatenate([np.zeros_like(signs[:, :1]), signs[:, :-1]], axis=1))
    charge, phases = np.abs(currents).sum(axis=1) * step, begins.sum(axis=1)
    if currents.ndim == 3:
        charge, phases = charge.sum(axis=1), phases.sum(axis=1)
    return np.where(phases, charge / np.maximum(phases, 1), 0.0)
