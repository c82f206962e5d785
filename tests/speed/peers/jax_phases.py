"""Phase oscillators in JAX, in float64, on one core: the steps of a call are one compiled ``lax.scan``.

The state of a problem is the phase of each oscillator, then its place, x, y, z; coupling is the cosine of distance.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false --xla_cpu_enable_fast_math=true"

from abc import abstractmethod
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tests.speed.peers.population import Floats, Population, Problem

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


class JaxPhases(Population):
    versions = ("jax", "jaxlib")

    def __init__(self, problem: Problem) -> None:
        phase, *places = (np.array(row) for row in problem.state)
        squares = sum((place[:, None] - place[None]) ** 2 for place in places)
        alpha = jnp.asarray(problem.coupling / len(phase) * np.cos(np.sqrt(squares)))
        self._phase = jnp.asarray(phase)
        self._advance = _advance(alpha, jnp.asarray(problem.current), problem.dt, self.pull)

    @staticmethod
    @abstractmethod
    def pull(alpha: jax.Array, phase: jax.Array) -> jax.Array:
        """What all others do to each."""

    def advance(self, kicks: Floats) -> Floats:
        self._phase, mean = self._advance(self._phase, kicks)
        return np.asarray(mean)


def _advance(alpha: jax.Array, frequency: jax.Array, dt: float, pull: Callable[..., jax.Array]):
    @jax.jit
    def advance(phase, kicks):
        def step(phase, kick):
            def rate(at):
                return frequency + pull(alpha, at) + kick

            first = rate(phase)
            second = rate(phase + dt / 2 * first)
            third = rate(phase + dt / 2 * second)
            fourth = rate(phase + dt * third)
            phase = phase + dt / 6 * (first + 2 * (second + third) + fourth)
            return phase, jnp.cos(phase).mean()

        return lax.scan(step, phase, kicks)

    return advance
