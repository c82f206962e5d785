"""The populations of a published environment, as its programs really draw and place them.

DBS-Gym, Kuzmina, Kriukov, Lebedev, Dylov, Neurophysiologically Realistic Environment for Comparing Adaptive Deep Brain
Stimulation Algorithms in Parkinson's Disease (2025); github.com/NevVerVer/DBS-Gym at aa0b10b, MIT. 512 oscillators on a
cubic grid are coupled by the cosine of their distance, below the transition; one contact reaches all of them; a locus
of 27 has frequencies of its own.

Its unit of time is 10 ms, that of length is taken for 1 mm; here all is in Hz, rad/s, ms and mm. Its "Hz" are taken for
0.065 rad per unit where 2π/100 would be right, so that all frequencies are 3.5 % higher than it says.
"""

import math
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rldbs.core.arguments import Floats, whole
from rldbs.core.coupling_modes import Modes, kernel_of, modes_of
from rldbs.core.tissue import Tissue, cube, distances, profile, tissue

ENVIRONMENTS, INSTANCES, EPISODES = 2, 5, 5
"""Environments 0 and 1, the instances that each was evaluated on, and the episodes of each that are taken here."""
SIDE, SPACING = 8, 0.1
"""Oscillators along an edge, and mm from one to the next."""
NEURONS = SIDE**3
COUPLING = 52.0
"""K, in rad/s: 0.52 per unit of 10 ms."""
PULSE = 500.0
"""The strongest stimulation, in rad/s: 5 per unit."""
DT = 0.5
"""Integration step, in ms."""
TRANSIENT = 3999
"""Steps from the first phases to the first observation."""
REACH = 1.0
"""mm: where the linear profile of contact and recorder ends, beyond every oscillator."""
PER_HERTZ = 0.065
"""Radians per unit of 10 ms that "1 Hz" is taken for."""
LAW_MEAN, LAW_STD = 15.1876, 8.646
"""Of the law of the frequencies outside the locus, in Hz, in which one in 883 is 0. Nobody has those: what is 0 becomes
the mean and a little more, so that what is drawn has 15.2055 and 8.6309 instead."""
LOCUS_RADIUS = 1.0 / 0.55
"""In units of the spacing."""

_AT = (0.0, 1.8, 2.5, 3.3, 4.5, 5.5, 8.0, 12.5, 18.0, 20.0, 22.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0)
_DENSITY = (6.0, 7.7, 6.0, 7.7, 4.0, 3.5, 4.0, 5.0, 5.7, 10.0, 5.7, 4.9, 2.3, 1.2, 0.8, 0.75, 0.7, 0.7, 0.68)
"""The points through which the density of the frequencies was drawn by hand, "Hz"."""
_DEGREE, _HIGHEST, _GRID = 10, 30.0, 1000

_FIRST_SEED = 228
_SEEDS = (11, 10, 20, 30, 40), (10, 10, 10, 10, 10)
"""Of each instance: the generator, one for all, is seeded anew when the instance has been made."""
_INDICES = (
    (((4, 3, 4), (1, 1, 1), (4, 4, 4)),) * INSTANCES,
    (
        ((5, 2, 3), (3, 5, 1), (1, 2, 3)),
        ((4, 3, 1), (2, 5, 4), (2, 1, 4)),
        ((4, 3, 6), (2, 6, 4), (4, 3, 2)),
        ((5, 2, 1), (3, 5, 3), (5, 2, 5)),
        ((1, 3, 2), (4, 1, 4), (4, 5, 4)),
    ),
)
"""Contact, recorder and centre of the locus as they are written there; they are indices in the order (z, x, y)."""


class Population(NamedTuple):
    """What a population is before the first step. Oscillator (8·z + x)·8 + y is at (x, y, z)."""

    positions: Floats
    """(512, 3), in mm."""
    contact: Floats
    """(3,), in mm; an oscillator is there."""
    recorder: Floats
    """(3,), likewise."""
    locus: NDArray[np.bool_]
    """(512,), who belongs to it."""
    frequency: Floats
    """ω, (512,), in Hz."""
    phase: Floats
    """θ before the transient, (512,), in rad."""


