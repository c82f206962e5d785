"""The linear-quadratic regulator: u = −L·z makes Σ |y|² + r·|u|² least, for z(t+1) = A·z(t) + B·u(t).

What is solved for inputs is solved input by input, as Gauss eliminates: with one it is a division.
"""

from typing import NamedTuple

import numpy as np
import scipy.linalg

from rldbs.core.native import Floats

MOST_DOUBLINGS = 64
CLOSE = 1e-12
"""Relative change at which the doubling has come to its end."""


class Cost(NamedTuple):
    """What is made least: Σ z'·Q·z + 2·z'·N·u + u'·R·u."""

    state: Floats
    """Q, (size, size), symmetric."""
    cross: Floats
    """N, (size, contacts)."""
    input: Floats
    """R, (contacts, contacts), symmetric."""


def lifted(a: Floats, b: Floats, price: float, every: int = 1, signals: int = 1) -> tuple[Floats, Floats, Cost]:
    """System and cost from one input to the next, where it acts at every so many steps only and rests between.

    Args:
        a: (size, size).
        b: (size, contacts).
        price: of |u|², against |y|² at every step.
        every: steps from one input to the next.
        signals: numbers in y, which are the first of z.

    Returns:
        A and B over so many steps, and the cost of them.
    """
    size, contacts = b.shape
    q, cross, own = np.zeros((size, size)), np.zeros((size, contacts)), price * np.eye(contacts)
    power, driven = np.eye(size), np.zeros((size, contacts))
    for step in range(every):
        for signal in range(signals):
            q += np.outer(power[signal], power[signal])
            cross += np.outer(power[signal], driven[signal])
            own += np.outer(driven[signal], driven[signal])
        driven = a @ driven if step else b.copy()
        power = a @ power
    return power, driven, Cost(q, cross, own)


def riccati(a: Floats, b: Floats, cost: Cost) -> Floats:
    """The stabilising solution P of the discrete algebraic Riccati equation, (size, size).

    By structured doubling: the k-th step has gone 2^k steps into the future, and its products are of the size of the
    system, not twice that as in the Schur method. Chu, Fan, Lin, Wang, Int. J. Control 77, 767 (2004).

    Raises:
        ValueError: there is none: a mode that grows is out of reach of the input.
    """
    a, h, g = _without_cross(a, b, cost)
    identity = np.eye(len(a))
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(MOST_DOUBLINGS):
            factors = scipy.linalg.lu_factor(identity + g @ h, check_finite=False)
            onward = scipy.linalg.lu_solve(factors, a, check_finite=False)
            reached = a @ scipy.linalg.lu_solve(factors, g, check_finite=False) @ a.T
            gained = a.T @ h @ onward
            g, h, a = g + 0.5 * (reached + reached.T), h + 0.5 * (gained + gained.T), a @ onward
            size = float(np.linalg.norm(h))
            if not np.isfinite(size):
                break
            if float(np.linalg.norm(gained)) <= CLOSE * size:
                return h
    raise ValueError("the Riccati equation has no stabilising solution: a mode that grows is out of reach of the input")


def _without_cross(a: Floats, b: Floats, cost: Cost) -> tuple[Floats, Floats, Floats]:
    """A − B·R⁻¹·N', Q − N·R⁻¹·N' and B·R⁻¹·B', (size, size) each: inputs are counted from those best for z alone."""
    h, g = cost.state, np.zeros_like(a)
    b, cross, own = b.copy(), cost.cross.copy(), cost.input.copy()
    for k in range(len(own)):
        pivot = own[k, k]
        a = a - np.outer(b[:, k], cross[:, k]) / pivot
        h = h - np.outer(cross[:, k], cross[:, k]) / pivot
        g = g + np.outer(b[:, k], b[:, k]) / pivot
        parts = own[k] / pivot
        for later in range(k + 1, len(own)):
            b[:, later] -= parts[later] * b[:, k]
            cross[:, later] -= parts[later] * cross[:, k]
            own[later] -= parts[later] * own[k]
    return a, h, g


def gain(a: Floats, b: Floats, cost: Cost, solution: Floats) -> Floats:
    """L of the regulator, (contacts, size), from the solution of its Riccati equation."""
    reached = b.T @ solution
    found, own = reached @ a + cost.cross.T, cost.input + reached @ b
    count = len(own)
    for k in range(count):
        for later in range(k + 1, count):
            part = own[later, k] / own[k, k]
            own[later] -= part * own[k]
            found[later] -= part * found[k]
    for k in reversed(range(count)):
        for later in range(k + 1, count):
            found[k] -= own[k, later] * found[later]
        found[k] /= own[k, k]
    return np.asarray(found)


def stationary(closed: Floats, noise: float) -> Floats:
    """Covariance of z in the closed loop z(t+1) = (A − B·L)·z(t), noise of that standard deviation on the first number:
    (size, size).

    Infinite where the loop is not stable.
    """
    covariance, power = np.zeros_like(closed), closed.copy()
    covariance[0, 0] = noise * noise
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(MOST_DOUBLINGS):
            more = power @ covariance @ power.T
            covariance = covariance + more
            size = float(np.linalg.norm(covariance))
            if not np.isfinite(size):
                break
            if float(np.linalg.norm(more)) <= CLOSE * size:
                return covariance
            power = power @ power
    return np.full_like(closed, np.inf)
