"""What an identified model promises of its regulators, before any of them has acted."""

import math
from typing import NamedTuple

import numpy as np

from rldbs.agents.inference import Weights
from rldbs.agents.regulator.identification import Model
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.agents.regulator.riccati import stationary
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.sensor import free_std
from rldbs.core.window_sums import over_contacts


class Promise(NamedTuple):
    """Of a regulator, in the stationary state of its closed loop; saturation is not known to the linear theory."""

    suppression: float
    mean_abs_kick: float
    """Per integration step, of all contacts together."""


def model_of(settings: LQGSettings, loop: LoopSettings, weights: Weights, price: int) -> Model:
    """The model that the regulator of a price was made from."""
    outputs, inputs = Sizes.of(settings, loop).matrices(weights, price)
    return Model(outputs, inputs, float(weights["error"][price]), math.nan)


def promised(settings: LQGSettings, loop: LoopSettings, weights: Weights, price: int) -> Promise | None:
    """Of a price that may act.

    None where a mixture acts in the place of that price's regulator, where the model's closed loop is not stable, where
    it does not act at every step of integration, where the signal is not x itself and alone, or where measurement noise
    is more than half of its power, so that what is left of it is not known.
    """
    recording, sizes = loop.recording, Sizes.of(settings, loop)
    if (weights["mixture"][price] != sizes.plain[price]).any():
        return None
    heard = [recording.variables[channel] for channel in settings.signals(loop)]
    if heard != ["x"] or recording.sigmoid is not None or loop.stimulus.interval > 1:
        return None
    model = model_of(settings, loop, weights, price)
    a, b = model.transition()
    gains = weights["gains"][price].reshape(sizes.contacts, -1)[:, sizes.used(model.order, len(model.inputs))]
    covariance = stationary(a - b @ gains, model.error)
    noise = _noise(loop) ** 2
    variance = float(covariance[0, 0]) - noise
    if not np.isfinite(covariance).all() or variance <= noise or loop.stimulus.every > 1:
        return None
    squares = [max(float(gain @ covariance @ gain), 0.0) for gain in gains]
    mean = sum(
        math.sqrt(2.0 / math.pi * square) * _kick(loop, contact, sizes) for contact, square in enumerate(squares)
    )
    return Promise(float(free_std(loop.model)[0]) / math.sqrt(variance), mean)


def _kick(loop: LoopSettings, contact: int, sizes: Sizes) -> float:
    """The mean kick of an input of 1 at a contact, of all contacts together."""
    action = np.zeros((1, loop.stimulus.action_size))
    action[0, contact * (loop.stimulus.action_size // sizes.contacts)] = 1.0
    return float(over_contacts(np.abs(loop.stimulus.kicks(action))).mean())


def _noise(loop: LoopSettings) -> float:
    """Standard deviation of the measurement noise."""
    recording = loop.recording
    return recording.noise or recording.relative_noise * float(free_std(loop.model)[0])
