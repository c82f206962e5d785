"""Networks whose synapses learn: excitatory and inhibitory neurons, of which a desynchronised network stays so."""

from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, contact_rows, number, numbers, seeds, whole
from rldbs.core.cell_network import MOST_STEPS, STEPS_AT_ONCE, Spikes
from rldbs.core.ei_plastic import PLASTIC
from rldbs.core.errors import MOST_COUNT, RunError, SettingError, shown
from rldbs.core.plastic_kernel import PlasticKernel
from rldbs.core.saved_arrays import Arrays, Named, only, take
from rldbs.core.synapses import wiring

MOST_CURRENT = 1e6
"""mV: more is a slip of the hand."""
MOST_WEIGHT = 1e6
"""Likewise; plasticity keeps weights within bounds of its own, below 2."""
MOST_GROUP = 20_000
"""Neurons of a group: with more, a matrix of all pairs does not fit into memory."""


class PlasticRecord(NamedTuple):
    """What is seen of networks in a call."""

    v: Floats
    """float64 (populations, steps, 2): mean v of excitatory and of inhibitory neurons after each step, in mV."""
    synchrony: Floats
    """float64 (populations,): χ of the excitatory neurons over the call, 0 to 1; NaN where nothing changed."""
    coupling: Floats
    """float64 (populations,): J·w at the end, the strength of a synapse times the mean weight, in mV."""
    spikes: Spikes
    """``cell`` counts the excitatory neurons, then the inhibitory ones."""


