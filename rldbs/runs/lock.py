"""One process at a time for a run folder.

The lock is the operating system's: it goes with the process that holds it, however that ends, and on a shared folder it
holds for all machines.
"""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rldbs.core.errors import LostFolderError, RunError
from rldbs.files.folder import Folder

LOCK = ".lock"
PATIENCE = 1.0
"""Seconds. Someone who only looks whether a run is alive holds the lock for a moment."""
PAUSE = 0.05
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
"""How file systems answer that know no locks. There nothing keeps two processes apart but the user."""


@dataclass(frozen=True)
class Lock:
    """The lock of a folder, held by this process.

    Args:
        folder: the folder.
        descriptor: of its lock file.
    """

    folder: Folder
    descriptor: int

    def check(self) -> None:
        """Whether it is still that of the folder which is there now; to be asked before something is written.

        Raises:
            LostFolderError: the folder, or its lock, was removed or replaced meanwhile; another process may work there.
        """
        if not self._holds():
            raise LostFolderError(
                f"{self.folder}: was removed or replaced while this process worked on it; nothing is written"
            )

    @property
    def held(self) -> Folder:
        """The folder, in which nothing is changed any more once the lock is that of another one."""
        return Folder(self.folder.root, self.folder.inside, self.check)

    def _holds(self) -> bool:
        there = self.folder.status(LOCK)
        return there is not None and os.path.samestat(there, os.fstat(self.descriptor))


@contextmanager
def sole(folder: Folder, patience: float = PATIENCE) -> Iterator[Lock]:
    """Be the only process that works on a run.

    Args:
        folder: its folder.
        patience: seconds to wait for another one.

    Raises:
        RunError: another one does, or the lock is a link.
    """
    for _ in range(round(patience / PAUSE)):
        lock = Lock(Folder(folder.root, folder.inside), folder.file(LOCK).open(os.O_RDWR | os.O_CREAT))
        try:
            if _locked(lock.descriptor, fcntl.LOCK_EX) and lock._holds():
                yield lock
                return
        finally:
            os.close(lock.descriptor)
        time.sleep(PAUSE)
    raise RunError(f"{folder}: another process is at work on it; wait for its end, or stop it")


def in_use(folder: Path | Folder) -> bool:
    """Whether a process works on a run now."""
    try:
        descriptor = Folder.of(folder).file(LOCK).open(os.O_RDONLY)
    except (OSError, RunError):
        return False
    try:
        return not _locked(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in NO_LOCKS:
            return True
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True
