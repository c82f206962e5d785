"""Tissue: where oscillators are, how they are coupled, how contacts reach them, and where they are recorded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from rldbs.core.arguments import Floats, number, numbers, whole
from rldbs.core.coupling_modes import Modes, modes_of
from rldbs.core.errors import SettingError, shown
from rldbs.core.native import MOST_MEANS, MOST_NEURONS, curve

Profile = Literal["uniform", "linear", "lorentzian", "coulomb", "gaussian"]
PROFILES: tuple[Profile, ...] = ("uniform", "linear", "lorentzian", "coulomb", "gaussian")
MOST_ROWS = 4096
"""Contacts, or sites."""


@dataclass(frozen=True)
class Tissue:
    """Everything about a population that has to do with space. Arrays are float64, and nobody can write into them.

    Args:
        weights_in: W, (modes, neurons): how much each oscillator gives to a mode.
        weights_out: V, (modes, neurons): how much a mode gives to each; None where mode i is oscillator i's alone.
        conductance: G, (contacts, neurons): how much of a contact's stimulation reaches each.
        recording: P, (sites, neurons): how much of each a site records. The weights of the first sum to 1.
        positions: (neurons, 3), in mm; None where there are none.

    Raises:
        SettingError: the arrays are not finite, or do not belong together.
    """

    weights_in: Floats
    weights_out: Floats | None
    conductance: Floats
    recording: Floats
    positions: Floats | None = None

    def __post_init__(self) -> None:
        names = ["weights_in", "conductance", "recording"]
        names += [] if self.weights_out is None else ["weights_out"]
        given = {name: _rows(name, getattr(self, name)) for name in names}
        neurons = {name: array.shape[1] for name, array in given.items()}
        if len(set(neurons.values())) > 1:
            raise SettingError(f"tissue: the arrays have different numbers of neurons: {neurons}")
        if "weights_out" in given and given["weights_out"].shape != given["weights_in"].shape:
            shapes = f"{given['weights_out'].shape} and {given['weights_in'].shape}"
            raise SettingError(f"tissue: weights_out and weights_in must have the same modes, are {shapes}")
        if "weights_out" not in given and len(given["weights_in"]) != given["weights_in"].shape[1]:
            raise SettingError("tissue: without weights_out there must be as many modes as neurons")
        if not math.isclose(math.fsum(given["recording"][0]), 1.0, rel_tol=1e-9):
            raise SettingError(
                f"tissue: the first site's weights must sum to 1, sum to {given['recording'][0].sum():g}"
            )
        if self.positions is not None:
            given["positions"] = _positions("positions", self.positions)
            if len(given["positions"]) != given["weights_in"].shape[1]:
                raise SettingError(f"tissue: {neurons['weights_in']} neurons, {len(given['positions'])} positions")
        for name, array in given.items():
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def neurons(self) -> int:
        return int(self.weights_in.shape[1])

    @property
    def modes(self) -> int:
        return len(self.weights_in)

    @property
    def contacts(self) -> int:
        return len(self.conductance)

    @property
    def sites(self) -> int:
        return len(self.recording)


@dataclass(frozen=True)
class Response:
    """A phase response curve: Z(θ) = a₀/2 + Σ aₙ·cos nθ + bₙ·sin nθ, or a Gaussian about θ = π.

    Args:
        cosines: a₀, a₁, ….
        sines: b₀, which counts for nothing, b₁, …; as many.
        gaussian: Z = exp(−(θ − π)²/2) with θ from 0 to 2π, whatever the other two are.

    Raises:
        SettingError: they are not finite, or not as many.
    """

    cosines: Sequence[float] = (2.0,)
    sines: Sequence[float] = (0.0,)
    gaussian: bool = False

    def __post_init__(self) -> None:
        for name in ("cosines", "sines"):
            given = getattr(self, name)
            if type(given) not in (list, tuple):
                raise SettingError(f"{name}: must be a list of numbers, is {shown(given)}")
            object.__setattr__(self, name, tuple(number(name, value) for value in given))
        if type(self.gaussian) is not bool:
            raise SettingError(f"gaussian: must be true or false, is {shown(self.gaussian)}")
        if not 1 <= len(self.cosines) == len(self.sines) <= 64:
            raise SettingError(
                f"response: needs as many cosines as sines, up to 64, has {len(self.cosines)} and {len(self.sines)}"
            )

    @property
    def kind(self) -> int:
        """Which one it is for the core."""
        return int(self.gaussian)

    @property
    def fourier(self) -> tuple[Sequence[float], Sequence[float]]:
        """a₀, a₁, … and b₀, b₁, …, as many; of the Gaussian so many that what is left out is below 2e-3."""
        if not self.gaussian:
            return self.cosines, self.sines
        theta: Floats = np.linspace(0.0, 2.0 * math.pi, 4096, endpoint=False) + math.pi / 4096
        gaussian = curve("exponential", -0.5 * np.square(theta - math.pi))
        cosines = [math.fsum(gaussian * curve("cosine", np.float64(n) * theta)) / 2048.0 for n in range(9)]
        return cosines, [0.0] * 9


RESPONSES = {
    "flat": Response(),
    "type1": Response((2.0, -1.0), (0.0, 0.0)),
    "type2": Response((0.0, 0.0), (0.0, 1.0)),
    "gaussian": Response(gaussian=True),
}
"""Phase response curves with names: 1, 1 − cos θ, sin θ, exp(−(θ − π)²/2)."""


def named_response(value: object) -> Response:
    """A phase response curve by its name, or one that is given.

    Raises:
        SettingError: there is none of that name.
    """
    if type(value) is Response:
        return value
    if type(value) is not str or value not in RESPONSES:
        raise SettingError(f"response {shown(value)}: must be a Response, or one of {', '.join(RESPONSES)}")
    return RESPONSES[value]


def cube(side: int, spacing: float) -> Floats:
    """Positions on a cubic grid, float64 (side³, 3), in mm: (i·side + j)·side + k is at (i, j, k)·spacing."""
    along = np.arange(whole("side", side, 1, 464)) * number("spacing", spacing, above=0.0)
    return np.stack(np.meshgrid(along, along, along, indexing="ij"), axis=-1).reshape(-1, 3)


def line(neurons: int, length: float) -> Floats:
    """Positions on a line along x, float64 (neurons, 3), in mm: the middles of equal parts of its length."""
    positions = np.zeros((whole("neurons", neurons, 1, MOST_NEURONS), 3))
    positions[:, 0] = (np.arange(neurons) + 0.5) * (number("length", length, above=0.0) / neurons)
    return positions


def profile(positions: ArrayLike, points: ArrayLike, shape: Profile, spread: float = 1.0) -> Floats:
    """How much of what is at some points reaches each oscillator, or of each oscillator reaches them.

    Args:
        positions: (neurons, 3), in mm.
        points: (points, 3), in mm.
        shape: of the distance d: ``uniform`` 1, ``linear`` max(0, 1 − d/spread), ``lorentzian`` 1/(1 + (d/spread)²),
            ``gaussian`` exp(−(d/spread)²/2), ``coulomb`` spread/d, of which no oscillator gets more than at
            d = spread/100.
        spread: in mm.

    Returns:
        float64 (points, neurons).

    Raises:
        SettingError: an argument is none of these.
    """
    where, at = _positions("positions", positions), _positions("points", points)
    spread = number("spread", spread, above=0.0)
    ratio = distances(at, where) / spread
    if shape == "uniform":
        return np.ones_like(ratio)
    if shape == "linear":
        return np.maximum(0.0, 1.0 - ratio)
    if shape == "lorentzian":
        return np.asarray(1.0 / (1.0 + ratio * ratio))
    if shape == "coulomb":
        return np.asarray(1.0 / np.maximum(ratio, 0.01))
    if shape == "gaussian":
        return curve("exponential", -0.5 * np.minimum(ratio * ratio, 1400.0))
    raise SettingError(f"profile {shown(shape)}: must be one of {', '.join(PROFILES)}")


def distances(ones: Floats, others: Floats) -> Floats:
    """From each of some points to each of others, float64 (ones, others)."""
    squares = np.zeros((len(ones), len(others)))
    for axis in range(ones.shape[1]):
        apart = ones[:, axis, None] - others[None, :, axis]
        squares += apart * apart
    return np.asarray(np.sqrt(squares))


def tissue(
    positions: ArrayLike,
    coupling: Modes | None = None,
    conductance: Floats | None = None,
    recording: Floats | None = None,
) -> Tissue:
    """The tissue of some positions: coupled all to all alike, one contact that reaches all alike, and the mean of all.

    Args:
        positions: (neurons, 3), in mm.
        coupling: as :func:`.coupling_modes.modes_of` makes it; all to all alike where it is None.
        conductance: G, (contacts, neurons); ones where it is None.
        recording: P of sites beside the mean of all, which is always the first, (sites, neurons).
    """
    where = _positions("positions", positions)
    neurons = len(where)
    modes = modes_of(None, neurons) if coupling is None else coupling
    contacts = np.ones((1, neurons)) if conductance is None else conductance
    everyone = np.full((1, neurons), 1.0 / neurons)
    sites = everyone if recording is None else np.concatenate([everyone, _rows("recording", recording)])
    return Tissue(modes.weights_in, modes.weights_out, contacts, sites, where)


def _rows(name: str, value: ArrayLike, shape: str = "(rows, neurons)") -> Floats:
    """A fresh float64 array (rows, neurons) of finite numbers."""
    array = numbers(name, value, 2, MOST_MEANS, shape)
    if 0 in array.shape:
        raise SettingError(f"{name}: must be {shape}, is {array.shape}")
    return array


def _positions(name: str, value: ArrayLike) -> Floats:
    array = _rows(name, value, shape := "(points, 3), in mm")
    if array.shape[1] != 3:
        raise SettingError(f"{name}: must be {shape}, is {array.shape}")
    return array