class PlasticNetwork:
    """Populations of an excitatory and an inhibitory group, integrated in C: those of Schmalz and Kumar (2019).

    Synapses from excitatory to inhibitory neurons are plastic. The network is bistable: with strong ones it is
    synchronous, with weak ones it is not, and either state keeps itself up. So what stimulation has desynchronised for
    long enough stays so when it ends. Coincident spikes add up.

    Population k of a network seeded s is bit for bit the only population of a network seeded s + k. A copy, also one
    that was pickled, goes on to the bit, and independently. The step is 0.1 ms.

    Args:
        populations: how many.
        seed: an integer s (population k gets s + k), or one integer for each population. It draws who is connected to
            whom, and the noise.
        model: name of a network; there is ``ei_plastic``.
        neurons: how many are excitatory, and inhibitory. Small networks are less synchronous: 160 and 40 hardly.
        reach: how much of each contact's current reaches each neuron, (contacts, all neurons). One contact that reaches
            excitatory neurons with its current and inhibitory ones with the opposite where it is None.
        threads: threads for every :meth:`advance`; no result depends on it.

    Raises:
        SettingError: an argument is out of range.

    Example:
        >>> import numpy as np, rldbs
        >>> network = rldbs.PlasticNetwork(seed=0, neurons=(160, 40))
        >>> seen = network.advance(np.zeros((1, 200, 1)))  # 20 ms, in mV
        >>> seen.v.shape
        (1, 200, 2)
    """

    def __init__(
        self,
        populations: int = 1,
        seed: int | Sequence[int] = 0,
        *,
        model: str = "ei_plastic",
        neurons: Sequence[int] | None = None,
        reach: ArrayLike | None = None,
        threads: int = 1,
    ) -> None:
        if type(model) is not str or model not in PLASTIC:
            raise SettingError(f"model {shown(model)}: must be one of {', '.join(PLASTIC)}")
        self.model = PLASTIC[model]
        self.populations = whole("populations", populations, 1, native.MOST_NEURONS)
        self.threads = whole("threads", threads, 1, native.MOST_THREADS)
        self.neurons = _counts(self.model.neurons if neurons is None else neurons)
        drawn = [wiring(own, self.model.probability, *self.neurons) for own in seeds(seed, self.populations)]
        keys = np.array([each.key for each in drawn], np.uint64)
        synapses = [each.synapses for each in drawn]
        self.kernel = PlasticKernel(self.model, self.neurons, _reach(reach, self.neurons), synapses, keys)

    def __copy__(self) -> "PlasticNetwork":
        return deepcopy(self)  # half a copy would be the same populations twice

    @property
    def dt(self) -> float:
        """Integration step, in ms."""
        return self.model.dt

    @property
    def clocks(self) -> NDArray[np.int64]:
        """Integration steps that each population has taken, int64 (populations,)."""
        return self.kernel.clocks.view(np.int64)

    @property
    def reach(self) -> tuple[Floats, Floats]:
        """How much of each contact's current reaches the excitatory and the inhibitory neurons, float64 (contacts,
        neurons) each, writable."""
        return self.kernel.reached()

    @property
    def weights(self) -> tuple[Floats, ...]:
        """The weight of each excitatory synapse, float64 (synapses,) of each population, writable: 1 at first.

        A number for all of them, or numbers for those of each population, may be assigned at any time.
        """
        return tuple(self.kernel.weights())

    @weights.setter
    def weights(self, given: float | Sequence[ArrayLike]) -> None:
        mine = self.kernel.weights()
        if isinstance(given, int | float):
            each = [np.full(own.shape, number("weights", given)) for own in mine]
        elif not isinstance(given, list | tuple) or len(given) != len(mine):
            raise SettingError(f"weights: must be a number, or a list with those of {len(mine)} populations")
        else:
            each = [numbers(f"weights[{k}]", values, 1, native.MOST_MEANS) for k, values in enumerate(given)]
        for k, (own, values) in enumerate(zip(mine, each, strict=True)):
            if values.shape != own.shape:
                raise SettingError(f"weights[{k}]: must be {own.shape}, is {values.shape}")
            if (values < 0.0).any() or (values > MOST_WEIGHT).any():
                raise SettingError(f"weights[{k}]: must be from 0 to {MOST_WEIGHT:g}")
        for own, values in zip(mine, each, strict=True):
            own[:] = values

    @property
    def coupling(self) -> Floats:
        """J·w of each population now, in mV: float64 (populations,)."""
        return self.kernel.mean_weights() * self.model.groups[0].strength

    def cells(self, group: str) -> Floats:
        """The state of a group's neurons: float64 (populations, 5, neurons), writable, the state itself.

        The variables are v, in mV; steps that are left at reset; the trace of the neuron's spikes; what synapses give,
        and what feeds that.

        Raises:
            SettingError: there is no such group.
        """
        if type(group) is not str or group not in self.model.names:
            raise SettingError(f"group {shown(group)}: must be one of {', '.join(self.model.names)}")
        return self.kernel.rows(self.model.names.index(group))

    def advance(self, currents: ArrayLike) -> PlasticRecord:
        """Advance every population by ``steps`` integration steps.

        Args:
            currents: of every contact, in mV, held over each step: (populations, steps, contacts).

        Raises:
            SettingError: they have another shape, are not finite or beyond ±10⁶ mV, or are too many for one call; or
                the reach, or the state, is not finite.
            DivergedError: what a neuron has is no number any more; the network is where it was.
        """
        given = contact_rows("currents", currents, self.populations, len(self.kernel.reach), 2, native.MOST_MEANS)
        if given.size and np.abs(given).max() > MOST_CURRENT:
            raise SettingError(f"currents: must be from -{MOST_CURRENT:g} to {MOST_CURRENT:g} mV")
        if not np.isfinite(self.kernel.reach).all():
            raise SettingError("reach: must be finite")
        before = self.clocks.copy()
        found = self.kernel.advance(given, self.threads)
        population, step, cell = found.spikes
        synchrony = _synchrony(found.means[:, :, 0], found.moments[0])
        spikes = Spikes(population, before[population] + step + 1, cell)
        return PlasticRecord(found.means, synchrony, self.coupling, spikes)

    def rest(self, steps: int) -> None:
        """Advance every population by ``steps`` integration steps without currents of the contacts.

        Raises:
            SettingError: ``steps`` is not from 0 to 10⁹.
        """
        steps = whole("steps", steps, 0, MOST_STEPS)
        for begin in range(0, steps, STEPS_AT_ONCE):
            shape = self.populations, min(STEPS_AT_ONCE, steps - begin), len(self.kernel.reach)
            self.advance(np.zeros(shape))

    def get_state(self) -> Arrays:
        """All that the coming steps depend on, as fresh arrays with names."""
        return {name: array.copy() for name, array in self.kernel.arrays().items()}

    def set_state(self, state: Named) -> None:
        """Go on where :meth:`get_state` was called, here or in another network with the same seeds.

        Raises:
            RunError: the arrays are not those of such a network.
        """
        arrays = self.kernel.arrays()
        only(state, arrays.keys(), "such a network")
        taken = {name: take(state, name, array.shape, array.dtype) for name, array in arrays.items()}
        if (taken["connected"] != arrays["connected"]).any():
            raise RunError("saved state connected: is of a network with other synapses, which another seed draws")
        if (taken["clocks"] > MOST_COUNT).any():
            raise RunError(f"saved state clocks: must be from 0 to {MOST_COUNT}")
        for name, array in arrays.items():
            array[...] = taken[name]


def _synchrony(mean: Floats, moments: Floats) -> Floats:
    """χ: the root of how the mean over neurons varies, against how each neuron does."""
    steps = max(mean.shape[1], 1)
    of_all = mean.var(axis=1) if mean.size else np.zeros(len(mean))
    of_each = (moments[:, 1] / steps - (moments[:, 0] / steps) ** 2).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(of_each > 0.0, np.sqrt(of_all / of_each), np.nan)


def _counts(given: object) -> tuple[int, int]:
    """Neurons of both groups.

    Raises:
        SettingError: they are no two numbers, or too many.
    """
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise SettingError(f"neurons: must be two numbers, of excitatory and inhibitory ones, is {shown(given)}")
    return whole("neurons", given[0], 1, MOST_GROUP), whole("neurons", given[1], 1, MOST_GROUP)


def _reach(given: ArrayLike | None, neurons: tuple[int, int]) -> Floats:
    if given is None:
        return np.concatenate([np.ones((1, neurons[0])), -np.ones((1, neurons[1]))], axis=1)
    rows = numbers("reach", given, 2, native.MOST_MEANS)
    if rows.shape[1] != sum(neurons):
        raise SettingError(f"reach: must be (contacts, neurons) = (…, {sum(neurons)}), is {rows.shape}")
    return rows
