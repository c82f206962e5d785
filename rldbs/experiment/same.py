"""Whether a run that is there is the one that is wanted."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from rldbs.core.errors import RunError
from rldbs.experiment.compare.measured import flat
from rldbs.files.folder import Folder


def check_same(
    folder: Path | Folder, there: Mapping[str, Any], wanted: Mapping[str, Any], but: Collection[str], remedy: str
) -> None:
    """Whether two configurations are the same.

    Args:
        folder: the run, for the message.
        there: its configuration.
        wanted: what that should be.
        but: keys that may be other.
        remedy: what the user can do.

    Raises:
        RunError: they are not; the message names the first key in which they differ.
    """
    here, needed = flat(there), flat(wanted)
    for key in sorted({*here, *needed} - {*but}):
        if here.get(key) != needed.get(key):
            raise RunError(
                f"{folder}: is a run with {key}={here.get(key, 'nothing')}, "
                f"where it should now be {needed.get(key, 'nothing')}\n{remedy}"
            )
