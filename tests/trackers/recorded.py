"""A tracker that keeps in memory what it is told, or fails where it is asked to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rldbs.trackers.tracked_run import TrackedRun

TOLD: list[tuple[str, Any]] = []
"""What the records were told since a test has emptied it."""


@dataclass(frozen=True)
class Recorded:
    """In memory."""

    fails: str = ""
    """``follow``, ``row``, ``keep`` or ``end``: what fails."""
    lacks: str | None = field(default=None, metadata={"elsewhere": True})

    def follow(self, run: TrackedRun) -> "Record":
        record = Record(self.fails)
        record.take("follow", run)
        return record


class Record:
    def __init__(self, fails: str) -> None:
        self._fails = fails

    def take(self, what: str, told: object) -> None:
        if what == self._fails:
            raise OSError(f"no {what}\n\x1b[31m{'!' * 900}")
        TOLD.append((what, told))

    def row(self, steps: int, values: Mapping[str, float]) -> None:
        self.take("row", (steps, values))

    def keep(self, files: Mapping[str, Path]) -> None:
        self.take("keep", files)

    def end(self, status: str) -> None:
        self.take("end", status)
