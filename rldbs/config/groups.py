"""The configuration directory as names: its groups, their options, every key with its default and its comment.

Reads the YAML files itself. It imports nothing heavy, so that tab completion and ``rldbs list`` answer at once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from rldbs.config.directory import GLOBAL, check_own_file, with_package
from rldbs.core.errors import SettingError
from rldbs.files.file import File
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import RefusedError, UnreadableError, plain_yaml, read_text

CONF = Path(str(files("rldbs") / "conf"))
"""The configuration directory that comes with the package, absolute."""
HYDRA = "hydra"
"""Its folder with settings of Hydra's own, which are no group of ours."""
MOST_SOURCES = 500
"""Files from which a command may be composed."""


@dataclass(frozen=True)
class Key:
    """A setting: its default, and the comment above it."""

    default: object
    comment: str = ""


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


class UnreadError(SettingError):
    """A file that cannot be read; a command that does not use it goes on without it."""


def groups(directories: Sequence[Path] = ()) -> dict[str, list[str]]:
    """The options of every group, in the package's directory and in ``directories``."""
    found: dict[str, set[str]] = {}
    for root in (CONF, *directories):
        for folder in sorted(entry for entry in root.iterdir() if entry.is_dir() and entry.name != HYDRA):
            found.setdefault(folder.name, set()).update(
                path.stem for path in folder.iterdir() if path.suffix in (".yaml", ".yml")
            )
    return {group: sorted(options) for group, options in sorted(found.items()) if not group.startswith((".", "_"))}


def command_groups(command: str, directories: Sequence[Path] = ()) -> dict[str, list[str]]:
    """The options of the groups from which a command is composed."""
    choices: dict[str, str] = {}
    for _ in _sources(command, "", choices, directories):
        pass
    used = choices.keys() - set(unused(command))
    return {name: options for name, options in groups(directories).items() if name in used}


def unused(command: str) -> tuple[str, ...]:
    """Sections of the environment that a command has no use for."""
    if command != "simulate":
        return ()
    environment = ("stimulus", "recording", "reward", "coupling", "start", "episode", "dose")
    changes = ("electrode_drift", "encapsulation", "plasticity")
    return (*environment, *changes, "agent", "tuned", "tuned_stimulus")


def source(name: str, directories: Sequence[Path] = (), packaged: bool = True) -> Source | None:
    """The file ``name`` (``train``, ``model/hr``), or None where there is none. ``packaged``: the package's own count.

    Raises:
        UnreadError: it cannot be read, or is not valid YAML.
        SettingError: it holds what it may not, or would be passed over.
    """
    found = None
    for root in (*([CONF] if packaged else ()), *directories):
        path, other = root / f"{name}.yaml", root / f"{name}.yml"
        if other.exists():
            raise SettingError(f"{other}: would be passed over; name it {path.name}")
        if path.exists() or path.is_symlink():
            if found:
                raise SettingError(f"{path}: would be passed over, {name} comes with the package; give it another name")
            found = _read(path, root, path.lstat().st_mtime_ns)
    return found


def keys(command: str, chosen: Mapping[str, str], directories: Sequence[Path] = ()) -> dict[str, Key]:
    """Every setting of a command by its dotted key, with the options ``chosen`` for its groups."""
    choices = dict(chosen)
    for name, option in _overridden(command, choices, directories):
        choices.setdefault(name, option)
    found: dict[str, Key] = {}
    for package, part in _sources(command, "", choices, directories):
        for key, default in leaves(part.values):
            name = f"{package}{key}"
            earlier = found.get(name, Key(None)).comment
            found[name] = Key(default, part.comments.get(key, earlier))
    hidden = (*unused(command), "space")  # its keys are the names of settings
    return {name: key for name, key in found.items() if name.partition(".")[0] not in hidden}


def option_keys(group: str, option: str, directories: Sequence[Path] = ()) -> set[str]:
    """The settings to which an option gives a value, by dotted key; also by files that it brings in."""
    parts = _sources(f"{group}/{option}", f"{group}.", {}, directories)
    return {f"{package}{key}" for package, part in parts for key, _ in leaves(part.values)}


def sets(group: str, option: str, key: str, directories: Sequence[Path] = ()) -> bool:
    """Whether an option of a group itself sets a key, something in it, or which option a group has."""
    if any(f"{name}.".startswith(f"{key}.") for name in option_keys(group, option, directories)):
        return True
    parts = [part for _, part in _sources(f"{group}/{option}", f"{group}.", {}, directories)]
    chosen = [words for part in parts for entry in part.defaults if isinstance(entry, dict) for words in entry]
    return key in [words.split()[-1].lstrip("/") for words in chosen]


def _sources(
    command: str, package: str, choices: dict[str, str], directories: Sequence[Path]
) -> Iterator[tuple[str, Source]]:
    """The files from which a command is composed, in their order, each with the place of its keys."""
    for count, found in enumerate(_followed(command, package, choices, directories, ())):
        if count == MOST_SOURCES:
            raise SettingError(f"{command}: is composed of more than {MOST_SOURCES} files; some bring in each other")
        yield found


def _followed(
    name: str, package: str, choices: dict[str, str], directories: Sequence[Path], above: tuple[str, ...]
) -> Iterator[tuple[str, Source]]:
    if name in above:
        raise SettingError(f"{name}.yaml: its defaults lead back to itself: {' → '.join([*above, name])}")
    above = (*above, name)
    part = source(name, directories)
    if part is None:
        return
    own = "" if part.to_root else package
    folder = name.rpartition("/")[0]
    done = False
    for entry in part.defaults:
        if entry == "_self_":
            done = True
            yield own, part
        elif isinstance(entry, str):
            yield from _followed(f"{folder}/{entry}".lstrip("/"), package, choices, directories, above)
        elif isinstance(entry, dict):
            for words, default in entry.items():
                group = words.split()[-1].lstrip("/")
                if words.startswith("override ") or group.startswith("hydra"):
                    continue
                option = choices.setdefault(group, str(default or ""))
                option = re.sub(r"\$\{(\w+)\}", lambda match: choices.get(match[1], ""), option)
                yield from _followed(f"{group}/{option}", f"{group}.", choices, directories, above)
    if not done:
        yield own, part


def _overridden(command: str, choices: Mapping[str, str], directories: Sequence[Path]) -> list[tuple[str, str]]:
    """The options that files choose for groups which were not chosen on the command line."""
    return [
        (words.split()[-1].lstrip("/"), str(option))
        for _, part in _sources(command, "", dict(choices), directories)
        for entry in part.defaults
        if isinstance(entry, dict)
        for words, option in entry.items()
        if words.startswith("override ")
    ]


def leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every value of nested mappings by its dotted key."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


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
    return Source(values, defaults, text.lstrip().startswith(GLOBAL), title, comments, text)


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
