"""A learned policy as a controller."""

from collections.abc import Mapping, Sequence

import numpy as np

from rldbs.agents.inference import Floats, Weights
from rldbs.agents.learned_policy import learned_policy
from rldbs.agents.past_kicks import PastKicks
from rldbs.agents.regulator.identified_regulator import Regulator
from rldbs.agents.settings import LearnerSettings
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.stimulus import level_values


class LearnedController:
    """A policy with the weights that are given. With a memory, or where it is told of its past kicks, it remembers from
    one call to the next.

    Args:
        settings: of the learner.
        loop: an environment as that which it was trained for.
        weights: of its policy, by the names that torch gives them; they are copied.
        generator: draws the actions of a stochastic policy; None for the deterministic one.

    Raises:
        RunError: the weights do not fit the environment and the settings, or are not finite.
    """

    def __init__(
        self,
        settings: LearnerSettings,
        loop: LoopSettings,
        weights: Weights,
        generator: np.random.Generator | None = None,
    ) -> None:
        levels = loop.stimulus.levels
        self._levels = None if levels is None else level_values(levels).astype(np.float32)
        self._generator, self._policy = generator, learned_policy(settings, loop, weights)
        self._past = PastKicks(settings.remembered, loop.stimulus)

    def act(self, observations: Floats) -> Floats:
        chosen = self._policy(self._past.after(observations), self._generator)
        actions: Floats
        if self._levels is not None:
            actions = self._levels[chosen][:, None]
        else:
            actions = np.minimum(np.maximum(chosen, np.float32(-1.0)), np.float32(1.0))
        self._past.add(actions)
        return actions


class PricesTogether(LearnedController):
    """Regulators that differ in the price that was chosen, one after the other: they think about all rows at once.

    Args:
        settings: of the learner.
        loop: the environment.
        several: weights that differ in ``chosen`` alone.
        episodes: rows of each.
    """

    def __init__(self, settings: LQGSettings, loop: LoopSettings, several: Sequence[Weights], episodes: int) -> None:
        super().__init__(settings, loop, several[0])
        regulator = Regulator(settings, loop, several[0])
        regulator.choose(np.repeat([int(weights["chosen"]) for weights in several], episodes))
        self._policy = lambda observations, generator: regulator(observations)


def several_controllers(
    settings: LearnerSettings,
    loop: LoopSettings,
    several: Sequence[Weights],
    episodes: int,
    generator: np.random.Generator | None = None,
) -> Mapping[str, LearnedController]:
    """Controllers with weights that are alternatives, by their numbers, to be measured side by side.

    Args:
        settings: of the learner.
        loop: the environment.
        several: as :meth:`.LearnerSettings.alternatives` gives them, or some of them.
        episodes: rows of each.
        generator: as for :class:`LearnedController`.
    """
    if isinstance(settings, LQGSettings) and len(several) > 1:
        return dict.fromkeys(map(str, range(len(several))), PricesTogether(settings, loop, several, episodes))
    return {str(k): LearnedController(settings, loop, each, generator) for k, each in enumerate(several)}
