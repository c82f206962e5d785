"""Coupling that depends on distance, as a few spatial modes: α_ij = Σ_r V_ri·W_rj.

Smooth kernels have low rank: then each oscillator gives to some modes and takes from them, in place of meeting every
other one. The modes come from cross approximation with full pivoting, which is elementwise arithmetic only: so they are
the same to the bit on every processor, as eigenvectors are not. Goreinov, Tyrtyshnikov, Zamarashkin, Linear Algebra
Appl. 261, 1 (1997).
"""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from rldbs.core.arguments import Floats, number, numbers, whole
from rldbs.core.errors import SettingError, shown
from rldbs.core.native import MOST_MEANS, MOST_NEURONS, curve

CouplingKernel = Literal["cosine", "wavelet", "gaussian", "exponential"]
KERNELS: tuple[CouplingKernel, ...] = ("cosine", "wavelet", "gaussian", "exponential")
MOST = 2**14
"""Oscillators whose distances fit into memory, 2 GiB."""
WAVELET = 0.6
"""s of the wavelet."""


class Modes(NamedTuple):
    """How oscillators are coupled."""

    weights_in: Floats
    """W, float64 (modes, neurons)."""
    weights_out: Floats | None
    """V, likewise; None where mode i is oscillator i's alone."""
    error: float
    """The largest difference of Σ_r V_ri·W_rj from the coupling that it stands for, divided as that is."""


def kernel_of(name: CouplingKernel, distance: Floats, length: float = 1.0) -> Floats:
    """α of the distance d, both of any shape; with d in units of ``length``.

    Args:
        name: ``cosine`` cos d, ``gaussian`` exp(−d²/2), ``exponential`` exp(−d), or ``wavelet``
            −s·(12·s⁴·d² − 8·s²)·exp(−s·d²)/2π with s = 0.6.
        distance: in mm.
        length: in mm.

    Raises:
        SettingError: there is no such kernel, or the length is not above 0.
    """
    d = distance / number("length", length, above=0.0)
    if name == "cosine":
        return curve("cosine", d)
    if name == "gaussian":
        return curve("exponential", -0.5 * np.minimum(d * d, 1400.0))
    if name == "exponential":
        return curve("exponential", -np.minimum(d, 700.0))
    if name == "wavelet":
        s, square = WAVELET, np.minimum(d * d, 1000.0)
        return np.asarray(-s * (12.0 * s**4 * square - 8.0 * s**2) * curve("exponential", -s * square) / (2.0 * np.pi))
    raise SettingError(f"kernel {shown(name)}: must be one of {', '.join(KERNELS)}")


def blocks(sizes: Sequence[int], strengths: ArrayLike) -> Modes:
    """The modes of populations one after the other, each of which couples to each with a strength of its own.

    Args:
        sizes: how many oscillators each population has.
        strengths: (populations, populations), what the oscillators of one, in its row, take from those of each;
            divided, as α is, by the number of all oscillators.

    Raises:
        SettingError: there are none, or the strengths are not finite or not as many.
    """
    counts = [whole("sizes", size, 1, MOST_NEURONS) for size in sizes]
    shape = len(counts), len(counts)
    taken = numbers("strengths", strengths, 2, MOST_MEANS, str(shape))
    if not counts or taken.shape != shape:
        raise SettingError(f"strengths: must be {shape}, is {taken.shape}")
    member = np.repeat(np.arange(len(counts)), counts)
    given = (member == np.arange(len(counts))[:, None]) / float(len(member))
    return Modes(given, taken.T[:, member].copy(), 0.0)


def modes_of(
    alpha: Floats | None, neurons: int, tolerance: float = 1e-10, normalised: bool = False, most: int | None = None
) -> Modes:
    """The modes of a coupling, divided by the number of oscillators.

    Args:
        alpha: α, float64 (neurons, neurons), α_ij what j does to i; None for 1 everywhere.
        neurons: how many there are.
        tolerance: largest error of an α_ij, in units of the largest one.
        normalised: divide by what each oscillator's couplings sum to, in place of the number of oscillators.
        most: modes at most; where there would be more, their sum is α as far as they go.

    Raises:
        SettingError: there are too many oscillators, or α is another array.
    """
    neurons = whole("neurons", neurons, 1, MOST_NEURONS)
    if alpha is None:
        return Modes(np.full((1, neurons), 1.0 / neurons), np.ones((1, neurons)), 0.0)
    if neurons > MOST:
        raise SettingError(f"neurons={neurons}: at most {MOST} may be coupled by their distance")
    if alpha.shape != (neurons, neurons) or not np.isfinite(alpha).all():
        raise SettingError(f"alpha: must be finite numbers ({neurons}, {neurons}), is {alpha.shape}")
    if normalised:
        total = np.array([math.fsum(row) for row in alpha])
        if not (total > 0.0).all():
            raise SettingError("normalised: what couples to each oscillator must sum to more than 0")
        alpha = alpha / total[:, None]
    else:
        alpha = alpha / neurons
    limit = neurons // 2 if most is None else whole("most", most, 1, neurons)
    given, taken, error = _crosses(alpha, tolerance * float(np.abs(alpha).max()), limit)
    if most is None and len(given) == limit and error > tolerance * float(np.abs(alpha).max()):
        return Modes(alpha, None, 0.0)  # hardly fewer modes than oscillators: they meet each other
    return Modes(given, taken, error)


def _crosses(alpha: Floats, tolerance: float, most: int) -> tuple[Floats, Floats, float]:
    """W, V and the largest error, by cross approximation: row and column of the largest rest, again and again."""
    rest = alpha.copy()
    rows: list[Floats] = []
    columns: list[Floats] = []
    while True:
        size = np.abs(rest)
        i, j = divmod(int(size.argmax()), len(rest))
        if size[i, j] <= tolerance or len(rows) == most:
            break
        rows.append(rest[i].copy())
        columns.append(rest[:, j] / rest[i, j])
        rest -= columns[-1][:, None] * rows[-1]
    error = float(size[i, j])
    if not rows:
        return np.zeros((1, len(rest))), np.zeros((1, len(rest))), error
    return np.array(rows), np.array(columns), error
