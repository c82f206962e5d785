"""Pictures beside numbers: the numbers are kept first, and a picture that cannot be drawn is told, no more."""

import errno
from collections.abc import Callable
from functools import partial

from rich.console import Console

from rldbs.core.errors import RldbsError

FULL = (errno.ENOSPC, errno.EDQUOT)
"""How a disk answers that is full: that is the user's to put right, and no fault of the picture."""

Say = Callable[[str], None]


def warner(console: Console) -> Say:
    """What tells a line of warning where the tables are shown."""
    return partial(console.print, style="yellow", soft_wrap=True, highlight=False, markup=False)


def drawn(picture: object, draw: Callable[[], object], say: Say) -> bool:
    """Draw a picture; whether that went well.

    Args:
        picture: its file, for the message.
        draw: draws and writes it.
        say: told a line where it fails.

    Raises:
        OSError: the disk is full.
        RldbsError, MemoryError: it was not the drawing that failed.
    """
    try:
        draw()
    except (RldbsError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        reason = " ".join(str(error).split())[:200] or "no reason is given"
        say(f"warning  {picture}: was not drawn: {type(error).__name__}: {reason}")
        return False
    return True
