"""A file in a folder that may be a stranger's: it is read, or written whole or not at all, and is never a link."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from rldbs.core.errors import RunError
from rldbs.files.descriptors import FOREIGN, OWN, WRITING, beside, naming, open_at

if TYPE_CHECKING:
    from rldbs.files.folder import Folder


class Writable(Protocol):
    """A file that can be written whole."""

    @property
    def name(self) -> str: ...

    def whole(self) -> AbstractContextManager[BinaryIO]:
        """Within the block, what is to be written."""
        ...


@dataclass(frozen=True)
class File:
    """A file in such a folder, which need not be there.

    Args:
        folder: in which it lies.
        name: in there.
    """

    folder: "Folder"
    name: str

    @property
    def path(self) -> Path:
        """Where it is, to be told; not to be opened."""
        return self.folder.path / self.name

    def __str__(self) -> str:
        return str(self.path)

    @property
    def there(self) -> bool:
        """Whether there is a regular file."""
        return self.folder.has(self.name)

    def open(self, flags: int) -> int:
        """Open it, without waiting and without following a link; its descriptor.

        Args:
            flags: of ``os.open``.

        Raises:
            RunError: it is something else than a regular file.
            OSError: it cannot be opened.
        """
        if flags & WRITING:
            self.folder.check()
        with self.folder.opened() as folder:
            try:
                descriptor = open_at(self.name, flags | OWN, folder, self.path)
            except OSError as error:
                if error.errno in FOREIGN:
                    raise self._foreign() from None
                raise
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise self._foreign()
        return descriptor

    @contextmanager
    def reading(self, most: int | None = None) -> Iterator[BufferedReader]:
        """Within the block, its content can be read.

        Args:
            most: bytes that it may have.

        Raises:
            RunError: it is no regular file.
            OSError: it cannot be opened, or is larger.
        """
        with open(self.open(os.O_RDONLY), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if most is not None and size > most:
                raise OSError(errno.EFBIG, f"has {size:,} bytes, at most {most:,} are expected", str(self.path))
            yield file

    def read(self, most: int) -> bytes:
        """Its content.

        Args:
            most: bytes that it may have.

        Raises:
            RunError: it is no regular file.
            OSError: it cannot be read, or is larger.
        """
        with self.reading(most) as file:
            return file.read(most)

    @contextmanager
    def whole(self) -> Iterator[BinaryIO]:
        """A new file, for the block to write; when that ends well, it is flushed to disk and gets this one's name.

        When the block raises, this one is as it was before and nothing is left beside it.

        Raises:
            RunError: in its place there is something else than a regular file.
            OSError: it cannot be written.
        """
        unfinished = beside(self.name)
        if self.folder.kind(self.name) not in (None, "file"):
            raise self._foreign()
        with self.folder.opened() as folder:
            descriptor = open_at(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OWN, folder, self.path)
            try:
                with naming(self.path), open(descriptor, "wb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                self.folder.check()
                os.replace(unfinished, self.name, src_dir_fd=folder, dst_dir_fd=folder)
                os.fsync(folder)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(unfinished, dir_fd=folder)

    @contextmanager
    def new(self) -> Iterator[BinaryIO]:
        """Make it, for the block to write; it is flushed to disk then.

        Raises:
            FileExistsError: there is something in its place.
            OSError: it cannot be written.
        """
        with naming(self.path), open(self.open(os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def remove(self) -> None:
        """Remove it; where nothing is, nothing happens."""
        self.folder.remove(self.name)

    def _foreign(self) -> RunError:
        return RunError(f"{self.path}: must be a file, not a link or anything else")
