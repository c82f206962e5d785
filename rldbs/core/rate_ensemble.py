"""A batch of rate models with delays that advance together, as closed loops take them: in ms and spk/s."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats, seeds, whole
from rldbs.core.ensemble import MOST_STEPS, Ensemble
from rldbs.core.models import neuron_model
from rldbs.core.native import MOST_NEURONS, MOST_THREADS
from rldbs.core.rate_kernel import RateKernel
from rldbs.core.rate_settings import RateSettings, checked_rates
from rldbs.core.saved_arrays import Arrays
from rldbs.core.stn_gpe import RESTING


class RateEnsemble(Ensemble):
    """Populations of STN and GPe as two rates. What an :class:`.Ensemble` says of itself holds here, but:

    A step is one sample, of several integration steps, and a kick is a current into STN in spk/s, held over it: what
    its rate would come to by it alone. The mean field is the rates of STN and GPe. ``coupling`` is how severe the
    disease is, ``current`` a constant current into STN; a population has one neuron, whose x is the rate of STN.

    Args:
        settings: what they are.
        populations: how many.
        seed: as for an :class:`.Ensemble`; it draws the noise, too, and what patients differ in.
        transient: steps to run before; those of the settings where it is None.
        threads: for the transient and later.

    Raises:
        SettingError: an argument is out of range.
    """

    def __init__(
        self,
        settings: RateSettings,
        populations: int = 1,
        seed: int | Sequence[int] = 0,
        *,
        transient: int | None = None,
        threads: int = 1,
    ) -> None:
        settings = checked_rates(settings)
        self.model = neuron_model(settings.name)
        self.populations = whole("populations", populations, 1, MOST_NEURONS)
        self.threads = whole("threads", threads, 1, MOST_THREADS)
        steps = whole("transient", settings.transient if transient is None else transient, 0, MOST_STEPS)
        own_seeds = seeds(seed, self.populations)
        self.neurons, self.dt, self._tissue, self._own_contacts = 1, settings.dt, None, False
        self._rates = self._kernel = RateKernel(settings, self.populations)
        self.coupling[:] = settings.coupling
        for k, own in enumerate(own_seeds):
            random = np.random.default_rng(own)
            self.state[k, 0] = np.repeat(random.uniform(0.5, 1.5, 2) * RESTING, settings.memory)
            self.current[k] = settings.patients * random.standard_normal()
            self._rates.seeds[k] = random.integers(2**64, dtype=np.uint64)
        self.rest(steps)

    @property
    def x(self) -> Floats:
        """The rate of STN, float64 (populations, 1), a view."""
        return self._rates.newest

    def arrays(self) -> Arrays:
        return {**super().arrays(), "seeds": self._rates.seeds, "clocks": self._rates.clocks}

    def begin(self, rows: NDArray[np.int64], generators: Sequence[np.random.Generator]) -> None:
        for row, generator in zip(rows.tolist(), generators, strict=True):
            self._rates.seeds[row], self._rates.clocks[row] = generator.integers(2**64, dtype=np.uint64), 0
