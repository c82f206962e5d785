"""The configuration directory as names: its groups, their options, every key with its default and its comment.

It imports nothing heavy, so that tab completion and ``rldbs list`` answer at once.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rldbs.config.settings_files import HYDRA, Source, packaged_roots, source
from rldbs.core.errors import SettingError

MOST_SOURCES = 500
"""Files from which a command may be composed."""
MOST_ROUNDS = 10
"""Options that choose options that choose options, …"""
EXPERIMENT = "experiment"
NAMED = ELECTRODE, RECORDING = "electrode", "recording"
"""Groups whose options bring their own values where they are named."""
SHAPING = ("model", "tuned", "tuned_stimulus")
"""Groups whose files say what suits a model."""
SITE = r"x\d+"
"""What a site of an electrode records; nothing else is called so."""


@dataclass(frozen=True)
class Key:
    """A setting: its default, and the comment above it."""

    default: object
    comment: str = ""
    place: Path = Path()
    """The file that the default stands in."""


Part = tuple[str, Source, tuple[str, ...]]
"""The place of a file's keys; the file; and the names of those that bring it in, its own last."""


def groups(directories: Sequence[Path] = ()) -> dict[str, list[str]]:
    """The options of every group, in the package's directory and in ``directories``."""
    found: dict[str, set[str]] = {}
    for root in (*packaged_roots(), *directories):
        with os.scandir(root) as entries:
            folders = [entry.name for entry in entries if entry.is_dir() and entry.name != HYDRA]
        for folder in folders:
            names = map(os.path.splitext, os.listdir(root / folder))
            found.setdefault(folder, set()).update(stem for stem, suffix in names if suffix in (".yaml", ".yml"))
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
        return ("tracker",) if command == "tune" else ()
    environment = ("stimulus", "recording", "reward", "coupling", "start", "episode", "dose")
    changes = ("course", "electrode_drift", "encapsulation", "plasticity")
    return (*environment, *changes, "agent", "tuned", "tuned_stimulus")


def keys(command: str, chosen: Mapping[str, str], directories: Sequence[Path] = ()) -> dict[str, Key]:
    """Every setting of a command by its dotted key, with the options ``chosen`` for its groups."""
    choices = {**chosen}
    for name, (option, _) in _overridden(command, choices, directories).items():
        choices.setdefault(name, option)
    named = named_options(command, chosen, directories)
    found: dict[str, Key] = {}
    for package, part in _sources(command, "", choices, directories):
        out = left_out(part.place.parent.name, part.values, named, directories)
        for key, default in leaves(part.values):
            name = f"{package}{key}"
            if name in out:
                continue
            earlier = found.get(name, Key(None)).comment
            found[name] = Key(default, part.comments.get(key, earlier), part.place)
    hidden = (*unused(command), "space")  # its keys are the names of settings
    return {name: key for name, key in found.items() if name.partition(".")[0] not in hidden}


def choices_of(
    command: str, chosen: Mapping[str, str], directories: Sequence[Path] = ()
) -> dict[str, tuple[str, Path | None]]:
    """The option of every group with one, and the file that chose it; None for those that are ``chosen``."""
    overridden = _overridden(command, chosen, directories)
    choices = {name: option for name, (option, _) in overridden.items()} | {**chosen}
    found: dict[str, tuple[str, Path | None]] = {}
    for _, part in _sources(command, "", choices, directories):
        for entry in part.defaults:
            for words in entry if isinstance(entry, dict) else ():
                group = words.split()[-1].lstrip("/")
                option = re.sub(r"\$\{(\w+)\}", lambda match: choices.get(match[1], ""), choices.get(group, ""))
                place = None if group in chosen else overridden.get(group, ("", part.place))[1]
                if option and group not in found and source(f"{group}/{option}", directories):
                    found[group] = option, place
    return {group: one for group, one in found.items() if group not in unused(command)}


def named_options(command: str, chosen: Mapping[str, str], directories: Sequence[Path] = ()) -> dict[str, str]:
    """The electrode and the recording, where they are ``chosen``, or an experiment chooses them: those have their own
    values, and a model's file shapes what nobody has chosen.
    """
    if not chosen.keys() & {*NAMED, EXPERIMENT}:
        return {}
    choices = choices_of(command, chosen, directories)
    places = {group: choices[group] for group in NAMED if group in choices}
    return {
        group: option for group, (option, place) in places.items() if place is None or place.parent.name == EXPERIMENT
    }


