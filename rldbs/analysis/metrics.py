"""What is reported of an evaluation: one number per metric and episode."""

import numpy as np
from numpy.typing import NDArray

from rldbs.analysis.metric_definitions import QUENCHED_ACTIVITY, QUIET, RELAPSED, SUPPRESSED
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.sliding_window import first_window, rolling_std, sum_until
from rldbs.core.window_sums import over_contacts

Array = NDArray[np.float64]


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def measure(trajectory: Trajectory, uncoupled_std: Array | None = None) -> dict[str, Array]:
    """All of `METRICS`, each an array (E,) with one number per episode.

    `uncoupled_std` (E,) is std X of the same populations, free and without coupling; unless it is given, the
    two numbers that need it are NaN.

    Where a number does not exist it says so: suppression is infinite when X stands perfectly still under
    stimulation; a ratio 0/0 is NaN; the three times, and what is spent until the latency, are NaN when the event
    never comes, when the phase is shorter than one period, or when the free population has no rhythm. net_charge
    is 0 when no kick was given. A trajectory that diverged gives NaN.

    The sliding window of the times lies wholly within its phase, so none is ever less than one
    period; a relapse time of exactly one period (rounded) means that X was never suppressed, or came back
    at once.

    Source of χ: D. Golomb, J. Rinzel, Physica D 72, 259 (1994); D. Golomb, Scholarpedia 2(1):1347 (2007).
    """
    x = trajectory.x
    free = _std(x[:, trajectory.free_phase])
    after_onset = _std(x[:, trajectory.after_onset])
    stimulated = x[:, trajectory.stimulated_phase]
    given, measured_kicks = (trajectory.kicks_in(of) for of in (trajectory.stimulated_phase, trajectory.after_onset))
    period, relaxed = trajectory.period, x[:, trajectory.relaxed_phase]
    floor = np.full_like(free, np.nan) if uncoupled_std is None else free / uncoupled_std
    relapsed = rolling_std(relaxed, period) > RELAPSED * free[:, None]
    return {
        "suppression": free / after_onset,
        "suppression_with_onset": free / _std(stimulated),
        "floor": floor,
        "suppression_over_floor": free / after_onset / floor,
        "activity": trajectory.neuron_std_stimulated.mean(axis=1) / trajectory.neuron_std_free.mean(axis=1),
        "synchrony_free": _synchrony(free, trajectory.neuron_std_free),
        "synchrony_stimulated": _synchrony(after_onset, trajectory.neuron_std_stimulated),
        "mean_abs_kick": over_contacts(np.abs(measured_kicks)).mean(axis=1),
        "rms_kick": np.sqrt(over_contacts(measured_kicks**2).mean(axis=1)),
        "net_charge": net_charge(trajectory.kicks),
        **onset_metrics(stimulated, given, free, period),
        "relapse_time": first_window(relapsed & (free[:, None] > 0), period),
        "reward": trajectory.reward.copy(),
    }


def onset_metrics(x: Array, kicks: Array, free_std: Array, period: float) -> dict[str, Array]:
    """The metrics of how suppression sets in, each (E,).

    Args:
        x: the mean field from the start of stimulation, (E, T).
        kicks: those that were given meanwhile, (E, T) or (E, T, contacts); or some in each step, (E, k·T) or so.
        free_std: std X of the same populations, free, (E,).
        period: of the rhythm, in integration steps.
    """
    spread = rolling_std(x, period)
    latency = first_window(spread < QUIET * free_std[:, None], period)
    return {
        "time_to_suppression": first_window(spread < SUPPRESSED * free_std[:, None], period),
        "latency": latency,
        "energy_to_suppress": sum_until(_in_steps(kicks**2, x.shape[1]), latency),
        "charge_to_suppress": sum_until(_in_steps(np.abs(kicks), x.shape[1]), latency),
    }


def quenched(activity: Array) -> NDArray[np.bool_]:
    """Where a population was silenced instead of desynchronised: activity below `QUENCHED_ACTIVITY`."""
    return np.asarray(activity) < QUENCHED_ACTIVITY


def _in_steps(kicks: Array, steps: int) -> Array:
    """What is made of kicks one by one, summed over contacts and over each step: (E, T)."""
    whole: Array = over_contacts(kicks).reshape(len(kicks), steps, -1).sum(axis=2)
    return whole


def _std(x: Array) -> Array:
    """Standard deviation along the last axis, exactly 0 for a constant."""
    std: Array = (x - x[..., :1]).std(axis=-1)
    return std


def _synchrony(field_std: Array, neuron_std: Array) -> Array:
    """Golomb's χ of a window from std_t X (E,) and std_t x_i (E, N) in it."""
    chi: Array = field_std / np.sqrt((neuron_std**2).mean(axis=1))
    return chi


@np.errstate(invalid="ignore")
def net_charge(kicks: Array) -> Array:
    """What is left of the charge of kicks at each contact, (E, T) or (E, T, contacts), as a part of all that was given;
    0 if none was."""
    given, left = np.abs(kicks).sum(axis=1), np.abs(kicks.sum(axis=1))
    if kicks.ndim == 3:
        given, left = given.sum(axis=1), left.sum(axis=1)
    return np.where(given == 0, 0.0, left / given)
