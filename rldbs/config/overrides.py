"""Overrides: ``KEY=VALUE`` as a user writes it, taken apart, checked, and written again from a Python value."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    ChoiceSweep,
    Override,
    OverrideType,
    Quote,
    QuotedString,
    RangeSweep,
    ValueType,
)
from hydra.errors import HydraException

from rldbs.config.decimals import decimals
from rldbs.config.directory import own_files
from rldbs.config.groups import command_groups, keys, options_with
from rldbs.config.settings_files import UnreadError, source
from rldbs.core.errors import SettingError
from rldbs.core.plugins import plugin_of

RESERVED = ("null", "true", "false", "inf", "nan")
"""Words that are not text to Hydra."""
HYDRA = re.compile(r"hydra\.run\.dir|hydra\.sweep\.dir|hydra/launcher|hydra\.launcher(\.[a-z]\w*)+")
"""The settings of Hydra itself that have an effect here. None of them says which code runs but the name of a launcher,
one of those that are installed."""
FOLDERS = ("hydra.run.dir", "hydra.sweep.dir")
"""Those that stand on a command line only. The others are kept in the folder of a sweep, which may be a stranger's:
nothing in it is looked up in the environment, or anywhere else."""
MOST_VALUES = 10_000
"""Values that a key may have, and combinations that a sweep may have."""


class DecimalRange(RangeSweep):
    """A range whose numbers are those that are written; Hydra's own adds up floats."""

    def range(self) -> Sequence[int | float]:  # type: ignore[override]
        assert self.start is not None
        assert self.stop is not None
        return decimals(self.start, self.stop, self.step)


def read_overrides(command: str, overrides: Sequence[str], directory: Path | None = None) -> list[Override]:
    """The overrides, taken apart.

    Raises:
        SettingError: one cannot be read, or names a setting, a group or an option that there is not.
    """
    check_directory(directory)
    known = command_groups(command, directories(directory))
    parsed = [read_override(text, known) for text in overrides]
    chosen: dict[str, str] = {}
    for override in parsed:
        if override.key_or_group in known:
            if override.is_sweep_override() and not isinstance(override.value(), ChoiceSweep):
                raise SettingError(f"{override.input_line}: choose from {listed(known[override.key_or_group])}")
            options = list(override.sweep_iterator()) if override.is_sweep_override() else [override.value()]
            for option in options:
                _check_option(command, override, option, known)
            chosen[override.key_or_group] = str(options[0])
    names = list(keys(command, chosen, directories(directory)))
    for override in parsed:
        if override.key_or_group not in known and not override.is_hydra_override():
            _check_key(override, names, known, directories(directory))
    return parsed


def read_override(text: str, known: Mapping[str, Sequence[str]]) -> Override:
    """An override, taken apart.

    Raises:
        SettingError: it cannot be read, or wants to add or remove a setting.
    """
    key, equals, value = text.partition("=")
    if not text:
        raise SettingError("'': must be KEY=VALUE")
    if text in ("-m", "--multirun"):
        raise SettingError(
            f"{text}: there is no such option here; several values are for rldbs train -m and rldbs evaluate -m, where "
            "agent=none is the free population"
        )
    if text.startswith("-"):
        plain_text = text.lstrip("-")
        hint = f"settings are written without dashes: {plain_text}" if equals else "see --help"
        raise SettingError(f"{text}: there is no such option; {hint}")
    if text.startswith("~"):
        raise SettingError(f"{text}: settings can be changed, not removed")
    if not equals:
        fits = [f"{group}={text}" for group, options in known.items() if text in options]
        fits += [f"{text}={'|'.join(known[text])}"] if text in known else []
        hint = f"\nDid you mean {' or '.join(fits)}?" if fits else ""
        raise SettingError(f"{text}: must be KEY=VALUE{hint}")
    if not re.fullmatch(r"\+{0,2}[A-Za-z_][\w./@:-]*", key, re.ASCII):
        meant = nearest(key, known)
        hint = f"\nDid you mean {meant[0]}={value.strip()}?" if meant else "\nWrite KEY=VALUE, without spaces at the ="
        raise SettingError(f"{text}: {key!r} is not the name of a setting{hint}")
    try:
        override = _parser().parse_override(text)
        override.value()
    except (RecursionError, ValueError):
        raise SettingError(f"{text}: the value cannot be read: it is too long or too deep") from None
    except HydraException as error:
        function = re.search(r"Unknown function '\w+'", str(error))
        detail = f": {function[0]}" if function else ""
        hint = f"Brackets and quotes must be closed; text with special characters needs quotes: {key}='\"…\"'"
        raise SettingError(f"{text}: the value cannot be read{detail}\n{hint}") from None
    if override.type is not OverrideType.CHANGE:
        name = f"{override.key_or_group}={value}"
        raise SettingError(f"{text}: settings can be changed, not added; write {name}")
    if override.package is not None:
        raise SettingError(f"{text}: a group has one place; write {override.key_or_group}={value}")
    if override.is_sweep_override():
        _check_sweep(override)
        if isinstance(override.value(), RangeSweep):
            override._value = DecimalRange(**vars(override.value()))
    elif override.is_hydra_override():
        _check_hydra(override)
    return override


