"""The overrides of small runs as Python arguments."""

from ast import literal_eval
from collections.abc import Sequence
from typing import Any


def arguments(overrides: Sequence[str]) -> dict[str, Any]:
    """``KEY=VALUE`` by keys, with values of Python: numbers and lists where they are such."""
    return {key: _value(text) for key, _, text in (override.partition("=") for override in overrides)}


def _value(text: str) -> Any:
    try:
        return literal_eval(text)
    except (SyntaxError, ValueError):
        return text
