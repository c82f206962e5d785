"""The configuration of a run as plain keys and texts, and whether two of them are the same."""

import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from rldbs.core.errors import RunError, visible
from rldbs.files.folder import Folder


def flat(config: Mapping[str, Any], section: str = "") -> dict[str, str]:
    """A configuration as dotted keys and values as text."""
    return dict(_leaves(config, section))


def check_same(
    folder: Path | Folder, there: Mapping[str, Any], wanted: Mapping[str, Any], but: Collection[str], remedy: str
) -> None:
    """Whether two configurations are the same.

    Args:
        folder: the run, for the message.
        there: its configuration.
        wanted: what that should be.
        but: keys that may be other.
        remedy: what the user can do.

    Raises:
        RunError: they are not; the message names the first key in which they differ.
    """
    here, needed = flat(there), flat(wanted)
    for key in sorted({*here, *needed} - {*but}):
        if here.get(key) != needed.get(key):
            raise RunError(
                f"{folder}: is a run with {key}={here.get(key, 'nothing')}, "
                f"where it should now be {needed.get(key, 'nothing')}\n{remedy}"
            )


def _leaves(config: Mapping[str, Any], section: str) -> Iterator[tuple[str, str]]:
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{section}{key}.")
        else:
            yield visible(f"{section}{key}"), visible(_text(value))


def _text(value: object) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.10g}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