def left_out(
    group: str, values: Mapping[str, Any], named: Mapping[str, str], directories: Sequence[Path] = ()
) -> set[str]:
    """The keys of a file that do not count beside the options ``named``.

    A file of a model, or of what is tuned for it, places the contacts of one electrode: another one has its own. What
    it says of a recording is also true of another one (how long a period is), but for what only one of them has.

    Args:
        group: that of the file.
        values: what stands in it, from the top level.
        named: as :func:`named_options` has them.
    """
    if group not in SHAPING or not named:
        return set()
    sections = {key: values[key] for key in NAMED if isinstance(values.get(key), Mapping)}
    found: set[str] = set()
    recording = sections.get(RECORDING, {})
    if ELECTRODE in named:
        found |= {key for key, _ in leaves(sections.get(ELECTRODE, {}), f"{ELECTRODE}.")}
        variable = recording.get("variable")
        recorded = variable if isinstance(variable, list) else [variable]
        if any(re.fullmatch(SITE, str(one)) for one in recorded):
            found.add(f"{RECORDING}.variable")
    if RECORDING in named:
        there = option_keys(RECORDING, named[RECORDING], directories)
        found |= {key for key, _ in leaves(recording, f"{RECORDING}.")} - there
    return found


def option_keys(group: str, option: str, directories: Sequence[Path] = ()) -> set[str]:
    """The settings to which an option gives a value, by dotted key; also by files that it brings in."""
    return {*option_values(group, option, directories)}


def option_values(group: str, option: str, directories: Sequence[Path] = ()) -> dict[str, object]:
    """The same, with their values."""
    parts = _sources(f"{group}/{option}", f"{group}.", {}, directories)
    return {f"{package}{key}": value for package, part in parts for key, value in leaves(part.values)}


def options_with(key: str, options: Sequence[str], directories: Sequence[Path] = ()) -> list[str]:
    """Those of a group's options that have a setting; none whose file cannot be read."""
    found = []
    for option in options:
        with suppress(SettingError):
            if key in option_keys(key.partition(".")[0], option, directories):
                found.append(option)
    return found


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
    return ((place, part) for place, part, _ in _all(_followed(command, package, choices, directories, ()), command))


def _parents_first(command: str, choices: dict[str, str], directories: Sequence[Path]) -> list[Source]:
    """The same files, each before those that it brings in, and the last of those first: as Hydra finds choices."""
    every = [*_all(_followed(command, "", choices, directories, ()), command)]

    def below(above: tuple[str, ...]) -> Iterator[Source]:
        for _, part, way in reversed(every):
            if way[:-1] == above:
                yield part
                yield from below(way)

    return [*below(())]


def _all(parts: Iterator[Part], command: str) -> Iterator[Part]:
    for count, found in enumerate(parts):
        if count == MOST_SOURCES:
            raise SettingError(f"{command}: is composed of more than {MOST_SOURCES} files; some bring in each other")
        yield found


def _followed(
    name: str, package: str, choices: dict[str, str], directories: Sequence[Path], above: tuple[str, ...]
) -> Iterator[Part]:
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
            yield own, part, above
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
        yield own, part, above


def _overridden(command: str, chosen: Mapping[str, str], directories: Sequence[Path]) -> dict[str, tuple[str, Path]]:
    """The options that files choose for groups which were not chosen on the command line, with the file of each.

    A file that is chosen so may choose others. Of two choices that of a file counts before those of the files that it
    brings in, and else the last one: an experiment's before a model's.
    """
    found: dict[str, tuple[str, Path]] = {}
    for _ in range(MOST_ROUNDS):
        choices = {name: option for name, (option, _) in found.items()} | {**chosen}
        before, found = found, {}
        for part in _parents_first(command, choices, directories):
            for entry in part.defaults:
                for words, option in entry.items() if isinstance(entry, dict) else ():
                    if words.startswith("override "):
                        found.setdefault(words.split()[-1].lstrip("/"), (str(option), part.place))
        if found == before:
            break
    return found


def leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every value of nested mappings by its dotted key."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
