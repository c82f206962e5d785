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
from pathlib import Path

from rldbs.core.errors import RunError
from rldbs.experiment.own import own_file

LOCK = ".lock"
TRIES = 20
"""Someone who only looks whether a run is alive holds the lock for a moment."""
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
"""How file systems answer that know no locks. There nothing keeps two processes apart but the user."""


@contextmanager
def sole(folder: Path) -> Iterator[None]:
    """Be the only process that works on a run.

    Raises:
        RunError: another one does, or the lock is a link.
    """
    descriptor = own_file(folder / LOCK, os.O_RDWR | os.O_CREAT)
    try:
        for _ in range(TRIES):
            if _locked(descriptor, fcntl.LOCK_EX):
                break
            time.sleep(0.05)
        else:
            raise RunError(f"{folder}: another process is at work on it; wait for its end, or stop it")
        yield
    finally:
        os.close(descriptor)


def in_use(folder: Path) -> bool:
    """Whether a process works on a run now."""
    try:
        descriptor = own_file(folder / LOCK, os.O_RDONLY)
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
