"""What ends a command early, as it comes to a caller in Python."""

import errno
import signal

import pytest

from rldbs.core.errors import NoMemoryError, RunError, SettingError, StorageError
from rldbs.process.stop import Stopped
from rldbs.scripting.python_errors import told_in_python


@pytest.mark.parametrize(
    ("raised", "told", "words"),
    [
        (Stopped("All is kept", signal.SIGINT), KeyboardInterrupt, r"All is kept\ngo on"),
        (Stopped("", signal.SIGINT), KeyboardInterrupt, r"Stopped\ngo on"),
        (OSError(errno.ENOSPC, "No space left on device", "runs/x"), StorageError, r"runs/x: No space left on device"),
        (OSError("no more"), StorageError, r"no more"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), NoMemoryError, r"There is not enough memory"),
        (MemoryError(), NoMemoryError, r"There is not enough memory"),
        (RuntimeError("can't start new thread"), NoMemoryError, r"no further thread could be started"),
        (RuntimeError("of our own"), RuntimeError, r"of our own"),
        (SettingError("steps=0"), SettingError, r"steps=0"),
    ],
)
def test_what_ends_a_command_is_told_in_one_of_our_errors(raised, told, words):
    with pytest.raises(told, match=words), told_in_python("go on"):
        raise raised


def test_other_signals_come_to_whoever_waited_for_them_before():
    came = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))
    try:
        with pytest.raises(RunError, match=r"All is kept\ngo on"), told_in_python("go on"):
            raise Stopped("All is kept", signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert came == [signal.SIGTERM]
