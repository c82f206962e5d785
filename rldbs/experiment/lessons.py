"""Lessons before a training run: who teaches, in which environments, and what is told of them."""

from dataclasses import replace

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm

from rldbs.agents.settings import NetworkSettings
from rldbs.agents.settings.teacher import Teacher
from rldbs.agents.taught import teach
from rldbs.control.loop import ClosedLoop
from rldbs.experiment.command_settings import TrainSettings
from rldbs.experiment.display import Display
from rldbs.process.stop import Stopped, StopRequest


def have_lessons(
    learner: BaseAlgorithm, settings: TrainSettings, teacher: Teacher, display: Display, stop: StopRequest
) -> list[float]:
    """Let a fresh learner imitate its teacher, in environments of their own, which are those of the training but for
    their seeds.

    Returns:
        For each round, how far the learner is then from what the teacher said in it: root mean square, in units of the
        amplitude.

    Raises:
        Stopped: the run was to stop; of the lessons nothing is kept.
    """
    assert isinstance(settings.agent, NetworkSettings)
    environment_seed, seed = np.random.SeedSequence([0x7EAC, settings.seed]).generate_state(2).tolist()
    together = replace(settings.loop, episode=replace(settings.loop.episode, stagger=False))
    loop = ClosedLoop(together, settings.envs, environment_seed, settings.threads)
    found: list[float] = []

    def told(number: int, difference: float) -> None:
        found.append(round(difference, 6))
        lesson = f"Lesson {number} of {teacher.lessons.rounds}"
        display.say(f"{lesson}: actions differ from those of {teacher.name} by {difference:.3g} of the amplitude")
        if stop.number is not None:
            raise Stopped("", stop.number)

    teach(learner, settings.agent, teacher, loop, seed, told)
    return found
