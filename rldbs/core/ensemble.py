"""A batch of neuronal populations that advance together."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from rldbs.core import native
from rldbs.core.errors import SettingError
from rldbs.core.models import ModelSettings, neuron_model
from rldbs.core.native import Floats

MOST_NEURONS = 10**8
MOST_DOUBLES = 2**33
"""A batch larger than 64 GiB is a slip of the hand, not a plan."""


class Ensemble:
    """Populations of globally coupled neurons, integrated by classical fixed-step RK4 in C.

    Neuron i of a population is driven by its constant current I_i and by ε·X, where X is the mean of x over the
    population. A kick is added to x of every neuron of a population *before* an integration step.

    Population k of an ensemble seeded s is bit for bit the only population of an ensemble seeded s + k.

    Args:
        model: name of a neuron model: ``bvdp``, ``bvdp_chaotic``, ``hr``.
        populations: how many populations.
        neurons: neurons in each population.
        seed: an integer s (population k gets s + k), or one integer for each population. It draws the currents
            and the initial states.
        coupling: ε; the model's own where it is None.
        transient: integration steps to run before the ensemble is handed over, so that the collective rhythm is
            there; the model's own where it is None, 0 for the raw initial states.
        current_mean, current_std: the currents are normal with these; the model's own where they are None.
        dt: integration step; the model's own where it is None.
        parameters: constants of the equations that differ from the model's own, by name.
        threads: threads for the transient and for every later :meth:`advance`, unless it says otherwise.

    Attributes:
        state: float64 (populations, variables, neurons), writable: the state itself.
        current: float64 (populations, neurons), writable.
        coupling: float64 (populations,), writable: may change at any time.

    Raises:
        SettingError: an argument is out of range.

    Example:
        >>> import numpy as np, rldbs
        >>> population = rldbs.Ensemble("bvdp", neurons=100, seed=0)
        >>> population.advance(np.zeros((1, 500))).shape
        (1, 500, 2)
    """

    def __init__(
        self,
        model: str = "bvdp",
        populations: int = 1,
        neurons: int = 1000,
        seed: int | Sequence[int] = 0,
        *,
        coupling: float | None = None,
        transient: int | None = None,
        current_mean: float | None = None,
        current_std: float | None = None,
        dt: float | None = None,
        parameters: Mapping[str, float] | None = None,
        threads: int = 1,
    ) -> None:
        self.model = neuron_model(model)
        self.populations = _whole("populations", populations, 1, MOST_NEURONS)
        self.neurons = _whole("neurons", neurons, 1, MOST_NEURONS)
        self.threads = _whole("threads", threads, 1, native.MOST_THREADS)
        self.dt = _number("dt", self.model.dt if dt is None else dt, above=0.0)
        variables, stride = len(self.model.variables), native.stride_of(self.neurons)
        if self.populations * variables * stride > MOST_DOUBLES:
            raise SettingError(f"{populations} populations of {neurons} neurons do not fit into 64 GiB of memory")

        constants = dict(self.model.parameters)
        for name, value in (parameters or {}).items():
            if name not in constants:
                raise SettingError(f"parameters: {model} has {', '.join(constants)}, not {name!r}")
            constants[name] = _number(f"parameters.{name}", value)
        state = native.aligned_zeros(self.populations, variables, stride)
        current = native.aligned_zeros(self.populations, stride)
        self._state, self._current = state[..., : self.neurons], current[:, : self.neurons]
        self._coupling = np.full(
            self.populations, _number("coupling", self.model.coupling if coupling is None else coupling)
        )
        mean = _number("current_mean", self.model.current_mean if current_mean is None else current_mean)
        std = _number("current_std", self.model.current_std if current_std is None else current_std, least=0.0)
        for k, population_seed in enumerate(_seeds(seed, self.populations)):
            random = np.random.default_rng(population_seed)
            self._current[k] = random.normal(mean, std, self.neurons)
            self._state[k] = random.uniform(-1.0, 1.0, (variables, self.neurons))

        self._kernel = native.Kernel(
            self.model.kernel,
            np.array(list(constants.values())),
            self.dt,
            state,
            current,
            self._coupling,
            self.neurons,
        )
        self.rest(_whole("transient", self.model.transient if transient is None else transient, 0, 10**9))

    @classmethod
    def of(
        cls,
        settings: ModelSettings,
        populations: int = 1,
        seed: int | Sequence[int] = 0,
        *,
        transient: int | None = None,
        threads: int = 1,
    ) -> "Ensemble":
        """The ensemble that ``settings`` describe, after their transient unless ``transient`` says otherwise."""
        return cls(
            settings.name,
            populations,
            settings.neurons,
            seed,
            coupling=settings.coupling,
            transient=settings.transient if transient is None else transient,
            current_mean=settings.current_mean,
            current_std=settings.current_std,
            dt=settings.dt,
            parameters=settings.parameters,
            threads=threads,
        )

    @property
    def state(self) -> Floats:
        return self._state

    @property
    def current(self) -> Floats:
        return self._current

    @property
    def coupling(self) -> Floats:
        return self._coupling

    def advance(self, kicks: ArrayLike, threads: int | None = None) -> Floats:
        """Advance every population by ``steps`` integration steps.

        Args:
            kicks: (populations, steps), added to x of every neuron before each step.
            threads: threads to use for this call. The result does not depend on it.

        Returns:
            float64 (populations, steps, variables): the mean over neurons of every variable after each step.

        Raises:
            SettingError: ``kicks`` has another shape or is not finite, or ``threads`` is out of range.
        """
        kicks = np.ascontiguousarray(kicks, np.float64)
        if kicks.ndim != 2 or kicks.shape[0] != self.populations:
            raise SettingError(f"kicks: must be (populations, steps) = ({self.populations}, …), is {kicks.shape}")
        if not np.isfinite(kicks).all():
            raise SettingError("kicks: must be finite")
        mean = np.empty((*kicks.shape, len(self.model.variables)))
        threads = self.threads if threads is None else _whole("threads", threads, 1, native.MOST_THREADS)
        self._kernel.advance(kicks, mean, threads)
        return mean

    def rest(self, steps: int) -> None:
        """Advance every population by ``steps`` integration steps without kicks."""
        most = 4096
        for begin in range(0, steps, most):
            self.advance(np.zeros((self.populations, min(most, steps - begin))))


def _seeds(seed: int | Sequence[int], populations: int) -> list[int]:
    seeds = [seed + k for k in range(populations)] if isinstance(seed, int | np.integer) else list(seed)
    if len(seeds) != populations:
        raise SettingError(f"seed: needs one integer, or {populations}; {len(seeds)} given")
    if any(s < 0 for s in seeds):
        raise SettingError(f"seed: must be 0 or more, is {min(seeds)}")
    return [int(s) for s in seeds]


def _whole(name: str, value: int, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
        raise SettingError(f"{name}: must be a whole number from {least} to {most}, is {value!r}")
    return int(value)


def _number(name: str, value: float, above: float = -np.inf, least: float = -np.inf) -> float:
    if isinstance(value, bool) or not np.isfinite(value) or value <= above or value < least:
        bound = f" above {above:g}" if np.isfinite(above) else f" of at least {least:g}" if np.isfinite(least) else ""
        raise SettingError(f"{name}: must be a finite number{bound}, is {value!r}")
    return float(value)
