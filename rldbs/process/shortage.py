"""Memory that cannot be had: libraries say it in many ways, the user is told in one."""

import errno
import re
import resource
import traceback

from rldbs.core.errors import NoMemoryError

SAID = re.compile(
    r"(can't|cannot|unable to) allocate|not enough memory|out of memory|bad_alloc|failed to map segment"
    r"|can't start new thread|thread creation failed|resource temporarily unavailable",
    re.IGNORECASE,
)
"""How the messages of libraries tell it."""
PIECE = re.compile(r"(?:Unable to allocate|tried to allocate) ([0-9.]+ (?:[KMGTPE]iB|bytes))")
"""How much NumPy and torch wanted in one piece."""
MOST_CAUSES = 8
"""Errors behind an error that are looked at."""

_advice = ["Leave it more memory, or let less be done at the same time"]


def advise(text: str) -> None:
    """What can be done when memory does not suffice for what this process is about to do."""
    _advice[0] = text


def shortage(error: BaseException) -> NoMemoryError | None:
    """What an error says of memory; None where it says something else.

    What the calls held that led to it is let go, so that there is memory to tell it.
    """
    if isinstance(error, NoMemoryError):
        return error
    cause: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if cause is None or _tells(cause):
            break
        cause = cause.__cause__
    if cause is None or not _tells(cause):
        return None
    text = str(cause)
    traceback.clear_frames(error.__traceback__)
    return NoMemoryError(f"There is not enough memory{_limit()}: {_what(text)}\n{_advice[0]}")


def address_space() -> int | None:
    """Bytes that this process may map, as ``ulimit -v`` says; None for any number."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _tells(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError | ImportError | SystemError) and SAID.search(str(error)) is not None


def _what(text: str) -> str:
    piece = PIECE.search(text)
    if piece is not None:
        return f"{piece[1]} in one piece could not be had"
    if "thread" in text:
        return "no further thread could be started"
    if "map segment" in text:
        return f"a library could not be loaded: {text.partition(':')[0]}"
    return "a piece of it could not be had"


def _limit() -> str:
    most = address_space()
    return "" if most is None else f" (ulimit -v leaves this process {most / 1e9:.1f} GB)"
