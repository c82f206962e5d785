"""The checkpoints of a run: the newest ones, the best one, and room held free for one more."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from rldbs.core.errors import RunError
from rldbs.experiment.checkpoint import (
    Checkpoint,
    Tensors,
    bytes_of,
    numbered,
    point,
    prune,
    read_checkpoint,
    set_aside,
    write_checkpoint,
)

RESERVE = ".reserve"
MARGIN = 2**20
"""Bytes that are held free beside the room of a checkpoint, for the files that grow."""


@dataclass(frozen=True)
class Course:
    """How far a training run has come: ``state.json`` of a checkpoint."""

    steps: int = 0
    """Environment steps so far, all environments together."""
    next_measurement: int = 0
    """At how many steps the policy is measured next."""
    best: int | None = None
    """After how many steps the best policy so far was saved; None without one."""
    best_suppression: float | None = None
    """Its S, where it was good enough to be the best."""
    measured: Mapping[str, float] | None = None
    """What was measured of this policy; None where it was saved between two measurements."""
    time: float = 0.0
    """Seconds of training so far."""
    files: Mapping[str, int] = field(default_factory=dict)
    """Bytes that the files that grow had."""

    @staticmethod
    def of(state: Mapping[str, Any]) -> "Course":
        """The course that a checkpoint's state holds.

        Raises:
            RunError: it holds none.
        """
        whole = ("steps", "next_measurement", "best")
        known = {entry.name for entry in fields(Course)}
        sound = (
            state.keys() == known
            and all(isinstance(state[key], int) and state[key] >= 0 for key in whole if state[key] is not None)
            and state["next_measurement"] is not None
            and isinstance(state["time"], int | float)
            and isinstance(state["best_suppression"], int | float | None)
            and isinstance(state["files"], dict)
            and all(isinstance(length, int) and length >= 0 for length in state["files"].values())
        )
        if not sound:
            raise RunError("it does not say how far the run had come")
        return Course(**state)


class Shelf:
    """Where a run keeps its checkpoints.

    Args:
        run: the run folder.
        kept: newest checkpoints that are kept, beside the best.
    """

    def __init__(self, run: Path, kept: int) -> None:
        self._run, self._kept = run, kept
        self._folder = run / "checkpoints"
        self._reserve = self._folder / RESERVE

    def add(self, course: Course, tensors: Mapping[str, Tensors]) -> int:
        """Write a checkpoint to disk, remove what is too old; how many bytes it takes."""
        folder = self._folder / str(course.steps)
        if not folder.exists():
            write_checkpoint(folder, Checkpoint(tensors, asdict(course)))
        self._point(course)
        prune(self._folder, self._kept)
        size = bytes_of(folder)
        self._hold(size + self._growth(course, size) + MARGIN)
        return size

    def newest(self, tell: Callable[[str], None]) -> tuple[Course, Checkpoint] | None:
        """The newest checkpoint with which the run can go on. None: there is none.

        Those that are damaged are named and set aside.
        """
        for folder in reversed(numbered(self._folder)):
            try:
                checkpoint = read_checkpoint(folder)
                course = Course.of(checkpoint.state)
                self._check(course, folder)
            except RunError as error:
                tell(f"{error}\nIt is set aside as {set_aside(folder)}")
                continue
            self._point(course)
            prune(self._folder, self._kept)
            return course, checkpoint
        return None

    def release(self) -> bool:
        """Give up the room that is held free; whether there was some."""
        with suppress(OSError):
            self._reserve.unlink()
            return True
        return False

    def size(self) -> tuple[int, int]:
        """How many checkpoints there are, and how many bytes they take."""
        folders = numbered(self._folder)
        return len(folders), sum(map(bytes_of, folders))

    def _check(self, course: Course, folder: Path) -> None:
        """Whether a run can go on from a sound checkpoint.

        Raises:
            RunError: what it had beside it is lost.
        """
        if folder.name != str(course.steps):
            raise RunError(f"checkpoint {folder}: was written after {course.steps} steps")
        if course.best not in (None, course.steps):
            read_checkpoint(self._folder / str(course.best), ["policy"])
        for name, length in course.files.items():
            path = self._run / name
            there = path.stat().st_size if path.is_file() else 0
            if Path(name).is_absolute() or ".." in Path(name).parts or there < length:
                raise RunError(f"checkpoint {folder}: {path} had {length:,} bytes when it was written, now {there:,}")

    def _point(self, course: Course) -> None:
        point(self._folder / "last", self._folder / str(course.steps))
        point(self._folder / "best", self._folder / str(course.steps if course.best is None else course.best))

    def _growth(self, course: Course, size: int) -> int:
        """Bytes by which checkpoints will have grown at the next measurement: a replay buffer fills up."""
        grown, since = size, course.steps
        for before in numbered(self._folder)[-2:-1]:
            grown, since = size - bytes_of(before), course.steps - int(before.name)
        return max(0, grown * (course.next_measurement - course.steps) // since)

    def _hold(self, size: int) -> None:
        """Hold room for the next checkpoint, so that a disk that fills up does not keep the run from saving itself."""
        with suppress(OSError):  # where it cannot be had, the run goes on with what it has
            descriptor = os.open(self._reserve, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                held = os.fstat(descriptor).st_size
                try:
                    os.posix_fallocate(descriptor, 0, size)
                    held = size
                finally:
                    os.ftruncate(descriptor, held)  # where it fails, a file system may still have given all it had
            finally:
                os.close(descriptor)
