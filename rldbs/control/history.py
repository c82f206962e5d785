"""The last stretch of a signal of every environment."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rldbs.core.native import Floats, Place, address
from rldbs.core.saved_arrays import Arrays, put, whole

ROOM = 1024
"""Steps that a history takes, at least, before what is still needed is moved to its beginning."""


class History:
    """The last ``memory`` steps of some signals of a batch of environments.

    Args:
        signals: how many signals each environment has.
        environments: how many environments.
        memory: steps that are kept.
        most: steps that are appended at once, at most.
    """

    def __init__(self, signals: int, environments: int, memory: int, most: int) -> None:
        length = memory + max(ROOM, memory, most)
        self._values: Floats = np.zeros((signals, environments, length))
        self._length = length
        self._begin: Any = address(self._values)
        self._strides = length, 1, environments * length
        self._memory = self._now = memory

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_begin"}  # an address cannot be copied

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._begin = address(self._values)

    def restart(self, rows: NDArray[np.int64], past: Floats) -> None:
        """Give the environments ``rows`` another past, float64 (rows, memory, signals)."""
        self._values[:, rows, self._now - self._memory : self._now] = past.transpose(2, 0, 1)

    def append(self, values: Floats) -> None:
        """Take in some steps of all environments, float64 (environments, steps, signals)."""
        steps = values.shape[1]
        self.grow(steps)
        self.last(steps)[:] = values.transpose(2, 0, 1)

    def grow(self, steps: int) -> Place:
        """Count some more steps of all environments; where they are to be written, at once.

        Raises:
            ValueError: there is no room for so many.
        """
        if self._now + steps > self._length:
            if self._memory + steps > self._length:
                raise ValueError(f"steps: at most {self._length - self._memory} at once, {steps} given")
            self._values[:, :, : self._memory] = self.last(self._memory).copy()
            self._now = self._memory
        begin, self._now = self._now, self._now + steps
        return Place(self._begin + begin, self._strides)

    def take_back(self, steps: int) -> None:
        """Count the last steps no longer, which were counted but not written."""
        self._now -= steps

    @property
    def values(self) -> Floats:
        """The memory of the signals, float64 (signals, environments, length), contiguous; the same array for good."""
        return self._values

    @property
    def memory(self) -> int:
        """Steps that are kept, at least."""
        return self._memory

    @property
    def now(self) -> int:
        """Where in that memory the newest step ends."""
        return self._now

    def last(self, steps: int) -> Floats:
        """The last ``steps`` steps, at most ``memory``: float64 (signals, environments, steps), oldest first.

        A view, which holds until the next steps are taken in.
        """
        return self._values[:, :, self._now - steps : self._now]

    def saved(self) -> Arrays:
        """All that the history knows."""
        return {"values": self.last(self._memory).copy(), "now": np.array(self._now)}

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such a history.
        """
        self._now = whole(arrays, "now", self._memory, self._values.shape[2])
        put(self.last(self._memory), arrays, "values")
