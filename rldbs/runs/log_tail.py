"""What a process that has failed said last."""

import os

from rldbs.core.errors import RunError
from rldbs.files.file import File

MOST = 2**20
"""Bytes of the end of a log in which the last message is."""


def length(log: File) -> int:
    """Bytes of a log so far."""
    status = log.folder.status(log.name)
    return 0 if status is None else status.st_size


def last_words(log: File, before: int = 0) -> str:
    """The last message of a log, or else its last line, and where the whole is.

    Args:
        log: the log.
        before: how long it was when the process began; what stands there others have said.
    """
    try:
        with log.reading() as file:
            file.seek(max(before, file.seek(0, os.SEEK_END) - MOST))
            text = file.read(MOST).decode(errors="replace")
    except (OSError, RunError) as error:
        return str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    message = next((line for line in reversed(lines) if line.startswith("rldbs: ")), (lines or ["said nothing"])[-1])
    return f"{message.removeprefix('rldbs: ')} (all it said: {log})"
