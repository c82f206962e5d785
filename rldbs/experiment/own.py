"""Files and folders of a run folder, never what a link in it leads to: a run may come from a stranger."""

import errno
import os
import stat
from pathlib import Path

from rldbs.core.errors import RunError


def own_file(path: Path, flags: int) -> int:
    """Open a regular file, without waiting and without following a link; its descriptor.

    Args:
        path: the file.
        flags: of ``os.open``.

    Raises:
        RunError: it is something else.
        OSError: it cannot be opened.
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise _foreign(path) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _foreign(path)
    return descriptor


def own_folder(run: Path, *names: str) -> Path:
    """A folder in a run folder, which need not be there yet.

    Raises:
        RunError: on the way to it there is a link, or something else that is no folder.
    """
    folder = run
    for name in names:
        folder = folder / name
        if os.path.lexists(folder) and not stat.S_ISDIR(folder.lstat().st_mode):
            raise RunError(f"{folder}: must be a folder of the run, not a link or a file")
    return folder


def _foreign(path: Path) -> RunError:
    return RunError(f"{path}: must be a file of the run, not a link or anything else")
