"""Networks of phase oscillators in tissue, in physical units: Hz, rad/s, ms, mm."""

import math
from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from rldbs.core.arguments import Floats, number, numbers, seeds, whole
from rldbs.core.errors import SettingError, shown
from rldbs.core.native import MOST_MEANS, MOST_NEURONS, MOST_THREADS
from rldbs.core.phase_kernel import PhaseKernel
from rldbs.core.saved_arrays import Arrays, Named, only, take
from rldbs.core.tissue import Response, Tissue, named_response

PER_HZ = 2.0 * math.pi / 1000.0
"""Radians per millisecond."""
MOST_STEPS = 10**8


class Recorded(NamedTuple):
    """What is seen of a network after each step."""

    x: Floats
    """Σ P_qi·cos θ_i of every site, float64 (populations, steps, sites); the first is the mean of all."""
    y: Floats
    """Σ P_qi·sin θ_i, likewise."""
    rate: Floats
    """How fast phases advance, in Hz, the mean of all: float64 (populations, steps)."""

    @property
    def order(self) -> Floats:
        """The order parameter R at every site whose weights sum to 1, float64 (populations, steps, sites)."""
        return np.asarray(np.hypot(self.x, self.y))


def incoherent(neurons: int) -> float:
    """R that so many oscillators have, on average, where each is where it likes: √π / (2·√N)."""
    return math.sqrt(math.pi) / (2.0 * math.sqrt(neurons))