@cache
def _parser() -> OverridesParser:
    """Hydra's, which takes longer to make than to read an override."""
    return OverridesParser.create(config_loader=None)


def check_directory(directory: Path | None) -> None:
    """Whether a directory with the user's own groups holds what it may.

    Raises:
        SettingError: it does not.
    """
    if directory is not None:
        for _ in own_sources(directory):
            pass


def own_sources(directory: Path) -> Iterator[tuple[str, str]]:
    """The files of a directory with the user's own groups: the name of each, and its text as Hydra is to read it.

    One that cannot be read is passed over: whatever uses it is refused with the reason.

    Raises:
        SettingError: one holds what it may not.
    """
    for path in own_files(directory):
        name = str(path.relative_to(directory).with_suffix(""))
        try:
            file = source(name, (directory,), packaged=False)
        except UnreadError:
            continue
        if file is not None:
            yield name, file.text


def override_text(key: str, value: object) -> str:
    """A Python value as an override: Hydra reads the same value from it.

    Raises:
        SettingError: the value is not made of None, bool, int, float, str, paths, list, tuple and dict.

    Example:
        >>> override_text("agent.hidden", [64, 64])
        'agent.hidden=[64,64]'
    """
    return f"{key}={value_text(value)}"


def value_text(value: object) -> str:
    """A Python value as it stands after the ``=`` of an override."""
    if hasattr(value, "tolist"):  # NumPy's scalars and arrays
        return value_text(value.tolist())
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_/.-]*", value) and value.lower() not in RESERVED:
            return value
        literal = re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
        return str(QuotedString(literal, Quote.single).with_quotes())
    if isinstance(value, os.PathLike):
        return value_text(os.fspath(value))
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key) or key.lower() in RESERVED:
                raise SettingError(f"{key!r}: is not a name")
        return "{" + ",".join(f"{key}:{value_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(value_text, value)) + "]"
    raise SettingError(f"{value!r}: a setting is a number, text, true or false, a list or a dict")


def unknown_key(
    given: str, key: str, names: Sequence[str], known: Mapping[str, Sequence[str]], others: Sequence[str] = ()
) -> SettingError:
    """The error for a key that there is not: what was given, options that have it or near names, what is there."""
    section, _, leaf = key.rpartition(".")
    tops = list(dict.fromkeys([name.partition(".")[0] for name in names]))
    near = [name for name in names if name.rpartition(".")[2] == leaf]
    if not near or section in tops:
        near = nearest(key, [*names, *known]) or near
    if not near:
        leaves = {name.rpartition(".")[2]: name for name in names}
        near = [leaves[match] for match in nearest(leaf, leaves)]
    names = [name for name in names if name.partition(".")[0] not in known or not name.endswith(".name")]
    lines = [f"{given}: there is no setting {key}"]
    if others:
        lines.append(f"It needs {section}={' or '.join(filter(None, (listed(others[:-1]), others[-1])))}")
    elif near:
        lines.append(f"Did you mean {' or '.join(near[:3])}?")
    inside = [name.removeprefix(f"{section}.") for name in names if section and name.startswith(f"{section}.")]
    if inside:
        lines.append(f"{section} has {listed(inside)}")
    else:
        single = [name for name in names if "." not in name]
        lines += [f"At the top level: {listed(single)}"] if single else []
        lines.append(f"Groups and sections: {listed(sorted({*known, *(top for top in tops if top not in names)}))}")
    return SettingError("\n".join(lines))


