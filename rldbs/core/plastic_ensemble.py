"""A batch of networks with plastic synapses that advance together, as closed loops take them: in ms and mV."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, numbers, seeds, whole
from rldbs.core.cell_network import Spikes, nothing
from rldbs.core.ensemble import MOST_STEPS
from rldbs.core.errors import MOST_COUNT, RunError, SettingError
from rldbs.core.models import neuron_model
from rldbs.core.plastic_kernel import PlasticKernel
from rldbs.core.plastic_network import MOST_CURRENT
from rldbs.core.plastic_settings import KEPT, PlasticSettings, checked_plastic
from rldbs.core.sampled_ensemble import SampledEnsemble, random_of
from rldbs.core.saved_arrays import Arrays
from rldbs.core.synapses import wiring

HALF = 2**32
"""A seed is two numbers below this, which a double holds."""
CURRENTS = 0x1DEA
"""Draws what neurons have of their own, beside all else that a seed draws."""
HEARD = 80, 20
"""Neurons of each group whose spikes are heard one by one: the first ones."""
RECORDED = ("x", "v_i", "rate_e", "rate_i", "synchrony", "weight")
"""The variables of the mean field."""


class PlasticEnsemble(SampledEnsemble):
    """Populations of a network with plastic synapses under currents in mV, which excitatory neurons get as they are and
    inhibitory ones with the opposite sign.

    The state holds all: potentials, traces, spikes on their way, weights, the sums behind χ, the clock, and the seed
    that has drawn who is connected to whom. A state that is put in the place of another one brings its synapses with
    it. ``coupling`` tells at which J·w the weights began, in mV; what it has become is the variable ``weight``.

    Args:
        settings: what they are.
        populations: how many.
        seed: as for a :class:`.PlasticNetwork`.
        transient: steps to run before; those of the settings where it is None.
        threads: for the transient and later.

    Raises:
        SettingError: an argument is out of range.
    """

    def __init__(
        self,
        settings: PlasticSettings,
        populations: int = 1,
        seed: int | Sequence[int] = 0,
        *,
        transient: int | None = None,
        threads: int = 1,
    ) -> None:
        settings = checked_plastic(settings)
        self.model, self._constants, self._groups = neuron_model(settings.name), settings.constants, settings.groups
        steps = whole("transient", settings.transient if transient is None else transient, 0, MOST_STEPS)
        self.populations = whole("populations", populations, 1, native.MOST_NEURONS)
        self.threads, self.dt = whole("threads", threads, 1, native.MOST_THREADS), settings.dt
        self.neurons, self.kicks_per_step = settings.neurons, settings.kicks_per_step
        self._tissue, self._own_contacts = None, False
        own_seeds = seeds(seed, self.populations)
        drawn = [wiring(own, self._constants.probability, *self._groups) for own in own_seeds]
        reach = np.repeat([[1.0, -1.0]], self._groups, axis=1)
        keys, synapses = np.array([each.key for each in drawn], np.uint64), [each.synapses for each in drawn]
        self._plastic = PlasticKernel(
            self._constants, self._groups, reach, synapses, keys, window=settings.window, kept=KEPT
        )
        self._coupling = np.full(self.populations, settings.coupling)
        for k, (own, weights) in enumerate(zip(own_seeds, self.kernel.weights(), strict=True)):
            self.kernel.kept[k] = 0.0, own // HALF, own % HALF
            weights[:] = settings.coupling / self._strength
            if settings.current_std:
                self.current[k] = np.random.default_rng([CURRENTS, own]).normal(0.0, settings.current_std, self.neurons)
        self.kernel.told[:] = 0.0, settings.coupling / self._strength
        self._wired = self.kernel.kept[:, 1:].copy()
        self.spikes, self.pulses = nothing()
        self.rest(steps)

    @property
    def _strength(self) -> float:
        return self._constants.groups[0].strength

    @property
    def kernel(self) -> PlasticKernel:  # type: ignore[override]
        """The memory of the populations, and the core at work on it."""
        return self._plastic

    @property
    def state(self) -> Floats:
        """The state itself, float64 (populations, 1, numbers of a network), writable."""
        return self.kernel.state[:, None, :]

    @property
    def x(self) -> Floats:
        """The potential of every excitatory neuron, whose mean is x."""
        return self.kernel.rows(0)[:, 0]

    @property
    def current(self) -> Floats:
        """A constant current of each neuron's own, in mV, float64 (populations, neurons), writable."""
        return self.kernel.applied[:, : self.neurons]

    @property
    def coupling(self) -> Floats:
        """J·w at which the weights began, in mV, float64 (populations,)."""
        return self._coupling

    def advance(self, kicks: ArrayLike, threads: int | None = None) -> Floats:
        given = numbers("kicks", kicks, 2, native.MOST_MEANS)
        return self.attempt(given, self.threads if threads is None else threads)[0]

    def attempt(self, kicks: Floats, threads: int) -> tuple[Floats, NDArray[np.bool_]]:
        """:meth:`advance`; such populations never diverge."""
        self.check_kicks(kicks)
        if kicks.size and np.abs(kicks).max() > MOST_CURRENT:
            raise SettingError(f"kicks: must be from -{MOST_CURRENT:g} to {MOST_CURRENT:g} mV")
        self._follow_state()
        found, every = self.kernel.advance(kicks[:, :, None], threads), self.kicks_per_step
        self.kernel.kept[:, 0] = self.kernel.clocks
        field = np.empty((self.populations, kicks.shape[1] // every, len(RECORDED)))
        last = slice(every - 1, None, every)
        field[:, :, :2], told = found.means[:, last], found.told[:, last]
        np.sqrt(told[:, :, 0], out=field[:, :, 4])
        field[:, :, 5] = told[:, :, 1]
        population, step, cell = found.spikes
        inhibitory = cell >= self._groups[0]
        for k, neurons in enumerate(self._groups):
            own = inhibitory == bool(k)
            at = population[own] * field.shape[1] + step[own] // every
            counts = np.bincount(at, minlength=field.shape[0] * field.shape[1]).reshape(field.shape[:2])
            field[:, :, 2 + k] = counts * (1000.0 / (neurons * self.dt))
        heard = cell - np.where(inhibitory, self._groups[0], 0) < np.where(inhibitory, HEARD[1], HEARD[0])
        self.spikes = Spikes(population[heard], step[heard] + 1, cell[heard])
        return field, np.zeros(self.populations, np.bool_)

    def _follow_state(self) -> None:
        """The clocks and the synapses are those that the state says."""
        kept = self.kernel.kept
        if (
            (kept < 0).any()
            or (kept != np.floor(kept)).any()
            or (kept[:, 0] > MOST_COUNT).any()
            or (kept >= 2**53).any()
        ):
            raise RunError("saved state state: the clock or the seed of a population is none")
        self.kernel.clocks[:] = kept[:, 0]
        for row in np.flatnonzero((kept[:, 1:] != self._wired).any(axis=1)).tolist():
            high, low = (int(half) for half in kept[row, 1:])
            if max(high, low) >= HALF:
                raise RunError("saved state state: the clock or the seed of a population is none")
            self.kernel.connect(row, wiring(high * HALF + low, self._constants.probability, *self._groups).synapses)
            self._wired[row] = kept[row, 1:]

    def arrays(self) -> Arrays:
        return {**super().arrays(), "keys": self.kernel.keys}

    def begin(self, rows: NDArray[np.int64], generators: Sequence[np.random.Generator]) -> None:
        for row, random in zip(rows.tolist(), random_of(generators), strict=True):
            self.kernel.keys[row] = random.integers(2**64, dtype=np.uint64)
