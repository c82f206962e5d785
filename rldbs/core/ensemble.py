"""A batch of neuronal populations that advance together."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core import native
from rldbs.core.arguments import Floats, number, seeds, whole
from rldbs.core.cell_network import Onsets, Spikes
from rldbs.core.errors import SettingError, shown
from rldbs.core.model_settings import NeuronSettings
from rldbs.core.models import CoupledNeurons, NeuronModel, coupled_neurons
from rldbs.core.native_step import AnyStep, Samples, Step, Terms
from rldbs.core.phase_kernel import PhaseKernel
from rldbs.core.saved_arrays import Arrays, Named, only, take
from rldbs.core.spatial_kernel import SpatialKernel, checked
from rldbs.core.tissue import Tissue

MOST_STEPS = 10**9
STEPS_AT_ONCE = 2**20
"""So many steps, over all populations, a rest takes in one call: the mean field that nobody sees stays small."""


class Ensemble:
    """Populations of globally coupled neurons, integrated by classical fixed-step RK4 in C.

    Neuron i of a population is driven by its constant current I_i and by ε·X, where X is the mean of x over the
    population. A kick is added to x of every neuron of a population *before* an integration step.

    In tissue, neurons are coupled, kicked and recorded in space: neuron i is driven by I_i + ε·Σ_r V_ri·Σ_j W_rj·x_j,
    and Σ_c G_ci·kick_c is added to its x.

    Population k of an ensemble seeded s is bit for bit the only population of an ensemble seeded s + k.
    A copy, also one that was pickled, goes on to the bit, and independently.

    Args:
        model: name of a neuron model: ``bvdp``, ``bvdp_chaotic``, ``hr``; or the description of another one.
        populations: how many populations.
        neurons: neurons in each population: 1000, or those of the tissue, where it is None.
        seed: an integer s (population k gets s + k), or one integer for each population. It draws the currents
            and the initial states.
        coupling: ε; the model's own where it is None.
        transient: integration steps to run before the ensemble is handed over, so that the collective rhythm is
            there; the model's own where it is None, 0 for the raw initial states.
        current_mean, current_std: the currents are normal with these; the model's own where they are None.
        dt: integration step; the model's own where it is None.
        parameters: constants of the equations that differ from the model's own, by name.
        threads: threads for the transient and for every later :meth:`advance`, unless it says otherwise.
        tissue: W, V, G, P, the same for all populations: see :func:`.tissue.tissue`. Its first site records all alike.
        own_contacts: in tissue, each population has a G of its own, at first that of the tissue.

    Attributes:
        state: float64 (populations, variables, neurons), writable: the state itself.
        current: float64 (populations, neurons), writable.
        coupling: float64 (populations,), writable: may change at any time.
        conductance: in tissue, G, float64 (contacts, neurons), or (populations, contacts, neurons) where each has its
            own, writable at any time: electrodes drift.
        recording: in tissue, P, float64 (sites, neurons), likewise; its first row, which stands for the mean of all, is
            not read.

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
        model: str | CoupledNeurons = "bvdp",
        populations: int = 1,
        neurons: int | None = None,
        seed: int | Sequence[int] = 0,
        *,
        coupling: float | None = None,
        transient: int | None = None,
        current_mean: float | None = None,
        current_std: float | None = None,
        dt: float | None = None,
        parameters: Mapping[str, float] | None = None,
        threads: int = 1,
        tissue: Tissue | None = None,
        own_contacts: bool = False,
    ) -> None:
        described = coupled_neurons(model)
        self.model: NeuronModel = described
        self.populations = whole("populations", populations, 1, native.MOST_NEURONS)
        self._tissue = None if tissue is None else checked(tissue)
        if type(own_contacts) is not bool or (own_contacts and tissue is None):
            raise SettingError(f"own_contacts: must be false, or true in tissue, is {shown(own_contacts)}")
        self._own_contacts = own_contacts
        self.neurons = _neurons(neurons, self.tissue)
        self.threads = whole("threads", threads, 1, native.MOST_THREADS)
        self.dt = number("dt", self.model.dt if dt is None else dt, above=0.0)
        strength = number("coupling", self.model.coupling if coupling is None else coupling)
        mean = number("current_mean", described.current_mean if current_mean is None else current_mean)
        std = number("current_std", described.current_std if current_std is None else current_std, least=0.0)
        steps = whole("transient", self.model.transient if transient is None else transient, 0, MOST_STEPS)
        values = constants(described, {} if parameters is None else parameters)
        own_seeds = seeds(seed, self.populations)

        self._kernel: native.AnyKernel
        if self.tissue is None:
            self._kernel = native.Kernel(described.holds, values, self.dt, self.populations, self.neurons)
        else:
            self._kernel = SpatialKernel(described.holds, values, self.dt, self.populations, self.tissue, own_contacts)
        self._kernel.coupling[:] = strength
        for k, own in enumerate(own_seeds):
            random = np.random.default_rng(own)
            self.current[k] = random.normal(mean, std, self.neurons)
            self.state[k] = random.uniform(-1.0, 1.0, self.state[k].shape)
        self.rest(steps)

    @property
    def kernel(self) -> native.AnyKernel:
        """The memory of the populations, and the core at work on it."""
        return self._kernel

    @property
    def state(self) -> Floats:
        """The state itself, float64 (populations, variables, neurons), writable."""
        return self._kernel.state

    @property
    def x(self) -> Floats:
        """x of every neuron, of which the mean field is the mean: float64 (populations, neurons), a view."""
        return self.state[:, 0]

    @property
    def events(self) -> tuple[Spikes, Onsets] | None:
        """Spikes, and pulses of a background, in the last call; None of neurons whose spikes are not heard one by one.

        Samples count the kicks since the call began.
        """
        return None

    @property
    def current(self) -> Floats:
        """The currents I_i, float64 (populations, neurons), writable."""
        return self._kernel.current

    @property
    def coupling(self) -> Floats:
        """ε, float64 (populations,), writable: may change at any time."""
        return self._kernel.coupling

    @property
    def tissue(self) -> Tissue | None:
        """Where the neurons are; None where they are all alike."""
        return self._tissue

    @property
    def conductance(self) -> Floats:
        """In tissue, how much of each contact's kick reaches each neuron, float64 (contacts, neurons), writable; with a
        further axis for populations in front where each has its own."""
        return self._in_tissue("conductance").conductance

    @property
    def recording(self) -> Floats:
        """In tissue, how much of each neuron a site records, float64 (sites, neurons), writable."""
        return self._in_tissue("recording").recording

    def _in_tissue(self, name: str) -> SpatialKernel | PhaseKernel:
        if not isinstance(self._kernel, SpatialKernel | PhaseKernel):
            raise SettingError(f"{name}: these populations are not in tissue")
        return self._kernel

    def _everything(self) -> Arrays:
        """All that the coming steps depend on: of each population, and of the tissue that all have."""
        shared = {} if self._tissue is None else {"conductance": self.conductance, "recording": self.recording}
        return {**shared, **self.arrays()}

    def __copy__(self) -> "Ensemble":
        return deepcopy(self)  # half a copy would be the same populations twice

    def get_state(self) -> Arrays:
        """All that the coming steps depend on, as fresh arrays with names."""
        return {name: array.copy() for name, array in self._everything().items()}

    def set_state(self, state: Named) -> None:
        """Go on where :meth:`get_state` was called, here or in another ensemble of as many populations and neurons.

        Raises:
            RunError: the arrays are not those of such an ensemble.
        """
        only(state, self._everything().keys(), "an ensemble")
        for array, saved in [(a, take(state, name, a.shape, a.dtype)) for name, a in self._everything().items()]:
            array[...] = saved

    def arrays(self) -> Arrays:
        """What each population has of its own of what the coming steps depend on, by name: the arrays themselves."""
        own = {"conductance": self.conductance} if self._own_contacts else {}
        return {"state": self.state, "current": self.current, "coupling": self.coupling, **own}

    def advance(self, kicks: ArrayLike, threads: int | None = None) -> Floats:
        """Advance every population by ``steps`` integration steps.

        Args:
            kicks: (populations, steps), added to x of every neuron before each step; in tissue (populations, steps,
                contacts).
            threads: threads to use for this call. The result does not depend on it.

        Returns:
            float64 (populations, steps, variables): the mean over neurons of every variable after each step. In tissue
            the weighted sum of x of every site but the first follows: (populations, steps, variables + sites − 1).

        Raises:
            SettingError: ``kicks`` has another shape or is not finite, ``threads`` is out of range, or the mean
                field would take more than 2 GiB.
        """
        return self._kernel.advance(kicks, self.threads if threads is None else threads)

    def step(self, kicks: Floats, place: native.Place) -> None:
        """:meth:`advance` for a caller who has looked at the kicks: nothing is copied, and little checked.

        Args:
            kicks: float64 (populations, steps), in tissue (populations, steps, contacts), contiguous and finite.
            place: where the mean field is written.
        """
        self._kernel.step(kicks, place, self.threads)

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
    ) -> AnyStep:
        """An environment step of a closed loop: see :class:`.native_step.Step`, which says what the arguments are."""
        return Step(self.kernel, history, memory, steps, bound, waveform, together, reward, samples)

    def begin(self, rows: NDArray[np.int64], generators: Sequence[np.random.Generator]) -> None:
        """The populations ``rows`` begin anew, with what each one's generator draws of the randomness of the coming
        steps: nothing, where these have none.
        """

    def rest(self, steps: int) -> None:
        """Advance every population by ``steps`` integration steps without kicks.

        Raises:
            SettingError: ``steps`` is no whole number from 0 to 10⁹.
        """
        steps = whole("steps", steps, 0, MOST_STEPS)
        most = max(1, min(4096, STEPS_AT_ONCE // self.quiet(1).size))
        for begin in range(0, steps, most):
            self.advance(self.quiet(min(most, steps - begin)))

    def quiet(self, steps: int) -> Floats:
        """No kicks for so many steps, as :meth:`advance` and :meth:`step` take them."""
        contacts = () if self.tissue is None else (self.tissue.contacts,)
        return np.zeros((len(self.coupling), steps, *contacts))


def _neurons(given: int | None, tissue: Tissue | None) -> int:
    """How many neurons there are, given, of the tissue, or of neither."""
    if given is None:
        return 1000 if tissue is None else tissue.neurons
    neurons = whole("neurons", given, 1, native.MOST_NEURONS)
    if tissue is not None and neurons != tissue.neurons:
        raise SettingError(f"neurons: the tissue has {tissue.neurons}, is {neurons}; leave it out")
    return neurons


def checked_neurons(settings: NeuronSettings) -> NeuronSettings:
    """The same settings as plain numbers, if all that makes these neurons is in range.

    Raises:
        SettingError: it is not.
    """
    model = settings.described
    return replace(
        settings,
        current_mean=number("current_mean", settings.current_mean),
        current_std=number("current_std", settings.current_std, least=0.0),
        parameters=dict(zip(model.parameters, constants(model, settings.parameters), strict=True)),
    )


def constants(model: CoupledNeurons, changed: Mapping[str, float]) -> list[float]:
    """The constants of the model's equations, with those of ``changed`` in the place of its own."""
    if not isinstance(changed, Mapping):
        raise SettingError(f"parameters: must map names to numbers, is {shown(changed)}")
    values = dict(model.parameters)
    for name, value in changed.items():
        if name not in values:
            raise SettingError(f"parameters: {model.name} has {', '.join(values)}, not {shown(name)}")
        values[name] = number(f"parameters.{name}", value)
    return list(values.values())
