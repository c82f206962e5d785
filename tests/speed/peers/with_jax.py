"""JAX: the steps of a call are one compiled ``lax.scan``, unrolled twice, in float64, with XLA's fast maths.

XLA runs on one core. Its fast maths and the unrolling are each worth some 10 %, so it has both.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false --xla_cpu_enable_fast_math=true"

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tests.speed.peers.population import Floats, Population, Problem

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")

UNROLLED = 2


class JaxPopulation(Population):
    versions = ("jax", "jaxlib")

    def __init__(self, problem: Problem) -> None:
        self._state = tuple(jnp.asarray(row) for row in problem.state)
        self._current = jnp.asarray(problem.current)
        self._advance = _advance(problem)

    def advance(self, kicks: Floats) -> Floats:
        self._state, mean = self._advance(self._state, kicks, self._current)
        return np.asarray(mean)


def _advance(problem: Problem):
    constants, dt, coupling = tuple(problem.parameters.values()), problem.dt, problem.coupling
    equations = {"bvdp": _bvdp, "hr": _hr}[problem.model]

    @jax.jit
    def advance(state, kicks, current):
        def rate(at):
            return equations(*at, current + coupling * at[0].mean(), *constants)

        def moved(from_, slope, by):
            return tuple(s + by * k for s, k in zip(from_, slope, strict=True))

        def step(state, kick):
            state = (state[0] + kick, *state[1:])
            first = rate(state)
            second = rate(moved(state, first, dt / 2))
            third = rate(moved(state, second, dt / 2))
            fourth = rate(moved(state, third, dt))
            slopes = (a + 2 * (b + c) + d for a, b, c, d in zip(first, second, third, fourth, strict=True))
            state = moved(state, slopes, dt / 6)
            return state, state[0].mean()

        return lax.scan(step, state, kicks, unroll=UNROLLED)

    return advance


def _bvdp(x, y, drive, rate, recovery, offset):
    return x - x * x * x / 3 - y + drive, rate * (x - recovery * y + offset)


def _hr(x, y, z, drive, slow_rate, slow_gain, x_rest):
    x2 = x * x
    return y + x2 * (3 - x) - z + drive, 1 - 5 * x2 - y, slow_rate * (slow_gain * (x - x_rest) - z)
