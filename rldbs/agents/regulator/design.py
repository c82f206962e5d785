"""From identified models to the weights of a regulator: a gain for every price."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from rldbs.agents.inference import Weights
from rldbs.agents.regulator.identification import Model
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.agents.regulator.riccati import Cost, gain, lifted, riccati
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.in_threads import in_threads
from rldbs.core.native import Floats


def designed(
    settings: LQGSettings, loop: LoopSettings, models: Sequence[Model], before: Weights, threads: int = 1
) -> dict[str, Floats]:
    """The weights of a regulator, as :meth:`.Sizes.shapes` names them.

    Args:
        settings: of the learner.
        loop: the environment.
        models: for every price that may act, with actions as inputs; the last one serves louder signals, too.
        before: weights of which the other numbers are kept; and the gain of a price, where its model has none, since a
            mode that grows is out of reach of the input.
        threads: to share the prices among; they change no bit.
    """
    sizes = Sizes.of(settings, loop)
    weights = {**sizes.empty(), **{name: before[name].copy() for name in ("gains", "mixture", "chosen")}}
    of_price = [models[min(k, len(models) - 1)] for k in range(len(settings.ladder))]
    gains = in_threads(partial(_gain_if_any, settings, loop), zip(of_price, settings.ladder, strict=True), threads)
    for k, (model, feedback) in enumerate(zip(of_price, gains, strict=True)):
        if k < len(models):
            weights["outputs"][k, : model.outputs.size] = model.outputs.ravel()
            weights["inputs"][k, : model.inputs.size] = model.inputs.ravel()
        if feedback is not None:
            whole = np.zeros((sizes.contacts, sizes.known))
            whole[:, sizes.used(model.order, len(model.inputs))] = feedback
            weights["gains"][k] = whole.ravel()
    return weights


def _gain_if_any(settings: LQGSettings, loop: LoopSettings, model: Model, price: float) -> Floats | None:
    try:
        return regulator_gain(settings, loop, model, price)
    except ValueError:
        return None


def regulator_gain(settings: LQGSettings, loop: LoopSettings, model: Model, price: float) -> Floats:
    """L of u = −L·z for the model's state z, (contacts, size); the price is that of a kick², and u the actions.

    What is made least beside that is |y|² or, where the model tells of x between decisions, the mean of x² there.

    Raises:
        ValueError: a mode of the model that grows is out of reach of the input.
    """
    charged = price * loop.stimulus.amplitude**2
    a, b, cost = lifted(*model.transition(), charged, loop.stimulus.every, model.signals)
    if model.between is not None:
        seen = model.order * model.signals
        now = slice(seen, seen + model.contacts)
        of_state, of_input = np.delete(model.between, now, axis=1), model.between[:, now]
        products = (of_state.T @ of_state, of_input.T @ of_state, of_input.T @ of_input)
        state, cross, own = (product / len(model.between) for product in products)
        cost = Cost(state, cross.T, charged * np.eye(model.contacts) + own)
    return gain(a, b, cost, riccati(a, b, cost))
