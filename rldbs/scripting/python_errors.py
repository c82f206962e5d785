"""How what ends a command is told to a caller in Python: by our own errors, and never by one that ends the program."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from rldbs.core.errors import RunError, StorageError
from rldbs.process.shortage import shortage
from rldbs.process.stop import Stopped


@contextmanager
def told_in_python(hint: str = "") -> Iterator[None]:
    """Within the block, what ends it early is one of our errors, or what Python itself raises at a signal.

    Args:
        hint: a line for whoever interrupts it.

    Raises:
        KeyboardInterrupt: Ctrl-C, or the button of a notebook; what was to be saved is.
        StorageError: a file could not be written.
        NoMemoryError: memory could not be had.
    """
    try:
        yield
    except Stopped as stop:
        said = "\n".join(part for part in (str(stop) or "Stopped", hint) if part)
        if stop.number != signal.SIGINT:
            signal.raise_signal(stop.number)  # all is saved: whoever caught it before, or nobody, has it now
            raise RunError(said) from None
        raise KeyboardInterrupt(said) from None
    except OSError as error:
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
        raise (shortage(error) or StorageError(said)) from None
    except (MemoryError, RuntimeError, ImportError, SystemError) as error:
        told = shortage(error)
        if told is None:
            raise
        raise told from None
