"""The files of conf/, and of the user's own directories: each read once, checked, with the comments above its keys.

It imports nothing heavy, so that tab completion and ``rldbs list`` answer at once.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rldbs.config.directory import GLOBAL, check_own_file, own_files, with_package
from rldbs.core.errors import SettingError
from rldbs.core.plugins import Plugin, counting
from rldbs.files.file import File
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import RefusedError, UnreadableError, plain_yaml, read_text

CONF = Path(str(files("rldbs") / "conf"))
"""The configuration directory that comes with the package, absolute."""
HYDRA = "hydra"
"""Its folder with settings of Hydra's own, which are no group of ours."""


@dataclass(frozen=True)
class Source:
    """One YAML file."""

    values: Mapping[str, Any]
    defaults: Sequence[Any]
    to_root: bool
    """Its keys belong at the top level, not under its group."""
    title: str
    """Its first comment line."""
    comments: Mapping[str, str] = field(default_factory=dict)
    """The comments above its keys, by dotted key."""
    text: str = ""
    """What stands in it, as Hydra is to read it."""
    place: Path = Path()
    """Where it lies."""


class UnreadError(SettingError):
    """A file that cannot be read; a command that does not use it goes on without it."""


def packaged_roots() -> tuple[Path, ...]:
    """Our own directory, and those of the packages that bring options along."""
    return CONF, *plugin_roots()


def plugin_roots() -> Mapping[Path, str]:
    """The directories ``conf`` of packages that bring options along, each with the package and its version."""
    return _plugin_roots(counting(), tuple(sys.path))[0]


def refused_roots() -> list[str]:
    """A line for each of those that do not count."""
    return _plugin_roots(counting(), tuple(sys.path))[1]


@lru_cache(maxsize=8)
def _plugin_roots(several: tuple[Plugin, ...], path: tuple[str, ...]) -> tuple[dict[Path, str], list[str]]:
    """The directories that count and a line for each other one, for what Python looks through."""
    roots: dict[Path, str] = {}
    lines: list[str] = []
    for module, origin in dict.fromkeys((one.module, one.origin) for one in several):
        try:
            spec = find_spec(module)
        except (ImportError, ValueError, AttributeError):
            continue  # whoever chooses one of its options is told
        for place in (spec.submodule_search_locations or ()) if spec is not None else ():
            root = Path(place) / "conf"
            if root.is_dir() and root not in roots:
                wrong = _root_problem(root, tuple(roots))
                if wrong is None:
                    roots[root] = origin
                else:
                    lines.append(f"the settings of the package {origin} are left out: {wrong}")
    return roots, lines


def _root_problem(root: Path, others: Sequence[Path]) -> str | None:
    """Why the settings of a package cannot be used; a single file that cannot be read is told when it is chosen."""
    try:
        for path in own_files(root):
            name = path.relative_to(root)
            taken = next((other for other in (CONF, *others) if (other / name).exists()), None)
            if taken is not None:
                return f"{path}: there is {taken / name}; give it another name"
            with suppress(UnreadError):
                _read(path, root, path.lstat().st_mtime_ns)
    except SettingError as error:
        return str(error)
    return None


def source(name: str, directories: Sequence[Path] = (), packaged: bool = True) -> Source | None:
    """The file ``name`` (``train``, ``model/hr``), or None where there is none. ``packaged``: the package's own count.

    Raises:
        UnreadError: it cannot be read, or is not valid YAML.
        SettingError: it holds what it may not, or would be passed over.
    """
    found = None
    for root in (*(packaged_roots() if packaged else ()), *directories):
        path, other = root / f"{name}.yaml", root / f"{name}.yml"
        if other.exists():
            raise SettingError(f"{other}: would be passed over; name it {path.name}")
        if path.exists() or path.is_symlink():
            if found:
                raise SettingError(f"{path}: would be passed over, {name} comes with the package; give it another name")
            found = _read(path, root, path.lstat().st_mtime_ns)
    return found


@lru_cache(maxsize=256)
def _read(path: Path, root: Path, changed: int) -> Source:
    try:
        text = read_text(_within(path, root)).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        values = plain_yaml(text)
    except RefusedError as error:
        raise SettingError(f"{path}: {error}") from None
    except UnreadableError as error:
        raise UnreadError(f"{path}: {error}") from None
    values = {} if values is None else values
    if not isinstance(values, dict):
        raise UnreadError(f"{path}: must hold keys with values")
    if root != CONF:
        check_own_file(path, values)
        text = with_package(path, path.relative_to(root).parts[0], text)
    defaults = values.pop("defaults", [])
    values.pop("hydra", None)
    title, comments = _comments(text)
    return Source(values, defaults, text.lstrip().startswith(GLOBAL), title, comments, text, path)


def _within(path: Path, root: Path) -> File:
    """The file that a link in a folder of groups leads to, as long as that lies in the folder, too.

    Raises:
        UnreadableError: it does not.
    """
    try:
        real, folder = path.resolve(), root.resolve()
    except (OSError, RuntimeError):
        raise UnreadableError("cannot be read: its links lead nowhere") from None
    if not real.is_relative_to(folder):
        raise UnreadableError(f"is a link that leads out of {root}")
    return Folder(folder).file(real.relative_to(folder).as_posix())


def _comments(text: str) -> tuple[str, dict[str, str]]:
    """The first comment of a file, and the comment lines above each of its keys."""
    title, comments = "", {}
    above: list[str] = []
    path: list[tuple[int, str]] = []
    for line in text.splitlines():
        comment = re.match(r"\s*# ?(.*)", line)
        key = re.match(r"(\s*)(\w+):", line)
        if comment:
            if not comment[1].startswith("@package"):
                title = title or comment[1]
                above.append(comment[1])
            continue
        if key:
            path = [*((indent, name) for indent, name in path if indent < len(key[1])), (len(key[1]), key[2])]
            if above and above[0] != title:
                comments[".".join(name for _, name in path)] = " ".join(above)
        above = []
    return title, comments
