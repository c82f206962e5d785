"""What the settings of all learners share."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Le, Len, Lt

from rldbs.control.loop_settings import LoopSettings

Unit = Annotated[float, Ge(0), Le(1)]
Count = Annotated[int, Ge(1), Le(10_000_000)]
Weight = Annotated[float, Ge(0), Le(100)]
LogStd = Annotated[float, Ge(-20), Le(5)]
Layer = Annotated[int, Ge(1), Le(65_536)]
Free = Callable[[str], bool]


def weights_between(sizes: Sequence[int]) -> int:
    """How many weights there are between layers of these sizes."""
    return sum(before * after for before, after in pairwise(sizes))


@dataclass(frozen=True)
class LearnerSettings(ABC):
    """What the rest of the house asks of the settings of whatever is trained."""

    algorithm: ClassVar[str]
    """The class that learns, ``<module>.<name>``."""
    policy: ClassVar[str] = "MlpPolicy"
    """Its name for the policy."""
    takes: ClassVar[tuple[str, ...]] = ("amplitudes", "levels")
    """Actions that it can choose: any amplitude, or one of the stimulus's levels."""
    stochastic: ClassVar[bool] = True
    """Whether the learned policy itself is stochastic; else only the deterministic one is measured."""
    identified: ClassVar[bool] = False
    """Whether what is trained is a model, from which control follows by theory: the classical side of a comparison."""
    least_stretch: ClassVar[int] = 1
    """The least ``agent.rollout``, where there is one."""

    @property
    @abstractmethod
    def stretch(self) -> int:
        """Steps of each environment that a row of progress.csv stands for."""

    @property
    def remembered(self) -> int:
        """How many of its own last actions the policy is told."""
        return 0

    @abstractmethod
    def least_weights(self, inputs: int) -> int:
        """How many weights its policy has at least, for observations of ``inputs`` numbers."""

    def alternatives(self, weights: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The weights of a policy and, after them, of others that were learned at once: the best one is kept."""
        return [weights]

    def following(self, steps: int, envs: int, free: Free) -> dict[str, int]:
        """What gives way where settings do not go together, as far as nobody has set it: values by dotted key.

        What cannot give way is left as it is, for :meth:`objection`.

        Args:
            steps: the budget.
            envs: environments.
            free: whether nobody has set a key.
        """
        if steps >= envs * self.stretch:
            return {}
        if free("agent.rollout") and steps // envs >= self.least_stretch:
            return {"agent.rollout": steps // envs}
        if free("envs") and steps >= self.stretch:
            return {"envs": steps // self.stretch}
        return {}

    def misfit(self, loop: LoopSettings) -> str | None:
        """Why nothing could be learned in an environment."""
        return None

    def objection(self, steps: int, envs: int) -> str | None:
        """What does not go together in a training run with a budget of ``steps`` in ``envs`` environments."""
        least = envs * self.stretch
        if steps < least:
            return (
                f"steps={steps}: must be at least one rollout, envs × agent.rollout = {envs} × {self.stretch} = {least}"
            )
        return None


@dataclass(frozen=True)
class NetworkSettings(LearnerSettings):
    """The settings that every learner has whose policy is a network."""

    learning_rate: Annotated[float, Gt(0), Le(1)]
    learning_rate_end: Annotated[float, Ge(0), Le(1)]
    """The learning rate falls linearly from ``learning_rate`` to this."""
    hidden: Annotated[list[Layer], Len(1, 16)]
    """Units of each hidden layer, for every network alike."""
    difference_gain: Annotated[float, Ge(0), Le(1e6)]
    """The networks also see the differences of neighbouring samples, times this; 0 leaves them out."""
    reward_floor: Annotated[float, Gt(0), Le(1e6)] | None
    """Learn from sign(r)·log(1 + abs(r) / this) in place of the reward r, so that a small improvement near the end of
    suppression counts as much as a large one at its beginning; None learns from the reward as it is."""

    @property
    def return_gamma(self) -> float | None:
        """The discount of the return by whose running standard deviation rewards are divided; None leaves them."""
        return None

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments with which the algorithm is made."""
        return {}

    def network(self) -> dict[str, Any]:
        """The keyword arguments with which its policy is made."""
        return {"net_arch": list(self.hidden)}

    def least_weights(self, inputs: int) -> int:
        return weights_between([inputs, *self.hidden])


@dataclass(frozen=True)
class ValueSettings(NetworkSettings):
    """What learners share that estimate how much reward follows."""

    gamma: Annotated[float, Ge(0), Lt(1)]
    normalize_reward: bool
    """Divide rewards by the running standard deviation of the return."""

    @property
    def return_gamma(self) -> float | None:
        return self.gamma if self.normalize_reward else None

    def arguments(self) -> dict[str, Any]:
        return {"gamma": self.gamma}
