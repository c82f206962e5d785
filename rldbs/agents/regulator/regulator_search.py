"""Policy search that begins as a regulator: mixtures of the inputs of many, tried in pairs on the same populations."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.callbacks import BaseCallback

from rldbs.agents.regulator.identified_regulator import Regulator
from rldbs.agents.regulator.identifying_learner import Identification
from rldbs.agents.settings.lqg import RegulatorSearchSettings
from rldbs.core.native import Floats
from rldbs.core.saved_arrays import Arrays, put_within

FAINTEST = 1e-5
"""Directions of the inputs whose share of the largest variance is below this are not searched."""
KEPT_GRADIENT, KEPT_SQUARE = 0.9, 0.95
"""How much of the mean step, and of the mean square of its size, a generation keeps."""
SKIPPED = 0.1
"""Part of a trial, at its beginning, that does not count: what the policy before has left."""
APART = 8
"""Steps from one sample of the inputs to the next, where there are enough."""


class Course(NamedTuple):
    """What the environments have come through, step by step."""

    wanted: Floats
    """(samples, gains + 1): the inputs that every regulator wanted."""
    rungs: NDArray[np.intp]
    """(samples,): which was to act."""
    costs: Floats
    """(environments,): mean of (X − its mean)² + price·kick²; from synchrony, the product of both."""


class RegulatorSearch(Identification):
    """Identifies first; then, generation by generation, it tries mixtures of the regulators' inputs.

    A rollout begins with fresh populations, which the policy brings to rest. A generation takes a few of them, each
    once for every trial. Trials are pairs, forth and back along directions of which each would change the input as much
    as any other; what they cost is compared on the same population with the same noise.

    Args:
        *arguments: as for :class:`Identification`.
        **named: as for it.

    Attributes:
        momentum: the mean step, float64 (gains + 1, gains + 1).
        square: the mean square of its size, float64 (1,).
    """

    settings: RegulatorSearchSettings

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        rungs = len(self.settings.ladder) + 1
        self.momentum, self.square = np.zeros((rungs, rungs)), np.zeros(1)

    def own_state(self) -> Arrays:
        return {**super().own_state(), "momentum": self.momentum.copy(), "square": self.square.copy()}

    def restore_own(self, arrays: Arrays) -> None:
        super().restore_own(arrays)
        put_within(self.momentum, arrays, "momentum", -np.inf, np.inf)
        put_within(self.square, arrays, "square", 0.0, np.inf)

    def improve(self, callback: BaseCallback) -> None:
        if self._n_updates < self.settings.identifications:
            self.identify(callback)
        else:
            self.search(callback)

    def search(self, callback: BaseCallback) -> None:
        """A rollout: fresh populations, and a generation on each few of them."""
        settings, loop = self.settings, self.loop
        self._last_obs = self._fresh()
        regulator = Regulator(settings, loop.settings, self.policy.arrays)
        course = self._followed(regulator, max(settings.settle, settings.horizon // 4, 1), callback)
        if not settings.settle:  # trials begin where populations do
            self._last_obs = self._fresh()
            regulator = Regulator(settings, loop.settings, self.policy.arrays)
            regulator(np.asarray(self._last_obs, np.float32))
            regulator.restart(np.arange(loop.environments))
        begun, directions = loop.saved(), _directions(course, self.policy.arrays["mixture"])
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
        loop, skipped = self.loop, int(SKIPPED * steps)
        price = self.settings.prices[int(self.policy.arrays["chosen"])] * loop.settings.stimulus.amplitude**2
        origin, sums = loop.mean_field[:, -1:, 0].copy(), np.zeros((3, loop.environments))
        wanted, rungs, apart = [], [], max(1, min(APART, steps // 2))
        for step in range(steps):
            ended = self.take_step(regulator(np.asarray(self._last_obs, np.float32)), callback)
            if ended.any():
                regulator.restart(np.flatnonzero(ended))
            if step >= skipped:
                x = loop.mean_field[:, :, 0] - origin
                sums += x.mean(axis=1), np.square(x).mean(axis=1), price * regulator.given**2
            if step >= steps // 2 and step % apart == 0:
                wanted.append(regulator.wanted.copy())
                rungs.append(regulator.rung)
        mean, square, given = sums / max(1, steps - skipped)
        deviation = square - mean**2
        costs = deviation + given if self.settings.settle else deviation * given
        return Course(np.concatenate(wanted), np.concatenate(rungs), costs)


def _directions(course: Course, mixture: Floats) -> Floats:
    """Changes of the mixture that change the input by as much as it is, on average: (directions, rungs, rungs)."""
    given = (mixture[course.rungs] * course.wanted).sum(axis=1)
    found, variances = [], []
    for rung in np.unique(course.rungs).tolist():
        there = course.wanted[course.rungs == rung]
        values, vectors = np.linalg.eigh(there.T @ there / len(course.rungs))
        for value, vector in zip(values.tolist(), vectors.T, strict=True):
            change = np.zeros_like(mixture)
            change[rung] = vector
            found.append(change)
            variances.append(value)
    wide = np.array(variances) > FAINTEST * max(variances)
    scale = np.sqrt(np.square(np.clip(given, -1.0, 1.0)).mean() / np.array(variances)[wide])
    directions: Floats = scale[:, None, None] * np.array(found)[wide]
    return directions
