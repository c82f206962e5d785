"""A file that appears whole or not at all."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}")
"""Names of what :func:`beside` has named, with a dot before and a random part behind."""


def beside(path: Path) -> Path:
    """A new name beside ``path`` for what is being written, until it is whole and gets its own."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def remove_unfinished(folder: Path) -> None:
    """Remove what a process that was killed has left half written in a folder, where no other one writes."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if UNFINISHED.fullmatch(path.name):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file beside `path` for writing; when the block ends well, flush it to disk and rename it to `path`.

    When the block raises, `path` is as it was before and nothing is left beside it.

    Example:
        >>> with whole_file("numbers.bin") as file:  # doctest: +SKIP
        ...     file.write(bytes(3))
    """
    path = Path(path)
    unfinished = beside(path)
    try:
        with open(unfinished, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
        sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Flush the names in a folder to disk, so that what was made or renamed there survives a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
