"""Opening and removing by descriptors, and the names that something in a folder may have."""

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rldbs.core.errors import RunError

DOWN = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
"""How the folder is opened that the user has named: on the way to it there may be links of his own."""
OWN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""How everything in it is opened: without following, and without waiting."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
"""Flags with which something may be changed."""
FOREIGN = (errno.ELOOP, errno.ENXIO, errno.EISDIR, errno.ENOTDIR, errno.EMLINK)
"""How an operating system answers that something is not the file or the folder that it should be."""
UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}")
"""Names of what :func:`beside` has named, with a dot before and a random part behind."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """An error of the operating system within the block that names no file is one of ``path``."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def beside(name: str) -> str:
    """A new name for what is being written, until it is whole and gets its own."""
    return f".{name}.{os.urandom(4).hex()}"


def parts(names: str) -> tuple[str, ...]:
    """Several names with ``/`` between them, one by one."""
    return tuple(map(name_of, names.split("/")))


def name_of(name: str) -> str:
    """A name of something in a folder.

    Raises:
        RunError: it leads elsewhere, or is none.
    """
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise RunError(f"{name!a}: is no name of a file or a folder")
    return name


def open_at(name: str | Path, flags: int, folder: int | None, path: Path) -> int:
    """As ``os.open``; an error names the whole path."""
    try:
        return os.open(name, flags, 0o666, dir_fd=folder)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    except (ValueError, UnicodeError):
        raise RunError(f"{str(path)!a}: is no name of a file or a folder") from None


def remove_at(name: str, folder: int) -> None:
    try:
        is_folder = stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return
    if is_folder:
        shutil.rmtree(name, dir_fd=folder)
    else:
        os.unlink(name, dir_fd=folder)
