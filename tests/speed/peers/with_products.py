"""JAX: two products of a matrix and a vector, of sines and of cosines."""

import jax
import jax.numpy as jnp

from tests.speed.peers.jax_phases import JaxPhases


class ProductsPopulation(JaxPhases):
    @staticmethod
    def pull(alpha: jax.Array, phase: jax.Array) -> jax.Array:
        sine, cosine = jnp.sin(phase), jnp.cos(phase)
        return cosine * (alpha @ sine) - sine * (alpha @ cosine)
