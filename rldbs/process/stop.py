"""Stopping a run from outside: Ctrl-C, or a signal from whoever manages the machine."""

import atexit
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], None]

NOTICE = signal.SIGUSR2
"""A queueing system says that the time of a job will soon be up, or that another job needs its place."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, NOTICE)


class Stopped(SystemExit):
    """The program was stopped from outside: it exits with 128 + the number of the signal.

    Args:
        message: what was kept, and how to go on.
        number: the signal.
    """

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message, number)  # both, so that it comes whole from another process
        self.message, self.number, self.code = message, number, 128 + number

    def __str__(self) -> str:
        return self.message


class StopRequest:
    """Whether somebody wants the run to stop.

    Attributes:
        number: of the signal that came, :data:`NOTICE` if it was among several; None so far.
    """

    number: int | None = None
    _asked = False

    def follow(self, other: "StopRequest") -> None:
        """Take over what has come to a request before this one."""
        self.number, self._asked = self.number or other.number, self._asked or other._asked

    def come(self, number: int, frame: FrameType | None = None) -> None:
        """A signal has come. The first is a request; the second ends the program where it is.

        A notice is no more than a request, and the signal that it announces is the first: there is time to save.
        """
        if number == NOTICE:
            self.number = number
        elif self._asked:
            raise Stopped("Stopped at once", number)
        else:
            self._asked = True
            self.number = self.number or number


@contextmanager
def stop_requests(
    request: StopRequest | None = None, signals: tuple[signal.Signals, ...] = SIGNALS
) -> Iterator[StopRequest]:
    """Within the block, the first signal is a request; the second one raises :class:`Stopped` wherever the program is.

    A request around this one, to which a signal has come that nobody has met yet, is met here. Outside the main thread
    nothing changes.

    Args:
        request: where a signal is noted; a new one unless it is given.
        signals: which signals.

    Raises:
        Stopped: the block has ended well, but a signal came too late for it.
    """
    request = request or StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = _handle(request.come, signals)
    for handler in before.values():
        outer = getattr(handler, "__self__", None)
        if isinstance(outer, StopRequest):
            request.follow(outer)
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if request.number is not None:
        raise Stopped("", request.number)


def end_cleanly() -> None:
    """Let SIGTERM and SIGHUP end the program as Ctrl-C does: what is half done is undone on the way out."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped("Stopped", number)

    _handle(stop, SIGNALS[1:])


def note_signals(request: StopRequest) -> None:
    """From now on, let every signal be noted in a request."""
    _handle(request.come, SIGNALS)


def leave_quietly() -> None:
    """Let no further signal disturb the interpreter on its way out, which takes a second: all is said and saved."""
    atexit.register(be_deaf)


def be_deaf() -> None:
    """Let no signal disturb the program any longer."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _handle(handler: Handler, numbers: tuple[signal.Signals, ...]) -> dict[signal.Signals, Any]:
    """Set a handler; those that were there before. What was to be ignored, as under ``nohup``, stays so."""
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: old for number, old in before.items() if old is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, handler)
    return before
