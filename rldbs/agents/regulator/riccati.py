"""The linear-quadratic regulator: feedback u = −L·z that makes Σ y² + r·u² least, for z(t+1) = A·z(t) + B·u(t)."""

from typing import NamedTuple

import numpy as np
import scipy.linalg

from rldbs.core.native import Floats

MOST_DOUBLINGS = 64
CLOSE = 1e-12
"""Relative change at which the doubling has come to its end."""


class Cost(NamedTuple):
    """What is made least: Σ z'·Q·z + 2·z'·N·u + r·u²."""

    state: Floats
    """Q, (size, size), symmetric."""
    cross: Floats
    """N, (size,)."""
    input: float
    """r."""


def lifted(a: Floats, b: Floats, price: float, every: int = 1) -> tuple[Floats, Floats, Cost]:
    """System and cost from one input to the next, where it acts at every so many steps only and rests between.

    Args:
        a: (size, size).
        b: (size,).
        price: of u², against y² at every step; y is the first number of z.
        every: steps from one input to the next.

    Returns:
        A and B over so many steps, and the cost of them.
    """
    size = len(a)
    q, cross, own = np.zeros((size, size)), np.zeros(size), price
    power, driven = np.eye(size), np.zeros(size)
    for step in range(every):
        q += np.outer(power[0], power[0])
        cross += power[0] * driven[0]
        own += driven[0] ** 2
        driven = a @ driven if step else b.copy()
        power = a @ power
    return power, driven, Cost(q, cross, float(own))


def riccati(a: Floats, b: Floats, cost: Cost) -> Floats:
    """The stabilising solution P of the discrete algebraic Riccati equation, (size, size).

    By structured doubling: the k-th step has gone 2^k steps into the future, and its products are of the size of the
    system, not twice that as in the Schur method. Chu, Fan, Lin, Wang, Int. J. Control 77, 767 (2004).

    Raises:
        ValueError: there is none: a mode that grows is out of reach of the input.
    """
    a = a - np.outer(b, cost.cross) / cost.input
    h = cost.state - np.outer(cost.cross, cost.cross) / cost.input
    g = np.outer(b, b) / cost.input
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


def gain(a: Floats, b: Floats, cost: Cost, solution: Floats) -> Floats:
    """L of the regulator, (size,), from the solution of its Riccati equation."""
    found: Floats = (b @ solution @ a + cost.cross) / (cost.input + float(b @ solution @ b))
    return found


def stationary(closed: Floats, noise: float) -> Floats:
    """Covariance of z in the closed loop z(t+1) = (A − B·L)·z(t), noise of that standard deviation on y: (size, size).

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
