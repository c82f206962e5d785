"""A tracker beside a training that does not depend on it: at work in a thread of its own; what fails is told once."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from rldbs.core.errors import visible
from rldbs.trackers.tracked_run import Following, TrackedRun, finite
from rldbs.trackers.tracker import Tracker

PATIENCE = 60.0
"""Seconds that the end of a run waits for a tracker that is not done, as where a server does not answer."""
MOST_SAID = 200
"""Characters of what an error says."""

Task = Callable[[Following], None]


class Follower:
    """Hands what happens in a run to a tracker, in turn; the training never waits for it, but for a while at the end.

    Args:
        name: of the tracker, for messages.
        tracker: its settings.
        run: the run.
        say: tells the user a line.
    """

    def __init__(self, name: str, tracker: Tracker, run: TrackedRun, say: Callable[[str], None]) -> None:
        self._name, self._say = name, say
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._wrong: str | None = tracker.lacks  # a run that was begun on another machine
        self._told = False
        self._thread = threading.Thread(target=self._work, args=(tracker, run), name=f"tracker {name}", daemon=True)
        if self._wrong is None:
            self._thread.start()
        self._tell()

    def row(self, row: Mapping[str, float]) -> None:
        """A row of progress.csv."""
        steps, values = int(row["steps"]), finite(row)
        self._put(lambda following: following.row(steps, values))

    def keep(self, files: Mapping[str, Path]) -> None:
        """Files that are not changed any more."""
        self._put(lambda following: following.keep(files))

    def end(self, status: str) -> None:
        """The run has ended; wait until the tracker knows, but not for long."""
        self._put(lambda following: following.end(status))
        self._tasks.put(None)
        if self._thread.is_alive():
            self._thread.join(PATIENCE)
            if self._thread.is_alive():
                self._wrong = f"is not done after {PATIENCE:g} s, and is not waited for"
        self._tell()

    def _put(self, task: Task) -> None:
        self._tell()
        if self._wrong is None:
            self._tasks.put(task)

    def _tell(self) -> None:
        if self._wrong is not None and not self._told:
            self._told = True
            self._say(f"tracker={self._name}: {self._wrong}\nThe run goes on without it; all is in its folder")

    def _work(self, tracker: Tracker, run: TrackedRun) -> None:
        try:
            following = tracker.follow(run)
            while (task := self._tasks.get()) is not None:
                task(following)
        except Exception as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())
            self._wrong = visible(said[:MOST_SAID])


@contextmanager
def followed(name: str, tracker: Tracker, run: TrackedRun, say: Callable[[str], None]) -> Iterator[Follower]:
    """A follower that learns how the block ends."""
    follower = Follower(name, tracker, run, say)
    try:
        yield follower
    except BaseException as error:
        follower.end("failed" if isinstance(error, Exception) else "interrupted")
        raise
    follower.end("done")
