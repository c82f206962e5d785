"""A file that the user names himself, as by ``json=PATH``: written whole, wherever that leads.

What is at the name stays what it is: into a device, a pipe or a terminal is written, and of a link it is the target that is
replaced.
"""

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rldbs.core.errors import SettingError
from rldbs.files.folder import beside

STANDARD_OUTPUT = "-"


@dataclass(frozen=True)
class NamedFile:
    """A file of the user's.

    Args:
        name: its path, or ``-`` for the standard output.
    """

    name: str

    @staticmethod
    def given(text: str, key: str) -> "NamedFile":
        """The file that a setting names.

        Args:
            text: what the user has written.
            key: the setting, for messages.

        Raises:
            SettingError: it is a directory, is in none, or cannot be written to.
        """
        if text == STANDARD_OUTPUT:
            return NamedFile(text)
        path = os.path.expanduser(text)
        where = os.path.realpath(path)
        if not text or "\0" in text or os.path.isdir(path) or not os.path.isdir(os.path.dirname(where)):
            if not _stream(path):
                raise SettingError(f"{key}={text}: must be a file in a directory that exists, or - for the standard output")
        elif not os.access(where if os.path.exists(where) else os.path.dirname(where), os.W_OK):
            raise SettingError(f"{key}={text}: may not be written to")
        return NamedFile(path)

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return Path(self.name)

    @contextmanager
    def whole(self) -> Iterator[BinaryIO]:
        """What the block is to write into; when that ends well, it is in the file. When it raises, nothing is.

        Raises:
            OSError: it cannot be written.
        """
        if self.name != STANDARD_OUTPUT and not _stream(self.name):
            with _replaced(Path(os.path.realpath(self.name))) as file:
                yield file
            return
        content = io.BytesIO()
        yield content
        if self.name == STANDARD_OUTPUT:
            sys.stdout.flush()
            with open(os.dup(1), "wb") as out:
                out.write(content.getbuffer())
        else:
            with open(os.open(self.name, os.O_WRONLY | os.O_CLOEXEC), "wb") as out:
                out.write(content.getbuffer())


def _stream(path: str) -> bool:
    """Whether something is written into rather than replaced: a device, a pipe, or what a stream of ours goes to."""
    try:
        there = os.stat(path)
    except (OSError, ValueError):
        return False
    if stat.S_ISDIR(there.st_mode):
        return False
    return not stat.S_ISREG(there.st_mode) or any(os.path.samestat(there, one) for one in _streams())


def _streams() -> Iterator[os.stat_result]:
    for descriptor in (0, 1, 2):
        with suppress(OSError):
            yield os.fstat(descriptor)


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """A new file beside ``path``; when the block ends well, it takes its place, and its permissions."""
    unfinished = path.with_name(beside(path.name))
    try:
        with open(unfinished, "xb") as file:
            yield file
            file.flush()
            with suppress(FileNotFoundError):
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
