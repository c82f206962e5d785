"""What a policy is told of its own past, in NumPy alone."""

import numpy as np

from rldbs.agents.inference import Floats
from rldbs.control.contacts import of_each
from rldbs.control.stimulus import Stimulus
from rldbs.control.timed_stimuli import Train


def kick_of_action(stimulus: Stimulus) -> float:
    """Times this, an action is what a policy is told of it: a kick. A train takes two numbers that are no kicks, and of
    it the policy is told the action itself."""
    return 1.0 if isinstance(of_each(stimulus), Train) else stimulus.amplitude


class PastKicks:
    """The last actions of several environments times :func:`kick_of_action`, the newest first.

    A kick moves the mean field as much as what the neurons do by themselves. Who does not know it cannot tell the two
    apart, and will always be a step behind. Before the first action all are 0.

    Args:
        count: actions that are remembered; with 0, observations stay what they are.
        stimulus: what makes kicks of the actions.
    """

    def __init__(self, count: int, stimulus: Stimulus) -> None:
        self.size = count * stimulus.action_size
        """Numbers that come after those of an observation."""
        self.amplitude = np.float32(kick_of_action(stimulus))
        self.kicks = np.zeros((0, self.size), np.float32)
        """Float32 (environments, size)."""

    def after(self, observations: Floats) -> Floats:
        """Observations (environments, numbers), and after each what is remembered of its environment."""
        if not self.size:
            return observations
        if len(self.kicks) != len(observations):
            self.kicks = np.zeros((len(observations), self.size), np.float32)
        return np.concatenate([observations, self.kicks], axis=1)

    def add(self, actions: Floats) -> None:
        """Remember actions within [−1, 1], (environments, action_size)."""
        if self.size:
            self.kicks = np.concatenate([self.amplitude * actions, self.kicks], axis=1)[:, : self.size]
