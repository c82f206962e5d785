"""What a regulator may ask of the stimulus, and what the stimulus makes of what it asks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.control.contacts import of_each
from rldbs.control.stimulus import Stimulus, delivered, level_values
from rldbs.core.native import Floats


class PossibleInputs:
    """The inputs of a stimulus: one for each contact that acts by itself.

    Args:
        stimulus: what makes kicks of actions.
        contacts: how many act by themselves.
    """

    def __init__(self, stimulus: Stimulus, contacts: int) -> None:
        self._stimulus = stimulus
        self._each = stimulus.action_size // contacts
        limit = stimulus.limit if contacts > 1 else None
        self._all = None if limit is None else limit / stimulus.amplitude
        """What all inputs together may be, absolute values summed."""
        device = of_each(stimulus)
        self._saturation = getattr(device, "saturation", 1.0)
        self._resolution = getattr(device, "resolution", 0.0)

    def asked(self, wanted: Floats) -> Floats:
        """How much inputs (…, contacts) ask for, in parts of what can be given: (…)."""
        sizes = np.abs(wanted)
        largest: Floats = sizes.max(axis=-1)
        return largest if self._all is None else np.maximum(largest, sizes.sum(axis=-1) / self._all)

    def give(self, wanted: Floats, acts: NDArray[np.bool_]) -> tuple[NDArray[Any], Floats]:
        """The actions for inputs that are wanted, and those inputs as the stimulus will give them.

        Args:
            wanted: float64 (environments, contacts), however large.
            acts: bool (environments,): whether the stimulus acts now.

        Returns:
            Actions, float32 (environments, action_size), or numbers of levels (environments,); and float64
            (environments, contacts).
        """
        within, levels = self._limited(np.clip(wanted, -1.0, 1.0)), self._stimulus.levels
        if levels is not None:
            chosen: NDArray[Any] = np.rint((within[:, 0] + 1.0) / 2.0 * (levels - 1)).astype(np.intp)
            given = level_values(levels)[chosen][:, None]
        else:
            chosen = np.zeros((len(wanted), self._stimulus.action_size), np.float32)
            chosen[:, :: self._each] = within
            given = chosen[:, :: self._each].astype(np.float64)
        if self._saturation < 1.0 or self._resolution:
            given = self._limited(delivered(given, self._saturation, self._resolution))
        if self._stimulus.every > 1:
            given = np.where(acts[:, None], given, 0.0)
        return chosen, given

    def _limited(self, inputs: Floats) -> Floats:
        if self._all is None:
            return inputs
        total = np.abs(inputs).sum(axis=1, keepdims=True)
        return np.asarray(inputs * np.minimum(1.0, self._all / np.maximum(total, self._all)))
