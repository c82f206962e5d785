"""How a command ends: with a message for whoever typed it where it fails, and the exit status that tells scripts."""

from collections.abc import Callable, Sequence

from rldbs.core.errors import LostFolderError, RldbsError, RunError, SettingError
from rldbs.process.shortage import shortage
from rldbs.process.stop import Stopped
from rldbs.process.terminal import check_arguments, complain


def exit_status(command: Callable[[], object], words: Sequence[str]) -> int:
    """Run a command; its exit status.

    Args:
        command: what is to be done.
        words: the words of its line, which are looked at first.

    Returns:
        0; 1 when it fails; 2 for a mistake of the user's; 128 + the number of the signal that stopped it.
    """
    try:
        check_arguments(words)
        command()
    except RldbsError as error:
        complain(str(error))
        mistaken = isinstance(error, SettingError | RunError) and not isinstance(error, LostFolderError)
        return 2 if mistaken else 1
    except OSError as error:  # a full disk, a folder that is gone: the user's to put right, not ours
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
        complain(str(shortage(error) or said))
        return 1
    except (MemoryError, RuntimeError, ImportError, SystemError) as error:
        told = shortage(error)
        if told is None:
            raise
        complain(str(told))
        return 1
    except Stopped as stop:
        complain(str(stop) or "Stopped")
        return stop.number + 128
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
