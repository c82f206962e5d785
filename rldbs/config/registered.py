"""The record that the name in a section of the configuration chooses."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from rldbs.config.checked_records import record, shown
from rldbs.core.errors import SettingError
from rldbs.core.plugins import Options


def option(group: str, registry: Mapping[str, type[Any]], config: Mapping[str, Any]) -> Any:
    """The record of the class that the ``name`` of a group's section chooses."""
    values = config.get(group)
    if not isinstance(values, Mapping):
        raise SettingError(f"{group}={shown(values)}: must be one of {', '.join(registry)}")
    name = values.get("name")
    if not isinstance(name, str) or name not in registry:
        near = get_close_matches(str(name), registry, n=1)
        hint = f"\nDid you mean {near[0]}?" if near else ""
        raise SettingError(f"{group}.name={shown(name)}: must be one of {', '.join(registry)}{hint}")
    return record(registry[str(name)], {key: value for key, value in values.items() if key != "name"}, group)


def name_of(registry: Options[Any], piece: object) -> str:
    """The name of the class of a piece; of one's own object, what Python calls that."""
    return next((name for name, kind in registry.own.items() if kind is type(piece)), type(piece).__name__)
