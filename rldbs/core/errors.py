"""The errors that rldbs raises on purpose. Each message says what was given, where, and what is allowed."""

import unicodedata
from reprlib import Repr

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 80

MOST_SEED = 2**128 - 1
"""NumPy's generators mix a seed into 128 bits; a longer one only takes longer."""
MOST_COUNT = 2**53
"""Steps, or whatever is counted, that no run ever comes to."""
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode's categories of characters that steer a terminal, or that nobody sees."""


class RldbsError(Exception):
    """Base of every error that rldbs raises on purpose."""


class SettingError(RldbsError, ValueError):
    """A setting or an argument has a value that is not allowed."""


class RunError(RldbsError):
    """A run folder is missing, ambiguous, unfinished or damaged."""


class DivergedError(RldbsError):
    """The numbers of a population or of a policy have left all bounds."""


class LostFolderError(RunError):
    """The folder of a run was removed or replaced while a process worked on it: no mistake in the command."""


class StorageError(RldbsError):
    """A file could not be written or read: the disk is full, the folder is gone or read-only."""


class CompilerError(RldbsError):
    """A model from equations cannot be compiled on this machine."""


class NoMemoryError(RldbsError):
    """Memory that is needed could not be had."""


def visible(text: str) -> str:
    r"""The text with every character that steers a terminal, or that nobody sees, written out, such as ``\x1b``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode() if unicodedata.category(character) in UNSEEN else character
        for character in text
    )


def shown(value: object) -> str:
    """``value`` for a message, however long, and whatever its own idea of how it is shown."""
    if type(value) is int and value == MOST_SEED:
        return "2**128 - 1"
    try:
        return str(value)[: _SHORT.maxother] if isinstance(value, Exception) else _SHORT.repr(value)
    except Exception:
        return f"a {type(value).__name__}"
