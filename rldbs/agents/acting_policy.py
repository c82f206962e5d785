"""What every learned policy is: something with networks that chooses actions, with chance or without."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from rldbs.agents.actor_weights import Shapes
from rldbs.agents.inference import Deciding, Floats, Weights


@dataclass(frozen=True)
class Sizes:
    """What an actor lies between."""

    inputs: int
    """Numbers that its first layer sees."""
    outputs: int
    """Numbers of an action, or levels."""
    levels: bool
    """Whether it chooses among levels."""
    features: Floats | None = None
    """(inputs, size) by which observations become inputs; None: they are the same."""


class Policy(ABC):
    """What chooses actions. With a memory, it remembers from one call to the next.

    Args:
        settings: of the learner.
        sizes: of its actor.
        weights: all that :meth:`shapes` names.
    """

    idle: ClassVar[tuple[str, ...]]
    """How the names of weights begin that learning needs and acting does not."""

    @classmethod
    @abstractmethod
    def shapes(cls, settings: Any, sizes: Sizes) -> Shapes:
        """The weights that it acts by."""

    @abstractmethod
    def __init__(self, settings: Any, sizes: Sizes, weights: Weights) -> None: ...

    @property
    @abstractmethod
    def deciding(self) -> Deciding:
        """The networks by which it acts without chance."""

    @abstractmethod
    def __call__(self, observations: Floats, generator: np.random.Generator | None) -> NDArray[Any]:
        """Actions, float32 (rows, outputs), or numbers of levels (rows,); by chance where there is a generator."""
