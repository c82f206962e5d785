"""The errors that rldbs raises on purpose. Each message says what was given, where, and what is allowed."""


class RldbsError(Exception):
    """Base of every error that rldbs raises on purpose."""


class SettingError(RldbsError, ValueError):
    """A setting or an argument has a value that is not allowed."""


class RunError(RldbsError):
    """A run folder is missing, ambiguous, unfinished or damaged."""


class DivergedError(RldbsError):
    """The numbers of a population or of a policy have left all bounds."""


class StorageError(RldbsError):
    """A file could not be written or read: the disk is full, the folder is gone or read-only."""
