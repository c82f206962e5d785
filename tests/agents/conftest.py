"""Learners that have learned for less than a second."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from rldbs.agents.learned_controller import LearnedController
from rldbs.agents.learner import build_learner
from rldbs.agents.learner_state import policy_arrays
from rldbs.agents.one_thread import one_thread
from rldbs.control.loop import ClosedLoop
from rldbs.experiment.command_settings import TrainSettings
from tests.conftest import small_settings


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


class Learned(NamedTuple):
    learner: Any
    settings: TrainSettings
    loop: ClosedLoop

    def weights(self) -> Mapping[str, Any]:
        return policy_arrays(self.learner.policy)

    def controller(self, generator: np.random.Generator | None = None) -> LearnedController:
        return LearnedController(self.settings.agent, self.settings.loop, self.weights(), generator)


@cache
def learned_once(agent: str, *overrides: str) -> Learned:
    """One for all tests that leave it as it is."""
    return learned(agent, *overrides, steps=512)


def learned(agent: str, *overrides: str, steps: int = 1024) -> Learned:
    settings = small_settings(overrides, agent)
    loop = ClosedLoop(settings.loop, settings.envs, 0)
    learner = build_learner(settings.agent, loop, seed=0)
    learner.learn(steps)
    return Learned(learner, settings, loop)
