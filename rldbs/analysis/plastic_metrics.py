"""What is reported of an evaluation of a network with plastic synapses: whether what was done lasts, and its charge."""

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.metric_definitions import RELAPSED
from rldbs.analysis.metrics import measure
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.ei_plastic import PlasticModel
from rldbs.core.window_sums import over_contacts

Array = NDArray[np.float64]
OF_ALL = ("suppression", "mean_abs_kick", "rms_kick", "net_charge", "reward")
"""Metrics that are those of every model."""
QUIET = 1000.0
"""ms at the end of the relaxed phase, in which it is seen whether desynchronisation lasts."""


@np.errstate(divide="ignore", invalid="ignore")
def measure_plastic(trajectory: Trajectory, network: PlasticModel) -> dict[str, Array]:
    """All of `PLASTIC_METRICS`, and those of every model that mean something here, each an array (E,) with one number
    per episode.

    What is to last is not a number where it has not lasted, or where there is no relaxed phase to see it in.

    Args:
        trajectory: of such a network.
        network: what it is made of.
    """
    found, field = measure(trajectory), trajectory.field
    free, stimulated = trajectory.free_phase, trajectory.stimulated_phase
    last = slice(max(stimulated.stop, trajectory.steps - round(QUIET / trajectory.dt)), trajectory.steps)

    def mean(name: str, steps: slice) -> Array:
        values = field[:, steps, trajectory.variables.index(name)]
        return values.mean(axis=1) if values.shape[1] else np.full(len(values), np.nan)

    def coupling(at: int) -> Array:
        strength: Array = network.groups[0].strength * field[:, at - 1, trajectory.variables.index("weight")]
        return strength

    rates = {
        f"rate_{name}{when}": mean(f"rate_{name}", steps)
        for name in network.names
        for when, steps in (("_free", free), ("", trajectory.after_onset), ("_after", last))
    }
    excitatory, inhibitory = network.neurons
    firing = [excitatory * rates[f"rate_e{when}"] + inhibitory * rates[f"rate_i{when}"] for when in ("_free", "")]
    before, after = mean("synchrony", free), mean("synchrony", last)
    relapsed = np.where(np.isnan(after), np.nan, (after > RELAPSED * before).astype(np.float64))
    charge, time = _given(trajectory)
    lasts = relapsed == 0.0
    return {
        **{key: found[key] for key in OF_ALL},
        "activity": firing[1] / firing[0],
        "synchrony_free": before,
        "synchrony_stimulated": mean("synchrony", trajectory.after_onset),
        "synchrony_after": after,
        "relapsed": relapsed,
        "coupling_free": coupling(free.stop),
        "coupling_stimulated": coupling(stimulated.stop),
        "coupling_after": coupling(trajectory.steps) if trajectory.relaxed else np.full(len(field), np.nan),
        **rates,
        "charge": charge,
        "stimulation_time": time,
        "charge_to_last": np.where(lasts, charge, np.nan),
        "time_to_last": np.where(lasts, time, np.nan),
    }


def _given(trajectory: Trajectory) -> tuple[Array, Array]:
    """Charge of both signs in mV·s, and s from the first moment of the stimulated phase to the last kick."""
    kicks = over_contacts(np.abs(trajectory.kicks_in(trajectory.stimulated_phase)))
    step = trajectory.dt / trajectory.kicks_per_step / 1000.0
    there = kicks > 0.0
    last = np.where(there.any(axis=1), kicks.shape[1] - np.argmax(there[:, ::-1], axis=1), 0)
    return kicks.sum(axis=1) * step, last * step
