"""Populations that are sampled every few integration steps, and whose spikes are heard one by one."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats
from rldbs.core.cell_network import Onsets, Spikes
from rldbs.core.cell_step import CellStep
from rldbs.core.ensemble import Ensemble
from rldbs.core.errors import SettingError
from rldbs.core.native_step import Samples, Terms


class SampledEnsemble(Ensemble):
    """What networks have in common. What an :class:`.Ensemble` says of itself holds here, but:

    A step is one sample, of several integration steps, and a kick is a current, held over an integration step: kicks
    are (populations, steps · substeps). The mean field is sampled at the end of each step.

    Attributes:
        kicks_per_step: integration steps in each step.
        spikes: those of the last call; samples are integration steps since it began.
        pulses: of a background, that have begun in it.
    """

    kicks_per_step: int
    spikes: Spikes
    pulses: Onsets

    @abstractmethod
    def attempt(self, kicks: Floats, threads: int) -> tuple[Floats, NDArray[np.bool_]]:
        """:meth:`advance`, but that populations which diverge stay where they were.

        Returns:
            The mean field, not a number of those, and which they are, bool (populations,).
        """

    @property
    def events(self) -> tuple[Spikes, Onsets]:
        return self.spikes, self.pulses

    def check_kicks(self, kicks: Floats) -> None:
        """Whether there are as many as there have to be.

        Raises:
            SettingError: there are not.
        """
        if kicks.ndim != 2 or kicks.shape[0] != self.populations or kicks.shape[1] % self.kicks_per_step:
            several = f"a multiple of {self.kicks_per_step}"
            raise SettingError(f"kicks: must be ({self.populations}, {several}), are {kicks.shape}")

    def quiet(self, steps: int) -> Floats:
        return np.zeros((self.populations, steps * self.kicks_per_step))

    def loop_step(
        self,
        history: Floats,
        memory: int,
        steps: int,
        bound: float,
        waveform: Floats | None,
        together: bool,
        reward: Terms | None,
        samples: Samples | None,
    ) -> CellStep:
        """All but the mean field is left to those who ask."""
        return CellStep(self, history, steps)


def random_of(generators: Sequence[np.random.Generator]) -> list[np.random.Generator]:
    """What each draws of the randomness of coming steps, so that it is the same however much of that is used."""
    return [np.random.default_rng(generator.integers(2**64, dtype=np.uint64)) for generator in generators]
