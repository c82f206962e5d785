"""Options that installed packages bring along, found by their entry points. None is imported before it is chosen.

A package names its classes under the entry points of :data:`ENTRY_POINTS`, and has their settings as
``conf/<group>/<name>.yaml`` beside its modules. What is wrong with one is told, and hinders nothing else.
"""

import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, TypeVar, get_type_hints

from rldbs.core.errors import SettingError, visible

ENTRY_POINTS = {
    "reward": "rldbs.rewards",
    "stimulus": "rldbs.stimuli",
    "recording": "rldbs.recordings",
    "coupling": "rldbs.couplings",
    "controller": "rldbs.controllers",
    "learner": "rldbs.learners",
    "tracker": "rldbs.trackers",
}
"""What a package may bring along → the group of entry points under which it names it."""
GROUPS = {kind: kind for kind in ENTRY_POINTS} | {"controller": "agent", "learner": "agent"}
"""The same → the group of options that it belongs to."""
NAME = re.compile(r"[A-Za-z]\w{0,59}", re.ASCII)
MOST_SAID = 200
"""Characters of what an import says as it fails."""

Kind = TypeVar("Kind")
_own: dict[str, set[str]] = {}
"""The names of our own options, by group, as far as their tables are loaded."""


@dataclass(frozen=True)
class Plugin:
    """An option of a package."""

    kind: str
    name: str
    target: str
    """The class, ``<module>:<name>``."""
    package: str
    version: str

    @property
    def group(self) -> str:
        return GROUPS[self.kind]

    @property
    def origin(self) -> str:
        """The package, with its version."""
        return f"{self.package} {self.version}"

    @property
    def module(self) -> str:
        """Its top module, which need not be imported for its files to be found."""
        return self.target.partition(":")[0].partition(".")[0]


def plugins() -> tuple[Plugin, ...]:
    """All that installed packages name, in the order of the packages."""
    return _named(tuple(sys.path))


@lru_cache(maxsize=8)
def _named(path: tuple[str, ...]) -> tuple[Plugin, ...]:
    """The same, for what Python looks through."""
    found = [
        Plugin(kind, visible(one.name), one.value, visible(one.dist.name), visible(one.dist.version))
        for kind, group in ENTRY_POINTS.items()
        for one in entry_points(group=group)
        if one.dist is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.package, one.kind, one.name)))


def counting() -> tuple[Plugin, ...]:
    """Those that count: their names are names, and neither ours nor those of other packages."""
    return tuple(one for one in plugins() if _objection(one) is None)


def refused() -> list[str]:
    """A line for each of those that do not count."""
    return [
        f"{one.group}={one.name} of the package {one.origin} is left out: {why}"
        for one in plugins()
        if (why := _objection(one)) is not None
    ]


def _objection(plugin: Plugin) -> str | None:
    """Why a plug-in does not count."""
    if not NAME.fullmatch(plugin.name):
        return "its name must be letters, digits and _"
    if plugin.name in _own.get(plugin.group, ()):
        return "rldbs itself has an option of that name; give it another one"
    others = [one for one in plugins() if (one.group, one.name) == (plugin.group, plugin.name) and one != plugin]
    return f"{others[0].origin} has one of that name, too; remove one of the packages" if others else None


def plugin_of(group: str, name: object) -> Plugin | None:
    """The plug-in that is an option of a group; None for one of ours."""
    return next((one for one in counting() if (one.group, one.name) == (group, name)), None)


def packages_of(config: Mapping[str, Any]) -> dict[str, str]:
    """The packages, with their versions, of which a configuration uses something: by ``group=name``."""
    sections = {group: config.get(group) for group in dict.fromkeys(GROUPS.values())}
    chosen = {group: values.get("name") for group, values in sections.items() if isinstance(values, Mapping)}
    used = {f"{group}={name}": plugin_of(group, name) for group, name in chosen.items()}
    return {choice: plugin.origin for choice, plugin in used.items() if plugin is not None}


def missing(recorded: Mapping[str, str]) -> str | None:
    """Which of the packages that :func:`packages_of` has recorded is not there any longer, and the remedy."""
    for choice, origin in recorded.items():
        group, _, name = choice.partition("=")
        if plugin_of(group, name) is None:
            package, _, version = origin.partition(" ")
            return (
                f"{choice} is of the package {visible(origin)}, which is not installed, or has it no longer\n"
                f"Install it: pip install {visible(package)}=={visible(version)}, or from where it came"
            )
    return None


class Options(Mapping[str, type[Kind]]):
    """The classes of one kind by the names that the configuration uses: our own, and those of packages.

    Args:
        kind: one of :data:`ENTRY_POINTS`.
        own: our own.
        base: what each has to be: a class that it inherits from, or a protocol.
        besides: further names of the group that are ours.

    Attributes:
        own: our own.
    """

    def __init__(
        self, kind: str, own: Mapping[str, type[Kind]], base: type[Any], besides: Collection[str] = ()
    ) -> None:
        self.own = own
        self._kind, self._base = kind, base
        self._loaded: dict[Plugin, type[Kind]] = {}
        _own.setdefault(GROUPS[kind], set()).update(own, besides)

    def __getitem__(self, name: str) -> type[Kind]:
        """The class of that name.

        Raises:
            SettingError: its package cannot be imported, or it is not what it should be.
        """
        if name in self.own:
            return self.own[name]
        plugin = self._plugins()[name]
        if plugin not in self._loaded:
            self._loaded[plugin] = _load(plugin, self._base)
        return self._loaded[plugin]

    def __iter__(self) -> Iterator[str]:
        return iter([*self.own, *self._plugins()])

    def __len__(self) -> int:
        return len(self.own) + len(self._plugins())

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self._plugins()

    def _plugins(self) -> dict[str, Plugin]:
        return {one.name: one for one in counting() if one.kind == self._kind}


def _load(plugin: Plugin, base: type[Any]) -> Any:
    where = f"{plugin.group}={plugin.name}: of the package {plugin.origin}"
    module, _, name = plugin.target.partition(":")
    try:
        found = getattr(import_module(module), name)
    except Exception as error:
        said = visible(" ".join(f"{type(error).__name__}: {error}".split())[:MOST_SAID])
        raise SettingError(f"{where}, which cannot be loaded: {said}") from None
    wrong = class_problem(found, base)
    if wrong is not None:
        raise SettingError(f"{where}: {plugin.target} {wrong}")
    return found


def described(protocol: type[Any]) -> list[str]:
    """The names of what a protocol describes."""
    return [name for name in vars(protocol) if not name.startswith("_")]


def class_problem(found: Any, base: type[Any]) -> str | None:
    """Why a class is not one of what ``base`` describes; None where it is."""
    if not isinstance(found, type) or not is_dataclass(found) or not found.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return "must be a dataclass(frozen=True), whose fields are its settings"
    if not getattr(base, "_is_protocol", False):
        if not issubclass(found, base):
            return f"must inherit from {base.__module__}.{base.__name__}"
        lacks: Collection[str] = sorted(getattr(found, "__abstractmethods__", ()))
    else:
        lacks = [
            name for name in described(base) if not hasattr(found, name) and name not in {f.name for f in fields(found)}
        ]
    if lacks:
        return f"lacks {', '.join(lacks)}, which {base.__module__}.{base.__name__} describes"
    try:
        get_type_hints(found, include_extras=True)
    except Exception as error:
        return f"has a field whose annotation cannot be read: {error}"
    return None
