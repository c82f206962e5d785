"""A file that the user names himself, as by ``json=PATH``: written whole, wherever that leads.

What is at the name stays what it is: into a device, a pipe or a terminal is written, and of a link the target is
replaced.
"""

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rldbs.core.errors import SettingError
from rldbs.files.descriptors import beside, naming
from rldbs.files.file import File, Writable

STANDARD_OUTPUT = "-"
Target = str | Path | Writable
"""Where something is written: a path is that of the user's own file."""


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
        if not text or os.path.isdir(path) or not os.path.isdir(os.path.dirname(where)):
            if not _stream(path):
                raise SettingError(
                    f"{key}={text}: must be a file in a directory that exists, or - for the standard output"
                )
        elif not os.access(where if os.path.exists(where) else os.path.dirname(where), os.W_OK):
            raise SettingError(f"{key}={text}: may not be written to")
        return NamedFile(path)

    def __str__(self) -> str:
        return self.name

    @property
    def is_output(self) -> bool:
        """Whether it is the standard output, which then is for nothing else."""
        return self.name == STANDARD_OUTPUT

    @contextmanager
    def whole(self) -> Iterator[BinaryIO]:
        """What the block is to write into; when that ends well, it is in the file. When it raises, nothing is.

        Raises:
            OSError: it cannot be written.
        """
        if not self.is_output and not _stream(self.name):
            with _replaced(Path(os.path.realpath(self.name))) as file:
                yield file
            return
        content = io.BytesIO()
        yield content
        for stream in (sys.stdout, sys.__stdout__):
            if stream is not None:
                stream.flush()
        own = 1 if self.is_output else _own_stream(os.stat(self.name))
        descriptor = os.open(self.name, os.O_WRONLY | os.O_CLOEXEC) if own is None else os.dup(own)
        with naming(Path(self.name)), suppress(BrokenPipeError), open(descriptor, "wb", buffering=0) as out:
            rest = content.getbuffer()
            while rest:
                rest = rest[out.write(rest) :]


def writable(target: Target) -> Writable:
    """The file that a target stands for."""
    return NamedFile(str(target)) if isinstance(target, str | Path) else target


@contextmanager
def reading(source: str | Path | File) -> Iterator[BinaryIO]:
    """Within the block, the content of a file can be read.

    Raises:
        OSError: it cannot be opened.
        RunError: it lies in a folder that may be a stranger's, and is no regular file.
    """
    with source.reading() if isinstance(source, File) else open(source, "rb") as file:
        yield file


def content(path: str, key: str, most: int) -> bytes:
    """What stands in a file that a setting names.

    Args:
        path: as the user has written it.
        key: the setting, for messages.
        most: bytes that it may have.

    Raises:
        SettingError: it is not there, is no file, is larger, or cannot be read.
    """
    where = os.path.expanduser(path)
    try:
        found = os.stat(where)
        if not stat.S_ISREG(found.st_mode):  # which might never end
            raise SettingError(f"{key}={path}: must be a file")
        if found.st_size > most:
            raise SettingError(f"{key}={path}: is larger than {most // 2**20} MB")
        with open(where, "rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise SettingError(f"{key}={path}: there is no such file") from None
    except (OSError, ValueError) as error:
        if isinstance(error, SettingError):
            raise
        raise SettingError(f"{key}={path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


@contextmanager
def clear_output(*files: NamedFile | None) -> Iterator[None]:
    """Where one of the files is the standard output, all that is told meanwhile goes to the standard error instead."""
    if any(file is not None and file.is_output for file in files):
        with redirect_stdout(sys.stderr):
            yield
    else:
        yield


def _stream(path: str) -> bool:
    """Whether something is written into rather than replaced: a device, a pipe, or what a stream of ours goes to."""
    try:
        there = os.stat(path)
    except (OSError, ValueError):
        return False
    if stat.S_ISDIR(there.st_mode):
        return False
    return not stat.S_ISREG(there.st_mode) or _own_stream(there) is not None


def _own_stream(there: os.stat_result) -> int | None:
    """Our own stream, output or errors, that goes to a file; None where there is none."""
    for descriptor in (1, 2):
        with suppress(OSError):
            if os.path.samestat(there, os.fstat(descriptor)):
                return descriptor
    return None


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """A new file beside ``path``; when the block ends well, it takes its place, and its permissions."""
    unfinished = path.with_name(beside(path.name))
    try:
        with naming(path), open(unfinished, "xb") as file:
            yield file
            file.flush()
            with suppress(FileNotFoundError):
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
