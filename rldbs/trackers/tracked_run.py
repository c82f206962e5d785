"""A run as a tracker is told of it, and what a tracker does with it."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rldbs.core.errors import SettingError, visible

PROJECT = re.compile(r"\w[\w .-]{0,99}")


@dataclass(frozen=True)
class TrackedRun:
    """A run, begun or gone on with."""

    id: str
    """Sixteen hexadecimal digits; the same when the run goes on."""
    name: str
    """Its folder, as short as it can be; in a sweep what tells it from the others there."""
    sweep: str | None
    """The sweep that it is of."""
    folder: Path
    """Of the run; absolute."""
    config: Mapping[str, Any]
    """All that decides it."""
    note: str
    tags: tuple[str, ...]

    def settings(self) -> dict[str, Any]:
        """The configuration by dotted keys."""
        return dict(_leaves(self.config, ""))


class Following(Protocol):
    """The record of one run. All its methods are called in one thread, in which it was begun."""

    def row(self, steps: int, values: Mapping[str, float]) -> None:
        """Take a row of progress.csv: finite numbers by its columns, after so many environment steps."""

    def keep(self, files: Mapping[str, Path]) -> None:
        """Take copies of files, each under a name with ``/`` between folders."""

    def end(self, status: str) -> None:
        """The run is ``done``, ``failed`` or ``interrupted``. Nothing follows."""


def check_project(name: str) -> None:
    """Whether runs may stand together under a name.

    Raises:
        SettingError: they may not.
    """
    if not PROJECT.fullmatch(name):
        raise SettingError(f"tracker.project={visible(name)[:60]}: must be 1 to 100 letters, digits, spaces and ._-")


def finite(row: Mapping[str, float]) -> dict[str, float]:
    """What of a row of progress.csv can be drawn, but for the steps."""
    return {key: value for key, value in row.items() if key != "steps" and math.isfinite(value)}


def _leaves(config: Mapping[str, Any], section: str) -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{section}{key}.")
        else:
            yield (
                f"{section}{key}",
                list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value,
            )
