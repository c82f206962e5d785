"""When episodes end, and from where they start."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le


@dataclass(frozen=True)
class Episode:
    """Episodes of a fixed length; they end by truncation, never by termination."""

    steps: Annotated[int, Ge(1), Le(10**9)] = 2000
    """Environment steps of an episode."""
    stagger: bool = False
    """Draw the length of each environment's first episode from 1 to ``steps``: a batch shall not end all at once."""


@dataclass(frozen=True)
class FreeStart:
    """Episodes start from populations that have run freely through their transient.

    The populations are prepared once, and each gives several starting points, about a period of the rhythm apart
    in all. They depend on ``seed`` only, not on the seeds of the environments.
    """

    populations: Annotated[int, Ge(1), Le(100_000)] = 32
    snapshots: Annotated[int, Ge(1), Le(10_000)] = 8
    seed: Annotated[int, Ge(0)] = 0