def nearest(word: str, names: Iterable[str]) -> list[str]:
    """The name that ``word`` was probably meant to be, or nothing. Capital letters do not count."""
    small = {name.lower(): name for name in names}
    return [small[match] for match in get_close_matches(word.strip().lower(), small, n=1)]


def directories(directory: Path | None) -> tuple[Path, ...]:
    """The user's own directory of groups, where there is one."""
    return () if directory is None else (directory,)


def listed(names: Sequence[str], most: int = 20) -> str:
    """Names for a message, the first ones where there are many."""
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _check_sweep(override: Override) -> None:
    sweep, given = override.value(), str(override.input_line)
    if override.value_type is ValueType.GLOB_CHOICE_SWEEP:
        raise SettingError(f"{given}: values are written out: {override.key_or_group}=A,B,C")
    if isinstance(sweep, RangeSweep):
        start, stop, step = float(sweep.start or 0), float(sweep.stop or 0), float(sweep.step)
        count = (stop - start) / step if step else float("inf")
        if not 0 < count <= MOST_VALUES:
            raise SettingError(f"{given}: must have 1 to {MOST_VALUES} values: range(N), range(FROM,TO,STEP)")


def _check_hydra(override: Override) -> None:
    key, given = override.key_or_group, str(override.input_line)
    if key == "hydra.searchpath":
        raise SettingError(f"{given}: groups of your own are found with --config-dir DIR")
    if not HYDRA.fullmatch(key):
        raise SettingError(
            f"{given}: Hydra has no setting {key} that can be set here\n"
            "There are hydra.run.dir and, with -m, hydra.sweep.dir, hydra/launcher and its keys"
        )
    if isinstance(override.value(), dict | list):
        raise SettingError(f"{given}: must be a single value")
    if "${" in given and key not in FOLDERS:
        raise SettingError(f"{given}: how runs are started is said in plain values; write out what ${{…}} stands for")


def _check_option(command: str, override: Override, option: object, known: Mapping[str, Sequence[str]]) -> None:
    group, text = override.key_or_group, option.text if isinstance(option, QuotedString) else option
    if text in known[group]:
        return
    lines = [f"{override.input_line}: there is no {group} {value_text(text)}"]
    near = nearest(str(text), known[group])
    number = isinstance(text, int | float) and not isinstance(text, bool)
    setting = next((name for name in keys(command, {}) if name.endswith(f".{group}")), None)
    if near:
        lines.append(f"Did you mean {group}={near[0]}?")
    elif number and setting:
        lines.append(f"Did you mean {setting}={text}?")
    plugin = plugin_of(group, text)
    if plugin is not None:
        lines.append(f"The package {plugin.origin} names it, but has no conf/{group}/{text}.yaml with its settings")
    elif known[group]:
        lines.append(f"{group} can be {listed(known[group])}")
    raise SettingError("\n".join(lines))


def _check_key(
    override: Override, names: Sequence[str], known: Mapping[str, Sequence[str]], own: Sequence[Path]
) -> None:
    key, given = override.key_or_group, str(override.input_line)
    section, _, leaf = key.rpartition(".")
    if leaf == "name" and section in known:
        raise SettingError(f"{given}: is chosen with {section}=…, one of {listed(known[section])}")
    if key not in names and not any(name.startswith(f"{key}.") for name in names):
        raise unknown_key(given, key, names, known, options_with(key, known.get(section, ()), own))
