"""A linear plant that is known: its poles, what it does in a loop, and what the best feedback costs."""

import numpy as np

from rldbs.agents.regulator.identification import Model

POLES = np.array([1.01 * np.exp(0.3j), 1.01 * np.exp(-0.3j), 0.8, -0.5])
"""A rhythm that grows by 1 % a step, and two modes that fade."""
NOISE = 0.1


def plant(poles: np.ndarray = POLES, inputs: tuple[float, ...] = (0.5, 0.3, -0.2, 0.1)) -> Model:
    """A model with such poles."""
    return of_one(-np.poly(poles).real[1:], inputs)


def of_one(outputs: np.ndarray, inputs: tuple[float, ...] | np.ndarray) -> Model:
    """A model of one signal and one input, of which the weights of the past are given."""
    return Model(np.reshape(outputs, (-1, 1, 1)), np.reshape(inputs, (-1, 1, 1)), NOISE, 1.0)


def simulated(
    model: Model, gain: np.ndarray, noise: np.ndarray, excitation: np.ndarray, every: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and inputs, (loops, steps, numbers) each, of the plant under u = −gain·z + excitation.

    Where an input comes at every so many steps only, it is 0 in between.

    Args:
        model: the plant.
        gain: (contacts, size).
        noise: on outputs, (loops, steps, signals).
        excitation: (loops, steps, contacts).
        every: steps from one input to the next.
    """
    a, b = model.transition()
    z = np.zeros((len(noise), len(a)))
    y, u = np.empty(noise.shape), np.empty(excitation.shape)
    for step in range(noise.shape[1]):
        y[:, step] = z[:, : model.signals]
        u[:, step] = excitation[:, step] - (z @ gain.T if step % every == 0 else 0.0)
        z = z @ a.T + u[:, step] @ b.T
        z[:, : model.signals] += NOISE * noise[:, step]
    return y, u


def wide_plant(inputs: int = 2) -> Model:
    """Two signals and three contacts: a rhythm that both see, and that grows.

    Args:
        inputs: that it looks back at.
    """
    generator = np.random.default_rng(5)
    turn = 1.05 * np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    seen = np.array([[1.0, 0.4], [-0.3, 0.8]])
    outputs = np.stack([seen @ turn @ np.linalg.inv(seen), np.array([[-0.1, 0.05], [0.0, 0.1]])])
    return Model(outputs, 0.4 * generator.standard_normal((inputs, 2, 3)), NOISE, 1.0)
