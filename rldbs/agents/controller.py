"""What every controller is to the closed loop, learned or not."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Controller(Protocol):
    """Chooses the actions of a batch of environments."""

    def act(self, observations: NDArray[np.float32]) -> NDArray[np.float32]:
        """Actions for observations.

        Args:
            observations: float32 (environments, size).

        Returns:
            float32 (environments, action_size), within [−1, 1].
        """


class Rest:
    """Never stimulates."""

    def __init__(self, action_size: int) -> None:
        self._action_size = action_size

    def act(self, observations: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.zeros((len(observations), self._action_size), np.float32)
