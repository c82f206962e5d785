"""What stimulation does to a recording itself: its artefact, and the blanking that hides it."""

import numpy as np
from numpy.typing import NDArray

from rldbs.control.recording import Recording
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import ModelSettings, is_local_x
from rldbs.core.native import Floats, curve
from rldbs.core.saved_arrays import Arrays, put

FIELD = "lfp"
"""The variable of a network of cells that its electrode records."""


class Artefact:
    """Adds the kicks of each integration step to what is recorded in it, and holds samples about kicks.

    Args:
        recording: ``artefact``, how long it lasts, and how long is blanked.
        model: the populations, and where they are stimulated and recorded.
        environments: how many.
    """

    def __init__(self, recording: Recording, model: ModelSettings, environments: int) -> None:
        self._gain = recording.artefact * reach(model)[recording.indices(model.model)]
        self._blanking, decay = recording.blanking, recording.artefact_decay
        self._kept = float(curve("exponential", np.full(1, -1.0 / decay))[0]) if decay else 0.0
        self._tail: Floats = np.zeros((environments, recording.channels))
        self._left = np.zeros(environments, np.int64)
        self._before: Floats = np.zeros((environments, recording.channels))

    def added(self, signals: Floats, kicks: Floats) -> Floats:
        """The signals with the artefact.

        Args:
            signals: float64 (environments, steps, channels).
            kicks: float64 (environments, steps, contacts).
        """
        if not self._gain.any():
            return signals
        found: Floats = np.zeros(signals.shape)
        for contact in range(kicks.shape[2]):
            found += self._gain[:, contact] * kicks[:, :, contact, None]
        if self._kept:
            for step in range(found.shape[1]):
                self._tail = self._kept * self._tail + found[:, step]
                found[:, step] = self._tail
        return signals + found

    def blanked(self, signals: Floats, kicks: Floats) -> Floats:
        """The signals, of the same shapes, in which the last sample before is held from a kick on."""
        if not self._blanking:
            return signals
        kept, hit, left, before = signals.copy(), (kicks != 0.0).any(axis=2), self._left, self._before
        for step in range(signals.shape[1]):
            left = np.where(hit[:, step], self._blanking, left)
            before = np.where((left > 0)[:, None], before, signals[:, step])
            kept[:, step] = before
            left = np.maximum(left - 1, 0)
        self._left, self._before = left, before
        return kept

    def restart(self, rows: NDArray[np.int64], last: Floats) -> None:
        """The environments ``rows`` begin an episode, without a kick so far; their last sample, (rows, channels)."""
        self._tail[rows], self._left[rows], self._before[rows] = 0.0, 0, last

    def saved(self) -> Arrays:
        """All that the next samples depend on."""
        return {"tail": self._tail.copy(), "left": self._left.copy(), "before": self._before.copy()}

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such an artefact.
        """
        put(self._tail, arrays, "tail")
        put(self._left, arrays, "left")
        put(self._before, arrays, "before")


def reach(model: ModelSettings) -> Floats:
    """How much of each contact's stimulation is where each variable is recorded, float64 (variables, contacts).

    Of a network of cells all of it is in the field potential, which is what its electrode records, and elsewhere none.
    At a site as much as a neuron there would get; in the mean of all neurons, and in that of a cluster, what they get
    on average. What is not x has none: it is no voltage.
    """
    names, space = model.model.variable_names, model.space
    if space.is_plain:
        rows = [np.ones(1)]
    else:
        conductance, sites = model.tissue.conductance, space.electrode.sites
        rows = [conductance.mean(axis=1)]
        rows += [*space.electrode.conductance(np.array(sites))[0].T] if sites else []
        rows += [conductance[:, members].mean(axis=1) for members in space.tissue.clusters(model.neurons)]
    found, at = np.zeros((len(names), space.contacts)), iter(rows)
    if FIELD in names:
        found[names.index(FIELD)] = 1.0
        return found
    for k, name in enumerate(names):
        if is_local_x(name):
            found[k] = next(at)
    return found


def check_artefact(recording: Recording, model: ModelSettings) -> None:
    """Whether a signal is recorded to which an artefact can be added.

    Raises:
        SettingError: there is an artefact, but none is.
    """
    names = model.model.variable_names
    if recording.artefact and FIELD in names and FIELD not in recording.variables:
        raise SettingError(
            f"recording.artefact={recording.artefact:g}: is of what the electrode in STN records; record that: "
            f"recording.variable={FIELD}"
        )