class PhaseNetwork:
    """Populations of Kuramoto oscillators in tissue, integrated by classical fixed-step RK4 in C.

        θ'_i = ω_i + K·Σ_j α_ij·sin(θ_j − θ_i) + Z(θ_i)·Σ_c G_ci·u_c + noise

    Population k of a network seeded s is bit for bit the only population of a network seeded s + k. A copy, also one
    that was pickled, goes on to the bit, and independently.

    Args:
        tissue: α, G, where is recorded: see :func:`.tissue.tissue`.
        populations: how many populations; all have the same tissue.
        seed: an integer s (population k gets s + k), or one integer for each population. It draws frequencies, phases
            and noise.
        frequency_mean, frequency_std: the frequencies ω are normal with these, in Hz.
        coupling: K, in rad/s.
        noise: in rad/√s: what is added to each phase within a second has this standard deviation.
        response: the phase response curve Z: ``flat``, ``type1``, ``type2``, ``gaussian``, or a :class:`.Response`.
        dt: integration step, in ms.
        transient: integration steps to run before the network is handed over.
        threads: threads for the transient and for every later :meth:`advance`; no result depends on it.

    Attributes:
        phase: float64 (populations, neurons), in rad, writable.
        clocks: uint64 (populations,), how many steps have been taken; the noise depends on it.
        coupling: K in rad/s, float64 (populations,): a copy; assign one number, or one for each, at any time.
        conductance: G, float64 (contacts, neurons), writable at any time: electrodes drift, and scars grow around them.
        recording: P, float64 (sites, neurons), likewise.

    Raises:
        SettingError: an argument is out of range.

    Example:
        >>> import numpy as np, rldbs
        >>> from rldbs.core.tissue import cube, tissue
        >>> network = rldbs.PhaseNetwork(tissue(cube(8, spacing=0.1)), seed=0)
        >>> network.advance(np.zeros((1, 100, 1))).order.shape
        (1, 100, 1)
    """

    def __init__(
        self,
        tissue: Tissue,
        populations: int = 1,
        seed: int | Sequence[int] = 0,
        *,
        frequency_mean: float = 18.0,
        frequency_std: float = 1.0,
        coupling: float = 13.0,
        noise: float = 1.0,
        response: str | Response = "type2",
        dt: float = 0.5,
        transient: int = 2000,
        threads: int = 1,
    ) -> None:
        if type(tissue) is not Tissue:
            raise SettingError(f"tissue: must be a Tissue, is {shown(tissue)}")
        self.tissue, self.populations = tissue, whole("populations", populations, 1, MOST_NEURONS)
        self.threads = whole("threads", threads, 1, MOST_THREADS)
        self.dt = number("dt", dt, above=0.0)
        mean, std = number("frequency_mean", frequency_mean), number("frequency_std", frequency_std, least=0.0)
        strength = number("coupling", coupling)
        spread = number("noise", noise, least=0.0) * math.sqrt(self.dt / 1000.0)
        steps = whole("transient", transient, 0, MOST_STEPS)
        own_seeds = seeds(seed, self.populations)
        self.kernel = PhaseKernel(tissue, named_response(response), self.dt, self.populations, spread, PER_HZ)
        self.coupling = strength
        for k, own in enumerate(own_seeds):
            random = np.random.default_rng(own)
            self.kernel.frequency[k] = PER_HZ * random.normal(mean, std, tissue.neurons)
            self.phase[k] = np.pi * random.uniform(-1.0, 1.0, tissue.neurons)
            self.kernel.seeds[k] = random.integers(2**64, dtype=np.uint64)
        self.rest(steps)

    def __copy__(self) -> "PhaseNetwork":
        return deepcopy(self)  # half a copy would be the same populations twice

    @property
    def phase(self) -> Floats:
        """The phases θ_i in rad, float64 (populations, neurons), writable."""
        return self.kernel.phase

    @property
    def clocks(self) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
        """Steps that have been taken, uint64 (populations,); the noise depends on it."""
        return self.kernel.clocks

    @property
    def conductance(self) -> Floats:
        """G, float64 (contacts, neurons), writable at any time."""
        return self.kernel.conductance

    @property
    def recording(self) -> Floats:
        """P, float64 (sites, neurons), writable at any time."""
        return self.kernel.recording

    @property
    def frequency(self) -> Floats:
        """ω, in Hz: float64 (populations, neurons), a copy; assign to change it."""
        return self.kernel.frequency / PER_HZ

    @frequency.setter
    def frequency(self, value: ArrayLike) -> None:
        shape = self.kernel.frequency.shape
        given = numbers("frequency", value, 2, MOST_MEANS, str(shape))
        if given.shape != shape:
            raise SettingError(f"frequency: must be {shape}, is {given.shape}")
        self.kernel.frequency[:] = PER_HZ * given

    @property
    def coupling(self) -> Floats:
        """K, in rad/s: float64 (populations,), a copy that cannot be written into; assign one number for all
        populations, or one for each, to change it at any time."""
        coupling: Floats = self.kernel.coupling * 1000.0
        coupling.flags.writeable = False
        return coupling

    @coupling.setter
    def coupling(self, value: ArrayLike) -> None:
        if np.isscalar(value) or (type(value) is np.ndarray and value.ndim == 0):
            self.kernel.coupling[:] = number("coupling", value) / 1000.0
            return
        wanted = f"one number, or ({self.populations},)"
        given = numbers("coupling", value, 1, MOST_MEANS, wanted)
        if given.shape != (self.populations,):
            raise SettingError(f"coupling: must be {wanted}, is {given.shape}")
        self.kernel.coupling[:] = given / 1000.0

    def advance(self, stimulation: ArrayLike) -> Recorded:
        """Advance every population by ``steps`` integration steps.

        Args:
            stimulation: u of every contact, in rad/s, held over each step: (populations, steps, contacts).

        Raises:
            SettingError: it has another shape, is not finite, or is too long for one call.
            DivergedError: phases have left all bounds.
        """
        given = numbers("stimulation", stimulation, 3, MOST_MEANS)
        seen = self.kernel.advance(given / 1000.0, self.threads)
        sites = np.delete(seen, 2, axis=2)
        return Recorded(sites[:, :, ::2], sites[:, :, 1::2], seen[:, :, 2])

    def rest(self, steps: int) -> None:
        """Advance every population by ``steps`` integration steps without stimulation.

        Raises:
            SettingError: ``steps`` is no whole number from 0 to 10⁸.
        """
        steps = whole("steps", steps, 0, MOST_STEPS)
        for begin in range(0, steps, 1024):
            self.kernel.advance(
                np.zeros((self.populations, min(1024, steps - begin), self.tissue.contacts)), self.threads
            )

    def get_state(self) -> Arrays:
        """All that the coming steps depend on, as fresh arrays with names."""
        return {name: array.copy() for name, array in self.kernel.arrays().items()}

    def set_state(self, state: Named) -> None:
        """Go on where :meth:`get_state` was called, here or in another network of the same kind.

        Raises:
            RunError: the arrays are not those of such a network.
        """
        arrays = self.kernel.arrays()
        only(state, arrays.keys(), "such a network")
        taken = {name: take(state, name, array.shape, array.dtype) for name, array in arrays.items()}
        for name, array in arrays.items():
            array[...] = taken[name]
