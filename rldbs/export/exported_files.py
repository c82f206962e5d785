"""The folder of an export, and what its files are called."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from rldbs.core.errors import RunError, SettingError, shown
from rldbs.files.folder import Folder
from rldbs.runs.new_folder import given_folder, kept_if_filled, new_folder
from rldbs.runs.places import EXPORTS

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


def check_name(name: str | None) -> None:
    """Whether files, and in C all names, can begin with that.

    Raises:
        SettingError: they cannot.
    """
    if name is not None and not NAME.fullmatch(name):
        raise SettingError(
            f"name={shown(name)}: must be a name as C has them: letters, digits and _, a letter first, 40 at most"
        )


def check_folder(folder: Path | None) -> None:
    """Whether there is nothing in the folder that the user has named, before anything takes time.

    Raises:
        RunError: there is something in it.
    """
    if folder is not None and os.path.isdir(folder) and os.listdir(folder):
        raise RunError(f"{folder}: there is something in it; name a new folder")


def write_files(files: Mapping[str, bytes], named: Path | None) -> Path:
    """Write files into the folder that the user has named, or into a new one under ``runs/exports/``.

    Returns:
        The folder.

    Raises:
        RunError: it cannot be made, or there is something in it.
    """
    with kept_if_filled(new_folder(EXPORTS, None) if named is None else given_folder(named)) as folder:
        for name, content in files.items():
            with Folder(folder).file(name).whole() as out:
                out.write(content)
    return folder
