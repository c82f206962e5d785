"""Which checkpoint a name stands for. Imports nothing heavy: lists of runs and tab completion ask as well."""

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder

STATE = "state.json"
"""What every checkpoint has."""


def resolved(checkpoints: Folder, name: str) -> Folder | None:
    """The checkpoint that a name, or a link beside the checkpoints, stands for; None where there is none.

    Raises:
        RunError: the link leads elsewhere.
    """
    try:
        kind = checkpoints.kind(name)
    except RunError:  # it is no name
        return None
    folder = checkpoints / name
    if kind == "link":
        target = checkpoints.pointed(name)
        if target is None:
            raise RunError(f"{folder}: is a link that leads elsewhere than to a checkpoint beside it")
        folder = checkpoints / target
    return folder if folder.has(STATE) else None
