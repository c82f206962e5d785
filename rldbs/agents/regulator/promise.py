"""What an identified model promises of its regulators, before any of them has acted."""

import math
from typing import NamedTuple

import numpy as np

from rldbs.agents.inference import Weights
from rldbs.agents.regulator.identification import Model
from rldbs.agents.regulator.identified_regulator import Sizes
from rldbs.agents.regulator.riccati import stationary
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.sensor import free_std
from rldbs.core.native import Floats


class Promise(NamedTuple):
    """Of a regulator, in the stationary state of its closed loop; saturation is not known to the linear theory."""

    suppression: float
    mean_abs_kick: float
    """Per integration step."""


def model_of(weights: Weights, price: int) -> Model:
    """The model that the regulator of a price was made from."""
    outputs, inputs = (np.trim_zeros(weights[name][price], "b") for name in ("outputs", "inputs"))
    error = float(weights["error"][price])
    a, b = (found if len(found) else np.zeros(1) for found in (outputs, inputs))
    return Model(a, b, error, math.nan)


def promised(settings: LQGSettings, loop: LoopSettings, weights: Weights, price: int) -> Promise | None:
    """Of a price that may act.

    None where a mixture acts in the place of that price's regulator, where the model's closed loop is not stable, where
    it does not act at every step of integration, where the signal is not x itself, or where measurement noise is more
    than half of its power, so that what is left of it is not known.
    """
    recording = loop.recording
    if (weights["mixture"][price] != Sizes.of(settings, loop).plain[price]).any():
        return None
    if recording.variables[settings.channel] != "x" or recording.sigmoid is not None or loop.stimulus.interval > 1:
        return None
    model, order = model_of(weights, price), max(settings.orders)
    a, b = model.transition()
    gain = weights["gains"][price, np.r_[0 : model.order, order : order + len(model.inputs) - 1]]
    covariance = stationary(a - np.outer(b, gain), model.error)
    noise = _noise(loop) ** 2
    variance = float(covariance[0, 0]) - noise
    if not np.isfinite(covariance).all() or variance <= noise or loop.stimulus.every > 1:
        return None
    kick = float(np.abs(loop.stimulus.kicks(_one(loop))).mean())
    mean = math.sqrt(2.0 / math.pi * max(float(gain @ covariance @ gain), 0.0)) * kick
    return Promise(float(free_std(loop.model)[0]) / math.sqrt(variance), mean)


def _one(loop: LoopSettings) -> Floats:
    """An action whose first number is 1, and all others in the middle."""
    action = np.zeros((1, loop.stimulus.action_size))
    action[0, 0] = 1.0
    return action


def _noise(loop: LoopSettings) -> float:
    """Standard deviation of the measurement noise."""
    recording = loop.recording
    return recording.noise or recording.relative_noise * float(free_std(loop.model)[0])
