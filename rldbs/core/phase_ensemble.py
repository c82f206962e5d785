"""A batch of populations of phase oscillators that advance together, as closed loops take it: in Hz, rad/s and ms."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rldbs.core.arguments import Floats, number, numbers, seeds, whole
from rldbs.core.dbsgym import LAW_MEAN, LAW_STD, dbsgym_frequencies
from rldbs.core.ensemble import MOST_STEPS, Ensemble
from rldbs.core.errors import SettingError, shown
from rldbs.core.model_settings import LocusSettings, PhaseSettings
from rldbs.core.models import neuron_model
from rldbs.core.native import MOST_MEANS, MOST_NEURONS, MOST_THREADS
from rldbs.core.phase_kernel import PhaseKernel
from rldbs.core.saved_arrays import Arrays
from rldbs.core.tissue import Response, distances, named_response

WIDEST = 10.0
"""No frequency of a Cauchy distribution, which has no moments, is farther from its middle than so many widths."""
MOST = 1000.0
"""Hz, or rad/√s."""
DISTRIBUTIONS = ("normal", "cauchy", "dbsgym")
TURN = 2.0 * math.pi


class PhaseEnsemble(Ensemble):
    """Populations of Kuramoto oscillators under kicks. What an :class:`.Ensemble` says of itself holds here, but:

    A kick u, in rad/s, is held over an integration step and turns every oscillator's phase by Z(θ)·u. With several
    contacts kicks are (populations, steps, contacts), and G·u takes the place of u. The mean field is that of cos θ, of
    sin θ, the rate at which the phases advance, in Hz, and then cos θ and sin θ at every site and of every cluster.
    ``current`` are the frequencies ω, in rad/s; the rows of ``state`` are cos θ, sin θ and θ itself, of which only θ
    decides what comes.

    Args:
        settings: what they are.
        populations: how many.
        seed: as for an :class:`.Ensemble`; it draws the noise, too.
        transient: integration steps to run before; those of the settings where it is None.
        threads: for the transient and later.
        own_contacts: as for an :class:`.Ensemble`.

    Raises:
        SettingError: an argument is out of range.
    """

    def __init__(
        self,
        settings: PhaseSettings,
        populations: int = 1,
        seed: int | Sequence[int] = 0,
        *,
        transient: int | None = None,
        threads: int = 1,
        own_contacts: bool = False,
    ) -> None:
        self.model = neuron_model(settings.name)
        self.populations = whole("populations", populations, 1, MOST_NEURONS)
        self.neurons, self.dt = settings.neurons, settings.dt
        self._tissue = where = settings.tissue
        self.threads = whole("threads", threads, 1, MOST_THREADS)
        steps = whole("transient", settings.transient if transient is None else transient, 0, MOST_STEPS)
        own_seeds = seeds(seed, self.populations)
        second = self.dt / 1000.0
        self._phases = self._kernel = PhaseKernel(
            where,
            response_of(settings),
            second,
            self.populations,
            settings.noise * math.sqrt(second),
            rate_unit=TURN,
            own_contacts=own_contacts,
        )
        self._own_contacts = own_contacts
        self.coupling[:] = settings.coupling
        for k, own in enumerate(own_seeds):
            random = np.random.default_rng(own)
            self.current[k] = TURN * _in_locus(settings, random, _frequencies(settings, random))
            self._phases.phase[k] = np.pi * random.uniform(-1.0, 1.0, self.neurons)
            self._phases.seeds[k] = random.integers(2**64, dtype=np.uint64)
        self.rest(steps)

    def advance(self, kicks: ArrayLike, threads: int | None = None) -> Floats:
        given = numbers("kicks", kicks, 2 if self.contacts == 1 else 3, MOST_MEANS)
        rows = given[:, :, None] if self.contacts == 1 else given
        return self._phases.advance(rows, self.threads if threads is None else threads)

    def quiet(self, steps: int) -> Floats:
        return np.zeros((len(self.coupling), steps, *(() if self.contacts == 1 else (self.contacts,))))

    @property
    def contacts(self) -> int:
        """Contacts that stimulate."""
        return self._phases.tissue.contacts

    def arrays(self) -> Arrays:
        return {**super().arrays(), "seeds": self._phases.seeds, "clocks": self._phases.clocks}

    def begin(self, rows: NDArray[np.int64], generators: Sequence[np.random.Generator]) -> None:
        for row, generator in zip(rows.tolist(), generators, strict=True):
            self._phases.seeds[row], self._phases.clocks[row] = generator.integers(2**64, dtype=np.uint64), 0


def response_of(settings: PhaseSettings) -> Response:
    """The phase response curve of some settings.

    Raises:
        SettingError: there is none of that name, or its coefficients are not as many, or no numbers.
    """
    if type(settings.response) is str and settings.response == "fourier":
        return Response(settings.cosines, settings.sines)
    return named_response(settings.response)


def checked_phases(settings: PhaseSettings) -> PhaseSettings:
    """The same settings as plain numbers, if all that makes populations of them is in range.

    Raises:
        SettingError: it is not.
    """
    response_of(settings)
    if type(settings.distribution) is not str or settings.distribution not in DISTRIBUTIONS:
        raise SettingError(f"distribution {shown(settings.distribution)}: must be one of {', '.join(DISTRIBUTIONS)}")
    return replace(
        settings,
        frequency_mean=_up_to_most("frequency_mean", settings.frequency_mean),
        frequency_std=_up_to_most("frequency_std", settings.frequency_std),
        noise=_up_to_most("noise", settings.noise),
    )


def _up_to_most(name: str, value: object) -> float:
    given = number(name, value, least=0.0)
    if given > MOST:
        raise SettingError(f"{name}: must be at most {MOST:g}, is {shown(value)}")
    return given


def _frequencies(settings: PhaseSettings, random: np.random.Generator) -> Floats:
    """In Hz, float64 (neurons,)."""
    mean, width, neurons = settings.frequency_mean, settings.frequency_std, settings.neurons
    if settings.distribution == "normal":
        return random.normal(mean, width, neurons)
    if settings.distribution == "dbsgym":
        return np.asarray(mean + width * (dbsgym_frequencies(random, neurons) - LAW_MEAN) / LAW_STD)
    drawn = random.standard_cauchy(neurons)
    while (far := np.abs(drawn) > WIDEST).any():
        drawn[far] = random.standard_cauchy(int(far.sum()))
    return np.asarray(mean + width * drawn)


def _in_locus(settings: PhaseSettings, random: np.random.Generator, frequencies: Floats) -> Floats:
    """The frequencies, in Hz, of which those in a locus are drawn anew."""
    if not isinstance(settings, LocusSettings):
        return frequencies
    where = settings.tissue.positions
    assert where is not None
    inside = distances(np.array([settings.locus]), where)[0] <= settings.locus_radius
    low, high = settings.locus_band
    return np.where(inside, random.uniform(low, high, settings.neurons), frequencies)
