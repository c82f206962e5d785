"""When episodes end."""

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
