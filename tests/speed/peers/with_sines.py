"""JAX: the sine of every difference, as published code has it."""

import jax
import jax.numpy as jnp

from tests.speed.peers.jax_phases import JaxPhases


class SinesPopulation(JaxPhases):
    @staticmethod
    def pull(alpha: jax.Array, phase: jax.Array) -> jax.Array:
        return (alpha * jnp.sin(phase[None] - phase[:, None])).sum(axis=1)
