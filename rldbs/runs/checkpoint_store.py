"""The checkpoints of a run: the newest ones, the best one, and room held free for one more."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import Any

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.process.shell import to_type
from rldbs.runs.checkpoint import (
    MOST_STEPS,
    Checkpoint,
    Tensors,
    by_steps,
    bytes_of,
    numbered,
    prune,
    read_checkpoint,
    set_aside,
    write_checkpoint,
)
from rldbs.runs.physics import check_physics

RESERVE = ".reserve"
BEFORE = ("best_product", "best_order")
"""What checkpoints held before there was ``best_loss``, the first of them or both: it, where they are numbers."""
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
    best_loss: float | None = None
    """What was to be small of it, where it was good enough."""
    measured: Mapping[str, float] | None = None
    """What was measured of this policy; None where it was saved between two measurements."""
    time: float = 0.0
    """Seconds of training so far."""
    events: int = 0
    """Bytes that the event file had."""

    @staticmethod
    def of(state: Mapping[str, Any]) -> "Course":
        """The course that a checkpoint's state holds.

        Raises:
            RunError: it holds none.
        """
        state = _with_loss(state)
        if state.keys() != {entry.name for entry in fields(Course)}:
            raise RunError("it does not say how far the run had come")
        course = Course(**state)
        sound = {
            "steps": (known := _whole(course.steps)),
            "next_measurement": _whole(course.next_measurement),
            "best": course.best is None or (known and _whole(course.best) and course.best <= course.steps),
            "best_suppression": course.best_suppression is None or _number(course.best_suppression),
            "best_loss": course.best_loss is None or _number(course.best_loss),
            "measured": course.measured is None or _each(course.measured, _number),
            "time": _number(course.time) and 0 <= course.time <= MOST_STEPS,
            "events": _whole(course.events),
        }
        for name, is_sound in sound.items():
            if not is_sound:
                raise RunError(f"it does not say how far the run had come ({name})")
        return course


def _with_loss(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state of a checkpoint as it is written now."""
    if "best_loss" in state:
        return state
    s = state.get("best_suppression")
    losses = [state.get(name) for name in BEFORE] + [-s if s is not None and _number(s) else None]
    rest = {name: value for name, value in state.items() if name not in BEFORE}
    return {**rest, "best_loss": next((loss for loss in losses if loss is not None), None)}


def _whole(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_STEPS


def _number(value: object) -> bool:
    return type(value) is float or (type(value) is int and abs(value) <= MOST_STEPS)


def _each(values: object, check: Callable[[object], bool]) -> bool:
    return isinstance(values, dict) and all(map(check, values.values()))


class Shelf:
    """Where a run keeps its checkpoints.

    Args:
        run: the run folder.
        kept: newest checkpoints that are kept, beside the best.
    """

    def __init__(self, run: Folder, kept: int) -> None:
        self._run, self._kept = run, kept
        self._folder = run / "checkpoints"
        self._reserve = self._folder.file(RESERVE)

    def add(self, course: Course, tensors: Mapping[str, Tensors]) -> int:
        """Write a checkpoint to disk, remove what is too old; how many bytes it takes."""
        folder = self._folder / str(course.steps)
        if not folder.there():
            write_checkpoint(folder, Checkpoint(tensors, asdict(course)))
        self._point(course)
        prune(self._folder, self._kept)
        size = bytes_of(folder)
        self._hold(size + self._growth(course, size) + MARGIN)
        return size

    def newest(self, tell: Callable[[str], None]) -> tuple[Course, Checkpoint] | None:
        """The newest checkpoint with which the run can go on. None: none has been written.

        Those that are damaged are named and set aside.

        Raises:
            RunError: the checkpoints are not in the run folder, all were damaged, or it is of another version of the
                physics.
        """
        folders = by_steps(self._folder)
        for folder in reversed(folders):
            try:
                checkpoint = read_checkpoint(folder)
                course = self._course(checkpoint, folder)
            except RunError as error:
                tell(f"{error}\nIt is set aside as {set_aside(folder)}")
                continue
            check_physics(folder, {"physics": checkpoint.physics}, "It can still be measured")
            self._point(course)
            prune(self._folder, self._kept)
            return course, checkpoint
        if folders:
            raise RunError(
                f"run {self._run}: none of its checkpoints is sound\n"
                f"To learn all of it once more, from the beginning: {to_type('resume', self._run.path)}"
            )
        return None

    def release(self) -> bool:
        """Give up the room that is held free; whether there was some."""
        if self._folder.kind(RESERVE) is None:
            return False
        with suppress(OSError, RunError):
            self._reserve.remove()
            return True
        return False

    def size(self) -> tuple[int, int]:
        """How many checkpoints there are, and how many bytes they take."""
        folders = numbered(self._folder)
        return len(folders), sum(map(bytes_of, folders))

    def _course(self, checkpoint: Checkpoint, folder: Folder) -> Course:
        """How far the run had come at a sound checkpoint.

        Raises:
            RunError: it does not say so, or what it had beside it is lost.
        """
        try:
            course = Course.of(checkpoint.state)
        except RunError as error:
            raise RunError(f"checkpoint {folder}: {error}") from None
        if course.best not in (None, course.steps):
            try:
                read_checkpoint(self._folder / str(course.best), ["policy"])
            except RunError as error:
                raise RunError(f"checkpoint {folder}: the best one so far is lost: {error}") from None
        return course

    def _point(self, course: Course) -> None:
        self._folder.point("last", str(course.steps))
        self._folder.point("best", str(course.steps if course.best is None else course.best))

    def _growth(self, course: Course, size: int) -> int:
        """Bytes by which checkpoints will have grown at the next measurement: a replay buffer fills up."""
        grown, since = size, course.steps
        for before in numbered(self._folder)[-2:-1]:
            grown, since = size - bytes_of(before), course.steps - int(before.name)
        return max(0, grown * (course.next_measurement - course.steps) // since)

    def _hold(self, size: int) -> None:
        """Hold room for the next checkpoint, so that a disk that fills up does not keep the run from saving itself."""
        with suppress(OSError, RunError):  # where it cannot be had, the run goes on with what it has
            descriptor = self._reserve.open(os.O_WRONLY | os.O_CREAT)
            try:
                held = os.fstat(descriptor).st_size
                try:
                    _allocate(descriptor, size)
                    held = size
                finally:
                    os.ftruncate(descriptor, held)  # where it fails, a file system may still have given all it had
            finally:
                os.close(descriptor)


def _allocate(descriptor: int, size: int) -> None:
    """Take room for a file on the disk, not only in its length."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    while (missing := size - os.lseek(descriptor, 0, os.SEEK_END)) > 0:  # macOS has no such call
        os.write(descriptor, bytes(min(missing, 2**20)))
