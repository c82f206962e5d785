"""The files of ``--config-dir``: a folder with groups of the user's own, or of a stranger's.

They hold values and choose options. They cannot say what runs, set Hydra itself, look into the environment, or bring in
a file from elsewhere.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rldbs.core.errors import SettingError

MOST_FILES = 2000
"""Files that such a folder may hold: a home directory is no folder of groups."""
MOST_DEFAULTS = 50
CODE = ("_target_", "_partial_", "_recursive_", "_convert_", "_args_")
"""Keys with which Hydra would be told what to run."""
GLOBAL = "# @package _global_"
"""The line that puts the keys of a file at the top level."""
WHOLE = ("dose", "experiment", "tuned", "tuned_stimulus")
"""Groups whose options hold settings of all sections: their files need no such line."""
CHOICE = re.compile(r"/?[\w-]+(/[\w-]+)*")
"""A group, or a file, in a defaults list."""
OPTION = re.compile(r"([\w-]|\$\{\w+\})+(/[\w-]+)*")


def own_files(directory: Path) -> Iterator[Path]:
    """The YAML files of a folder with groups.

    Raises:
        SettingError: it is no folder, or not one of groups.
    """
    if not os.path.isdir(directory):
        raise SettingError(f"--config-dir {directory}: is not a directory")
    count = 0
    for where, folders, names in os.walk(directory):
        here = Path(where)
        for name in folders:
            if (here / name).is_symlink():
                raise SettingError(f"{here / name}: is a link to a directory; put the directory itself there")
            if here == directory and name == "hydra":
                raise SettingError(f"{here / name}: Hydra itself is set on the command line only; remove it")
        count += len(names)
        if count > MOST_FILES:
            raise SettingError(f"--config-dir {directory}: holds over {MOST_FILES} files; name a directory of groups")
        yield from (here / name for name in names if name.endswith(".yaml"))


def check_own_file(path: Path, values: Mapping[str, Any]) -> None:
    """Whether a file holds only what it may.

    Args:
        path: the file, for messages.
        values: what stands in it, as plain values.

    Raises:
        SettingError: it does not.
    """
    if "hydra" in values:
        raise SettingError(f"{path}: hydra: Hydra itself is set on the command line only")
    _check_defaults(path, values.get("defaults", []))
    for key, value in _values(values):
        if key.rpartition(".")[2] in CODE:
            raise SettingError(f"{path}: {key}: a configuration holds values; it cannot say what runs")
        if isinstance(value, str) and "${" in value and ":" in value:
            raise SettingError(f"{path}: {key}: only ${{KEY}} with the name of a setting is taken here, not {value!r}")


def with_package(path: Path, group: str, text: str) -> str:
    """The text of a file as Hydra is to read it: where its keys belong is in the first line, and nowhere else.

    Args:
        path: the file, for messages.
        group: the group that it is an option of.
        text: what stands in it.

    Raises:
        SettingError: its keys would go elsewhere.
    """
    lines = text.splitlines()  # as Hydra does, so that no other line break hides a line from us
    heads = [line.strip() for line in lines if re.match(r"\s*#\s*@\s*package\b", line)]
    first = next((line.strip() for line in lines if line.strip()), "")
    if not heads and not re.match(r"#\s*@", first):
        return f"{GLOBAL}\n{text}" if group in WHOLE else text
    allowed = ("_global_",) if group in WHOLE else ("_global_", "_group_")
    words = first.lstrip("#").split()
    if len(heads) > 1 or heads != [first] or words[0] != "@package" or len(words) != 2 or words[1] not in allowed:
        given = next((head for head in heads if head != first), first)
        raise SettingError(f"{path}: {given}: must be the first line, {GLOBAL}, or not be there")
    return text


def _check_defaults(path: Path, defaults: object) -> None:
    if not isinstance(defaults, list) or len(defaults) > MOST_DEFAULTS:
        raise SettingError(f"{path}: defaults: must be a list of up to {MOST_DEFAULTS} names, or GROUP: OPTION")
    for entry in defaults:
        pairs = entry.items() if isinstance(entry, dict) and len(entry) == 1 else [(entry, None)]
        for words, option in pairs:
            plain = re.sub(r"^(optional |override )*", "", words) if isinstance(words, str) else ""
            chosen = option is None or (isinstance(option, str) and OPTION.fullmatch(option))
            if not CHOICE.fullmatch(plain) or plain.lstrip("/").partition("/")[0] == "hydra" or not chosen:
                raise SettingError(f"{path}: defaults: {entry}: must be a name, or GROUP: OPTION, of this directory's")


def _values(values: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every key with its value, on all levels; an item of a list has the key of the list."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield f"{prefix}{key}", value
            yield from _values(value, f"{prefix}{key}.")
    elif isinstance(values, list):
        for item in values:
            yield prefix.removesuffix("."), item
            yield from _values(item, prefix)
