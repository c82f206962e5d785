"""A file that only grows, by whole records."""

import os

from rldbs.files.descriptors import naming
from rldbs.files.file import File


class Appended:
    """A file to which records are appended, each whole or not at all.

    Args:
        file: the file; it is made where it is not there.
        length: bytes of it to keep; what was written after them goes. None keeps all.

    Attributes:
        length: bytes that are there.

    Raises:
        RunError: it is a link, or no file.
        OSError: it cannot be written.
        ValueError: there are fewer bytes than ``length``.
    """

    def __init__(self, file: File, length: int | None = None) -> None:
        self._path = file.path
        self._descriptor = file.open(os.O_WRONLY | os.O_CREAT)
        there = os.fstat(self._descriptor).st_size
        self.length = there if length is None else length
        if self.length > there:
            self.close()
            raise ValueError(f"{file}: has {there} bytes, but had {length} when the checkpoint was written")
        self._take_back()

    def append(self, record: bytes | bytearray) -> None:
        """Add a record. Where that fails, the file is as before."""
        with naming(self._path):
            self._append(record)

    def _append(self, record: bytes | bytearray) -> None:
        try:
            written = 0
            while written < len(record):
                written += os.write(self._descriptor, record[written:])
        except OSError:
            self._take_back()
            raise
        self.length += len(record)

    def sync(self) -> None:
        """Flush all to disk."""
        with naming(self._path):
            os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)

    def _take_back(self) -> None:
        os.ftruncate(self._descriptor, self.length)
        os.lseek(self._descriptor, self.length, os.SEEK_SET)
