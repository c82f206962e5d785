"""Tables for the eye on a terminal, and the same as plain aligned text in a pipe or a file."""

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from rldbs.core.errors import SettingError, visible

LONGEST_ARGUMENT = 4096
LONGEST_LINE = 400
"""Characters of a line of a message; of a longer one, the middle is left out."""


NOBODY = (errno.EPIPE, errno.EIO)
"""How a system answers that a reader is gone, or a terminal: nobody wants to know more."""


class Voice:
    """A stream without which the program goes on: once it cannot be written to, all goes nowhere.

    Whoever read it may be gone, its terminal closed, its disk full.

    Args:
        stream: the stream, with a file descriptor.

    Attributes:
        failure: why it could not be written to any longer; None so far.
    """

    failure: OSError | None = None

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            self._silence(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._silence(error)

    @property
    def lost(self) -> OSError | None:
        """Why somebody who still listens has not been told everything; None where all was told, or nobody listens."""
        self.flush()
        return None if self.failure is None or self.failure.errno in NOBODY else self.failure

    def _silence(self, error: OSError) -> None:
        """Also what waits to be written goes nowhere, or the interpreter would fail with it at the very end."""
        self.failure = self.failure or error
        with suppress(OSError):
            descriptor = os.open(os.devnull, os.O_WRONLY)
            os.dup2(descriptor, self._stream.fileno())
            os.close(descriptor)


@contextmanager
def voices() -> Iterator[Voice]:
    """Within the block, all that the program says goes through voices; that of the standard output.

    Where the program was started without a stream, as by ``>&-``, what is said there goes nowhere.
    """
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w")  # noqa: SIM115  it stays open
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
        setattr(sys, name, Voice(stream))
    out = sys.stdout
    try:
        yield cast(Voice, out)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before


def check_arguments(arguments: Sequence[str]) -> None:
    """Whether the words of a command line can be shown.

    Raises:
        SettingError: one has a character that cannot be seen, or is far too long.
    """
    for text in arguments:
        if len(text) > LONGEST_ARGUMENT:
            raise SettingError(
                f"{visible(text[:60])}…: has {len(text)} characters; at most {LONGEST_ARGUMENT} are taken"
            )
        if visible(text) != text:
            raise SettingError(f"{visible(text)}: has a character that cannot be seen; leave it out")


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table to the standard output. A pipe gets every character, whatever its width."""
    rows = [[visible(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        from rldbs.process.console import screen
        from rldbs.process.wrapped_tables import print_table

        print_table(screen(), title, columns, rows, words=range(len(columns)))
        show("")
    else:
        show(plain_table(title, columns, rows))


def plain_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as aligned text, without trailing spaces."""
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (columns, *rows)]
    return "\n".join([title, *(f"  {line}".rstrip() for line in lines), ""])


def show(text: str) -> None:
    """Write text to the standard output, whatever is in it."""
    sys.stdout.write("\n".join([*map(visible, text.split("\n")), ""]))


def complain(text: str) -> None:
    """Write a message about a mistake to the standard error, where that can be."""
    sys.stdout.flush()
    lines = [visible(line) for line in text.split("\n")]
    half = LONGEST_LINE // 2
    lines = [line if len(line) <= LONGEST_LINE else f"{line[:half]} … {line[-half:]}" for line in lines]
    sys.stderr.write("rldbs: " + "\n".join(lines) + "\n")
    sys.stderr.flush()
