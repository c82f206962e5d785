"""From identified models to the weights of a regulator: a gain for every price."""

from collections.abc import Sequence
from contextlib import suppress

from rldbs.agents.inference import Weights
from rldbs.agents.regulator.identification import Model
from rldbs.agents.regulator.identified_regulator import Sizes
from rldbs.agents.regulator.riccati import gain, lifted, riccati
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.native import Floats


def designed(settings: LQGSettings, loop: LoopSettings, models: Sequence[Model], before: Weights) -> dict[str, Floats]:
    """The weights of a regulator, as :meth:`.Sizes.shapes` names them.

    Args:
        settings: of the learner.
        loop: the environment.
        models: for every price that may act, with actions as inputs; the last one serves louder signals, too.
        before: weights of which the other numbers are kept; and the gain of a price, where its model has none, since a
            mode that grows is out of reach of the input.
    """
    sizes = Sizes.of(settings, loop)
    weights = {**sizes.empty(), **{name: before[name].copy() for name in ("gains", "mixture", "chosen")}}
    for k, price in enumerate(settings.ladder):
        model = models[min(k, len(models) - 1)]
        order, inputs = model.order, len(model.inputs)
        if k < len(models):
            weights["outputs"][k, :order], weights["inputs"][k, :inputs] = model.outputs, model.inputs
        with suppress(ValueError):
            feedback = regulator_gain(settings, loop, model, price)
            weights["gains"][k] = 0.0
            weights["gains"][k, :order] = feedback[:order]
            weights["gains"][k, sizes.outputs : sizes.outputs + inputs - 1] = feedback[order:]
    return weights


def regulator_gain(settings: LQGSettings, loop: LoopSettings, model: Model, price: float) -> Floats:
    """L of u = −L·z for the model's state z, (size,); the price is that of a kick², and u an action.

    Raises:
        ValueError: a mode of the model that grows is out of reach of the input.
    """
    a, b, cost = lifted(*model.transition(), price * loop.stimulus.amplitude**2, loop.stimulus.every)
    return gain(a, b, cost, riccati(a, b, cost))
