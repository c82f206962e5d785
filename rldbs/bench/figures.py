"""What a part of the bench has to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figures:
    """One table, narrow enough for a small terminal, and the numbers behind it."""

    name: str
    """Key of the numbers in the file."""
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Mapping[str, Any]
