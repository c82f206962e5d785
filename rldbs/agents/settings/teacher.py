"""The settings of a teacher: a controller that a learner first imitates."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from rldbs.agents.classical.base import ClassicalSettings
from rldbs.agents.settings.ars import ARSSettings
from rldbs.agents.settings.on_policy import RecurrentPPOSettings
from rldbs.agents.settings.shared import LearnerSettings, NetworkSettings


@dataclass(frozen=True)
class Lessons:
    """How a learner is taught before it learns from rewards: dataset aggregation (Ross, Gordon, Bagnell 2011,
    arXiv:1011.0686).

    In the first round the teacher acts. From each round to the next the learner takes over half of the environments
    that the teacher has left. At every step the teacher says what it would do, whoever acts, and after each round the
    learner's actor is fitted to all that was said so far, by least squares.
    """

    steps: Annotated[int, Ge(1), Le(10**9)]
    """Environment steps of all rounds, all environments together; they do not count in the budget."""
    rounds: Annotated[int, Ge(1), Le(1000)]
    updates: Annotated[int, Ge(1), Le(10_000_000)]
    """Gradient steps after each round."""
    learning_rate: Annotated[float, Gt(0), Le(1)]
    """Of these."""
    judging: Annotated[int, Ge(0), Le(10**12)]
    """Environment steps after the lessons in which only the critics learn, while the learner acts as it was taught:
    they do not know yet what its actions are worth, and would spoil them."""


@dataclass(frozen=True)
class Teacher:
    """A controller that does not learn, and its lessons."""

    name: str
    """Of the controller in the configuration."""
    controller: ClassicalSettings
    lessons: Lessons

    def objection(self, agent: LearnerSettings, steps: int, envs: int) -> str | None:
        """Why it could not teach a learner with a budget of ``steps`` in ``envs`` environments."""
        if isinstance(agent, RecurrentPPOSettings):
            return (
                f"teacher.agent={self.name}: teaches what to do at single observations, and agent=recurrent_ppo "
                "remembers; use agent=ppo, with a longer recording"
            )
        if not teachable(type(agent)):
            return f"teacher.agent={self.name}: teaches networks that choose amplitudes, as those of ppo, sac and td3"
        lessons, least = self.lessons, envs * self.lessons.rounds
        if lessons.steps < least:
            return (
                f"teacher.steps={lessons.steps}: must be at least envs × teacher.rounds = {envs} × {lessons.rounds} = "
                f"{least}"
            )
        if lessons.judging >= steps:
            return f"teacher.judging={lessons.judging}: must be below steps={steps}, or only critics learn"
        return None


def teachable(learner: type[LearnerSettings]) -> bool:
    """Whether such learners can imitate a controller."""
    choosing = issubclass(learner, NetworkSettings) and "amplitudes" in learner.takes
    return choosing and not issubclass(learner, ARSSettings | RecurrentPPOSettings)
