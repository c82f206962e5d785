"""Where files are kept that can be made anew at any time, so that they need not be."""

import os
from pathlib import Path

from platformdirs import user_cache_path

VARIABLE = "RLDBS_CACHE"
"""The variable of the environment that names another folder than the user's own for such files, or is ``off``."""
OFF = "off"


def cache_folder(kind: str) -> Path | None:
    """The folder for files of a kind, absolute, which may not be there yet; None: they are not kept."""
    named = os.environ.get(VARIABLE, "")
    if named == OFF:
        return None
    try:
        folder = Path(named).expanduser() if named else user_cache_path("rldbs", appauthor=False) / kind
        return folder.absolute()
    except RuntimeError:  # nobody knows where the user is at home
        return None
