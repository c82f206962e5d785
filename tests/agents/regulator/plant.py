"""A linear plant that is known: its poles, what it does in a loop, and what the best feedback costs."""

import numpy as np

from rldbs.agents.regulator.identification import Model

POLES = np.array([1.01 * np.exp(0.3j), 1.01 * np.exp(-0.3j), 0.8, -0.5])
"""A rhythm that grows by 1 % a step, and two modes that fade."""
NOISE = 0.1


def plant(poles: np.ndarray = POLES, inputs: tuple[float, ...] = (0.5, 0.3, -0.2, 0.1)) -> Model:
    """A model with such poles."""
    return Model(-np.poly(poles).real[1:], np.array(inputs), NOISE, 1.0)


def simulated(
    model: Model, gain: np.ndarray, noise: np.ndarray, excitation: np.ndarray, every: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and inputs, (loops, steps) each, of the plant under u = −gain·z + excitation, for noise (loops, steps).

    Where an input comes at every so many steps only, it is 0 in between.
    """
    a, b = model.transition()
    z = np.zeros((len(noise), len(a)))
    y, u = np.empty((2, *noise.shape))
    for step in range(noise.shape[1]):
        y[:, step] = z[:, 0]
        u[:, step] = excitation[:, step] - (z @ gain if step % every == 0 else 0.0)
        z = z @ a.T + u[:, step, None] * b
        z[:, 0] += NOISE * noise[:, step]
    return y, u
