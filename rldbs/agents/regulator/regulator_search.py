"""Policy search that begins as a regulator: mixtures of the inputs of many, tried in pairs on the same populations."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.callbacks import BaseCallback

from rldbs.agents.regulator.identified_regulator import Regulator
from rldbs.agents.regulator.identifying_learner import Identification
from rldbs.agents.regulator.regulator_sizes import Sizes
from rldbs.agents.regulator.trial_costs import OnsetCost, SuppressionCost
from rldbs.agents.settings.lqg import RegulatorSearchSettings
from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Arrays, put_within

FAINTEST = 1e-5
"""Directions of the inputs whose share of the largest variance is below this are not searched."""
KEPT_GRADIENT, KEPT_SQUARE = 0.9, 0.95
"""How much of the mean step, and of the mean square of its size, a generation keeps."""
SKIPPED = 0.1
"""Part of a trial, at its beginning, that does not count: what the policy before has left."""
LARGEST = 3.0
"""Inputs beyond so many times their limit count as that."""
APART = 8
"""Steps from one sample of the inputs to the next, where there are enough."""


class Course(NamedTuple):
    """What the environments have come through, step by step."""

    wanted: Floats
    """(samples, gains + 2): the inputs that every regulator wanted; of several contacts, each is a sample."""
    rungs: NDArray[np.intp]
    """(samples,): which was to act."""
    costs: Floats
    """(environments,): what is to be small."""


class RegulatorSearch(Identification):
    """Identifies first, chooses a price, and then, generation by generation, tries mixtures of the regulators' inputs.

    A rollout begins with fresh populations, which the policy brings to rest. A generation takes a few of them, each
    once for every trial. Trials are pairs, forth and back along directions of which each would change the input as much
    as any other; what they cost is compared on the same population with the same noise.

    Args:
        *arguments: as for :class:`Identification`.
        **named: as for it.

    Attributes:
        momentum: the mean step, float64 (gains + 1, gains + 2).
        square: the mean square of its size, float64 (1,).
    """

    settings: RegulatorSearchSettings

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        sizes = Sizes.of(self.settings, self.loop.settings)
        self.momentum, self.square = np.zeros_like(sizes.plain), np.zeros(1)

    def own_state(self) -> Arrays:
        return {**super().own_state(), "momentum": self.momentum.copy(), "square": self.square.copy()}

    def restore_own(self, arrays: Arrays) -> None:
        super().restore_own(arrays)
        put_within(self.momentum, arrays, "momentum", -np.inf, np.inf)
        put_within(self.square, arrays, "square", 0.0, np.inf)

    def improve(self, callback: BaseCallback) -> None:
        if self._n_updates < self.settings.identifications:
            self.identify(callback)
        elif self._n_updates == self.settings.identifications and len(self.settings.prices) > 1:
            self.choose(callback)
        else:
            self.search(callback)

    def choose(self, callback: BaseCallback) -> None:
        """Begin the search at the price that suppresses most, each tried on the same fresh populations."""
        settings, loop, prices = self.settings, self.loop, len(self.settings.prices)
        self._last_obs = self._fresh()
        begun, rows, costs = loop.saved(), np.arange(loop.environments), np.empty(prices)
        at_once = min(prices, loop.environments)
        each = loop.environments // at_once
        for first in range(0, prices, at_once):
            loop.restore(begun)
            loop.branch(rows % each)
            self._last_obs = loop.observe()
            rungs = np.minimum(first + rows // each, prices - 1)
            regulator = Regulator(settings, loop.settings, self.policy.arrays)
            regulator.choose(rungs)
            if settings.settle:
                self._followed(regulator, settings.settle, callback)
            logs = np.log(self._followed(regulator, settings.horizon, callback).costs)
            for rung in np.unique(rungs).tolist():
                costs[rung] = logs[rungs == rung].mean()
        self.policy.take({**self.policy.arrays, "chosen": np.array(float(costs.argmin()))})

    def search(self, callback: BaseCallback) -> None:
        """A rollout: fresh populations, and a generation on each few of them."""
        settings, loop = self.settings, self.loop
        self._last_obs = self._fresh()
        regulator = Regulator(settings, loop.settings, self.policy.arrays)
        if not settings.settle:  # the oscillator is what acts there: its second input counts from the first trial on
            regulator.mix(self.policy.arrays["mixture"])
        course = self._followed(regulator, settings.settle or settings.horizon, callback)
        if not settings.settle:  # trials begin where populations do
            self._last_obs = self._fresh()
            regulator = Regulator(settings, loop.settings, self.policy.arrays)
            regulator(np.asarray(self._last_obs, np.float32))
            regulator.restart(np.arange(loop.environments))
        begun, directions = loop.saved(), _directions(course, self.policy.arrays["mixture"])
        if not len(directions):
            return
        each, costs = settings.populations(loop.environments), []
        for generation in range(min(settings.generations, loop.environments // each)):
            loop.restore(begun)
            populations = generation * each + np.arange(each)
            costs.append(self._generation(regulator, populations, directions, callback))
        self.logger.record("train/cost", float(np.mean(costs)))

    def _generation(
        self, regulator: Regulator, populations: NDArray[np.intp], directions: Floats, callback: BaseCallback
    ) -> float:
        """Try, and take a step; what the policy itself has cost, as a logarithm."""
        settings, loop, pairs = self.settings, self.loop, self.settings.pairs
        count, each, now = len(directions), len(populations), self.policy.arrays
        normal = np.random.standard_normal((pairs, count)) / np.sqrt(count)  # noqa: NPY002
        trials = np.concatenate([normal, -normal, np.zeros((1, count))])
        mixtures = now["mixture"] + settings.reach * np.tensordot(trials, directions, 1)
        rows = np.arange(loop.environments)
        sources = populations[rows % each]
        loop.branch(sources)
        self._last_obs = loop.observe()
        branch = regulator.branched(sources)
        branch.mix(mixtures[np.minimum(rows // each, len(trials) - 1)])
        costs = self._followed(branch, settings.horizon, callback).costs
        logs = np.log(costs[: len(trials) * each]).reshape(len(trials), each).mean(axis=1)
        slopes = (logs[:pairs] - logs[pairs:-1]) / (2.0 * settings.reach)
        gradient = (slopes @ normal) / pairs * count
        step = np.tensordot(gradient, directions, 1)
        self.momentum = KEPT_GRADIENT * self.momentum + (1.0 - KEPT_GRADIENT) * step
        self.square = KEPT_SQUARE * self.square + (1.0 - KEPT_SQUARE) * float(gradient @ gradient)
        rate = settings.step * self._current_progress_remaining
        size = np.sqrt(self.square[0]) or 1.0
        self.policy.take({**now, "mixture": now["mixture"] - rate / size * self.momentum})
        return float(logs[-1])

    def _followed(self, regulator: Regulator, steps: int, callback: BaseCallback) -> Course:
        """Go so many steps with a regulator."""
        loop, settle = self.loop, self.settings.settle
        wanted: list[Floats] = []
        rungs: list[NDArray[np.intp]] = []
        cost = SuppressionCost(self._price, loop) if settle else OnsetCost(loop)
        apart, skipped, begin = max(1, min(APART, steps // 2)), int(SKIPPED * steps) if settle else 0, steps // 2
        for step in range(steps):
            ended = self.take_step(regulator(np.asarray(self._last_obs, np.float32)), callback)
            if ended.any():
                regulator.restart(np.flatnonzero(ended))
            if step >= skipped:
                cost.add(regulator.given)
            if step % apart == 0 and (step >= begin or not settle):
                seen = regulator.loud if not settle else np.ones(loop.environments, np.bool_)
                wanted.extend(regulator.wanted[seen].transpose(2, 0, 1))
                rungs.extend([regulator.rung[seen]] * regulator.wanted.shape[2])
        return Course(np.concatenate(wanted), np.concatenate(rungs), cost.values())

    @property
    def _price(self) -> float:
        """Of an action²: with several prices to choose from, suppression alone counts."""
        prices = self.settings.prices
        return prices[0] * self.loop.settings.stimulus.amplitude**2 if len(prices) == 1 else 0.0


def _directions(course: Course, mixture: Floats) -> Floats:
    """Changes of the mixture, each of which changes the input of a rung by as much as it is there.

    float64 (directions, rungs, gains + 2).
    """
    found = []
    for rung in np.unique(course.rungs).tolist():
        there = course.wanted[course.rungs == rung]
        given = there @ mixture[rung]
        values, vectors = np.linalg.eigh(there.T @ there / len(there))
        for value, vector in zip(values.tolist(), vectors.T, strict=True):
            if value > FAINTEST * values[-1]:
                change = np.zeros_like(mixture)
                change[rung] = np.sqrt(np.square(np.clip(given, -LARGEST, LARGEST)).mean() / value) * vector
                found.append(change)
    return np.array(found).reshape(-1, *mixture.shape)