def dbsgym_population(environment: int, instance: int, episode: int, episodes: int = EPISODES) -> Population:
    """A population of the published evaluation.

    The draws are its own, in its order, of one generator: instances are made one after the other and draw their first
    phases once, for nothing; then each in its turn is run for so many episodes, and draws before the first and after
    each one. So the phases of an instance depend on how many episodes those before it had. Its frequencies are the
    same in every episode, since none of these happens to be 0, which each episode would draw anew.

    Args:
        environment: 0, where contact, recorder and locus are at the same places in every instance, or 1, where they
            are not, but instances 1 to 4 have the same frequencies outside the locus.
        instance: 0 to 4.
        episode: from 0. The phases of those that the evaluation did not have are drawn from a generator seeded with
            environment, instance and episode.
        episodes: of each instance in the evaluation, at most 10⁴; how many there were is not published.

    Raises:
        SettingError: an argument is out of range.

    Example:
        >>> from rldbs.core.dbsgym import dbsgym_population
        >>> int(dbsgym_population(0, 0, 0).locus.sum())
        27
    """
    places = _places(environment, instance)
    episode, episodes = whole("episode", episode, 0, 2**64 - 1), whole("episodes", episodes, 1, 10**4)
    random = np.random.RandomState(_FIRST_SEED)
    bases = []
    for k, seed in enumerate(_SEEDS[environment]):
        bases.append(_frequencies(random, _locus(environment, k)))
        random.seed(seed)
        _reset(random, bases[-1])
    if episode < episodes:
        for k in range(instance):
            for _ in range(episodes + 1):
                _reset(random, bases[k])
        for _ in range(episode):
            _reset(random, bases[instance])
    else:
        random.seed([_FIRST_SEED, environment, instance, episode % 2**32, episode // 2**32])
    frequency, phase = _reset(random, bases[instance])
    hertz = frequency * (100.0 / (2.0 * math.pi))
    return Population(_positions(), places[0], places[1], _locus(environment, instance), hertz, phase)


def dbsgym_tissue(environment: int, instance: int, tolerance: float = 1e-10) -> Tissue:
    """The tissue of an instance: cosine coupling, the contact's linear profile, and two sites.

    The first site is the mean of all, which environment 0 observes and every number of its table is taken of; the
    second, which environment 1 observes, is mean(w·cos θ) with the same profile w about the recorder.

    Args:
        environment, instance: as for :func:`dbsgym_population`.
        tolerance: largest error of a coupling, whose largest is 1.

    Raises:
        SettingError: an argument is out of range.
    """
    where = _positions()
    contact, recorder, _ = _places(environment, instance)
    heard = profile(where, recorder[None], "linear", REACH) / NEURONS
    return tissue(where, _modes(tolerance), profile(where, contact[None], "linear", REACH), heard)


def _positions() -> Floats:
    return np.ascontiguousarray(cube(SIDE, SPACING)[:, [1, 2, 0]])


@lru_cache(maxsize=4)
def _modes(tolerance: float) -> Modes:
    where = _positions()
    return modes_of(kernel_of("cosine", distances(where, where)), NEURONS, tolerance)


def _places(environment: int, instance: int) -> Floats:
    """Contact, recorder and centre of the locus, (3, 3), in mm."""
    environment = whole("environment", environment, 0, ENVIRONMENTS - 1)
    indices = np.array(_INDICES[environment][whole("instance", instance, 0, INSTANCES - 1)])
    return indices[:, [1, 2, 0]] * SPACING


def _locus(environment: int, instance: int) -> NDArray[np.bool_]:
    centre = _places(environment, instance)[2:]
    return np.asarray(distances(centre, _positions())[0] <= LOCUS_RADIUS * SPACING)


def _frequencies(random: np.random.RandomState, locus: NDArray[np.bool_]) -> Floats:
    """ω of an instance, in rad per unit, some of it 0: from the density drawn by hand, in the locus 17 ± 1."""
    elsewhere = _by_chance(random.random_sample(NEURONS))
    inside = random.uniform(16.0, 18.0, NEURONS)
    return np.where(locus, inside, elsewhere) * PER_HERTZ


def _by_chance(chance: Floats) -> Floats:
    """The "frequencies" outside the locus with such chances of one that is lower, some of them 0."""
    at, below = _distribution()
    right = np.clip(np.searchsorted(below, chance), 1, _GRID - 1)
    share = (chance - below[right - 1]) / (below[right] - below[right - 1])
    found = np.maximum(at[right - 1] + share * (at[right] - at[right - 1]), 0.0)
    return np.where(chance < below[0], 0.0, found)


def dbsgym_frequencies(random: np.random.Generator, neurons: int) -> Floats:
    """Frequencies of its law outside the locus, in Hz, from a generator of ours: (neurons,), all above 0."""
    units = _by_chance(random.random(neurons)) * PER_HERTZ
    return _positive(random, units) * (100.0 / (2.0 * math.pi))


@lru_cache
def _distribution() -> tuple[Floats, Floats]:
    """Frequencies from 0 to 30 "Hz", and the chance of one that is not above each, (1000,)."""
    at = np.linspace(0.0, _HIGHEST, _GRID)
    density = np.zeros(_GRID)
    for coefficient in reversed(_polynomial()):
        density = density * at + coefficient
    below = np.cumsum(density)
    return at, below / below[-1]


def _polynomial() -> list[float]:
    """The polynomial of least squares through the points, lowest power first: the same everywhere, since exact."""
    at = [Fraction(str(value)) for value in _AT]
    many = range(_DEGREE + 1)
    rows = [[sum((x ** (i + j) for x in at), Fraction()) for j in many] for i in many]
    for i, row in enumerate(rows):
        row.append(sum((Fraction(str(y)) * x**i for x, y in zip(at, _DENSITY, strict=True)), Fraction()))
    for k in many:
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in many:
            if i != k:
                rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [float(row[-1]) for row in rows]


def _reset(random: np.random.RandomState, frequency: Floats) -> tuple[Floats, Floats]:
    """ω, in rad per unit, and θ of an episode: nothing may be 0 or less."""
    positive = _positive(random, frequency)
    return positive, _positive(random, random.normal(math.pi, 0.6, NEURONS))


def _positive(random: np.random.RandomState | np.random.Generator, values: Floats) -> Floats:
    """What is not above 0 becomes the mean and a little more."""
    wrong = np.flatnonzero(values <= 0.0)
    result = values.copy()
    result[wrong] = math.fsum(values) / len(values) + np.abs(0.05 * random.standard_normal(len(wrong)))
    return result
