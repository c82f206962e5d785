"""Where each value of a configuration comes from: which file, the command line, or what else is set."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra.core.override_parser.types import Override

from rldbs.config.composition import Config, compose_plainly
from rldbs.config.dependent_defaults import set_by
from rldbs.config.groups import Key, choices_of, command_groups, keys, leaves
from rldbs.config.overrides import directories, value_text
from rldbs.config.settings_files import CONF, plugin_roots

LINE = "the command line"
FOLLOWS = "follows from others"
MEANT = 40
"""Characters of a value in an explanation."""


@dataclass(frozen=True)
class Setting:
    """A setting of a composed configuration, or the choice of an option."""

    key: str
    value: str
    """As it is written after the ``=``."""
    origin: str
    """In words."""


def composed_settings(command: str, overrides: Sequence[str], directory: Path | None, config: Config) -> list[Setting]:
    """What a command would go by, in the order of its configuration.

    Args:
        command: that of the configuration.
        overrides: ``KEY=VALUE``, from which it was composed.
        directory: a directory with groups and options of the user's own.
        config: what the command has made of it.

    Raises:
        SettingError: an override is not allowed.
    """
    before, parsed, _ = compose_plainly(command, overrides, directory)
    own = directories(directory)
    known = command_groups(command, own)
    chosen = {o.key_or_group: str(o.value()) for o in parsed if o.key_or_group in known}
    choices = choices_of(command, chosen, own)
    found = [
        Setting(group, option, LINE if place is None else place_of_file(place))
        for group, (option, place) in choices.items()
    ]
    values, defaults, given = _values(before), keys(command, chosen, own), _given(parsed, known)
    for key, value in _values(config).items():
        if key.rpartition(".")[2] == "name" and choices.get(key.removesuffix(".name"), ("",))[0] == value:
            continue
        found.append(Setting(key, value_text(value), _origin(key, value, values, defaults, given)))
    return found


def recorded_settings(
    overrides: Sequence[str], config: Config, recorded: Mapping[str, object], run: Path
) -> list[Setting]:
    """What a measurement of a run would go by: what the run has recorded, but for what the command line changes.

    Args:
        overrides: ``KEY=VALUE``.
        config: what the command has made of them.
        recorded: the sections that it has taken from the run.
        run: the run folder.
    """
    named = [text.partition("=")[0] for text in overrides]
    texts = [f"{one}.name" if isinstance(config.get(one), Mapping) else one for one in named]
    of_run = _values(recorded)
    chosen = {section: str(values["name"]) for section, values in config.items() if _named(values)}
    defaults = keys("evaluate", chosen)
    found = []
    for key, value in _values(config).items():
        if any(f"{key}.".startswith(f"{text}.") for text in texts):
            origin = LINE
        elif key in of_run and of_run[key] == value:
            origin = str(run / "config.yaml")
        else:
            origin = _origin(key, value, {}, defaults, ())
        found.append(Setting(key, value_text(value), origin))
    return found


def place_of_file(place: Path) -> str:
    """A file of a configuration as it is shown: those of a package under its conf/."""
    for root, package in ((CONF, ""), *plugin_roots().items()):
        if place.is_relative_to(root):
            return f"{package} conf/{place.relative_to(root)}".strip()
    return str(place)


def _origin(
    key: str, value: object, before: Mapping[str, object], defaults: Mapping[str, Key], given: Collection[str]
) -> str:
    if any(f"{key}.".startswith(f"{one}.") for one in given):
        return LINE
    if key not in defaults:
        return FOLLOWS
    text, where = defaults[key].default, place_of_file(defaults[key].place)
    linked = isinstance(text, str) and "${" in text
    if before.get(key, value if linked else text) != value:
        return f"{FOLLOWS}, in the place of {_short(before.get(key, text))} ({where})"
    return f"{where}, {text}" if linked else where


def _given(parsed: Sequence[Override], known: Collection[str]) -> set[str]:
    """The keys to which the command line itself gives a value."""
    return set_by([one for one in parsed if one.key_or_group not in known])


def _values(config: Mapping[str, object]) -> dict[str, object]:
    """Every value by its dotted key."""
    return dict(leaves(config))


def _named(values: object) -> bool:
    return isinstance(values, dict) and isinstance(values.get("name"), str)


def _short(value: object) -> str:
    text = value_text(value)
    return text if len(text) <= MEANT else f"{text[: MEANT - 1]}…"
