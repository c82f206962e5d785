"""What the user writes on a run: a note and tags. They decide nothing, and stand in meta.json."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rldbs.core.errors import SettingError, shown, visible

LONGEST_NOTE = 1000
"""Characters."""
MOST_TAGS = 20
TAG = re.compile(r"[\w][\w.+-]{0,39}")
NAMES = ("note", "tags")
"""Their keys in a configuration, and in meta.json."""


@dataclass(frozen=True)
class Labels:
    """A note, empty where there is none, and tags."""

    note: str = ""
    tags: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """What of them stands in meta.json."""
        found = {"note": self.note, "tags": list(self.tags)}
        return {key: value for key, value in found.items() if value}

    def __or__(self, other: "Labels") -> "Labels":
        """Those of both."""
        notes = dict.fromkeys(note for note in (self.note, other.note) if note)
        return Labels("; ".join(notes), tuple(dict.fromkeys((*self.tags, *other.tags))))


def labels(config: Mapping[str, Any]) -> Labels:
    """Those of a configuration; an older one has none.

    Raises:
        SettingError: a note is no line of text, or a tag no short word.
    """
    note, tags = config.get("note"), config.get("tags") or []
    if note is not None and (not isinstance(note, str) or len(note) > LONGEST_NOTE or visible(note) != note):
        raise SettingError(f"note={shown(note)}: must be a line of text of up to {LONGEST_NOTE} characters, or null")
    if not is_tags(tags):
        raise SettingError(
            f"tags={shown(tags)}: must be up to {MOST_TAGS} short words of letters, digits and ._+-: tags=[first,noisy]"
        )
    return Labels(note or "", tuple(dict.fromkeys(tags)))


def recorded_labels(facts: Mapping[str, Any]) -> Labels:
    """Those of what meta.json says, of which only what is sound is left."""
    return Labels(facts.get("note", ""), tuple(facts.get("tags", ())))


def is_note(value: object) -> bool:
    """Whether it is a note that can be shown."""
    return isinstance(value, str) and len(value) <= LONGEST_NOTE


def is_tags(value: object) -> bool:
    """Whether it is a list of tags."""
    return (
        isinstance(value, list)
        and len(value) <= MOST_TAGS
        and all(isinstance(tag, str) and TAG.fullmatch(tag) is not None for tag in value)
    )
