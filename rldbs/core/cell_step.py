"""An environment step of networks of cells: what a closed loop asks of its step, but for rewards and observations."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats
from rldbs.core.cell_network import Onsets, Spikes, nothing
from rldbs.core.native_step import DONE, LEFT, Sums
from rldbs.core.window_sums import add_spread


class Attempting(Protocol):
    """Populations of which some may diverge."""

    @property
    def kicks_per_step(self) -> int: ...

    @property
    def x(self) -> Floats: ...

    spikes: Spikes
    pulses: Onsets

    def attempt(self, kicks: Floats, threads: int) -> tuple[Floats, NDArray[np.bool_]]: ...


class CellStep:
    """As :class:`.native_step.Step`, of which it does a part.

    Args:
        ensemble: the populations.
        history: float64 (variables, populations, length), their mean field; written.
        steps: of an environment step.
    """

    shapes = False

    def __init__(self, ensemble: Attempting, history: Floats, steps: int) -> None:
        self._ensemble, self._history, self._steps = ensemble, history, steps

    def take(
        self, now: int, actions: Floats | None, kicks: Floats, threads: int
    ) -> tuple[int, Floats | None, NDArray[np.float32] | None]:
        """Take the step whose history ends at ``now``."""
        field, diverged = self._ensemble.attempt(kicks, threads)
        self._history[:, :, now - self._steps : now] = field.transpose(2, 0, 1)
        return LEFT if diverged.any() else DONE, None, None

    def rest(self, now: int, count: int, kicks: Floats, sums: Sums | None, threads: int) -> int:
        """Take some steps whose history begins at ``now``; how many have gone well."""
        spikes, pulses = nothing()
        heard, began, done = [spikes], [pulses], 0
        while done < count:
            status, _, _ = self.take(now + (done + 1) * self._steps, None, kicks, threads)
            begin = done * kicks.shape[1]
            heard.append(self._ensemble.spikes._replace(sample=self._ensemble.spikes.sample + begin))
            began.append(self._ensemble.pulses._replace(sample=self._ensemble.pulses.sample + begin))
            if status != DONE:
                break
            if sums is not None:
                add_spread(self._ensemble.x, *sums)
            done += 1
        self._ensemble.spikes = Spikes(*map(np.concatenate, zip(*heard, strict=True)))
        self._ensemble.pulses = Onsets(*map(np.concatenate, zip(*began, strict=True)))
        return done
