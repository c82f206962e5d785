"""Small text files of a folder that may come from a stranger: read as plain values, or refused with a reason.

Nothing in such a file is ever run, followed out of its folder, or unfolded to more than it takes on the disk.
"""

import csv
import errno
import io
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from rldbs.core.errors import RunError, shown
from rldbs.files.file import File

MOST = 2**20
"""Bytes of a configuration, or of what a run says about itself."""
DEEPEST = 32
"""Most levels of lists and mappings in one another."""
LONGEST = 4096
"""Characters of a single value."""
LARGEST = 2**128
"""No whole number is as large, nor as small below zero; seeds have up to 128 bits."""
PLAIN = (bool, int, float, str, type(None))


class UnreadableError(ValueError):
    """Why a file was refused, in words that follow its path."""


class RefusedError(UnreadableError):
    """It can be read, and holds what such a file must not hold."""


def read_text(file: File, most: int = MOST) -> str:
    """The text of a file.

    Args:
        file: the file.
        most: bytes that it may have.

    Raises:
        UnreadableError: it is not there, is no regular file, is too large, or is not UTF-8.
    """
    try:
        data = file.read(most)
    except RunError:
        raise UnreadableError("is a link, or lies behind one, or is no regular file") from None
    except OSError as error:
        too_large = error.errno == errno.EFBIG
        reason = f"is larger than {most // 2**20} MB" if too_large else f"cannot be read: {error.strerror}"
        raise UnreadableError(reason) from None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise UnreadableError("is not text in UTF-8") from None
    if "\0" in text:
        raise UnreadableError("is not text: it has a zero byte")
    return text


def plain_yaml(text: str) -> Any:
    """What YAML holds: None, bool, int, float, str, list and dict with text as keys, nothing else.

    Raises:
        UnreadableError: it is not valid, has a tag, an anchor or an alias, or holds something else.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _look_over(yaml.parse(text, loader))
        value = yaml.load(text, loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UnreadableError(
            f"is not valid YAML{f' (line {mark.line + 1})' if mark else ''}: "
            f"{getattr(error, 'problem', None) or 'it has a character that cannot be printed'}"
        ) from None
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise (
            error if isinstance(error, UnreadableError) else UnreadableError(f"holds a value that is none: {error}")
        ) from None
    _check_plain(value)
    return value


def plain_json(text: str) -> Any:
    """What JSON holds: None, bool, int, finite float, str, list and dict.

    Raises:
        UnreadableError: it is not valid, or holds a number or a text that nothing of ours holds.
    """
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_finite_float)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is not valid JSON: {str(error)[:100]}") from None
    _check_plain(value)
    return value


def plain_csv(text: str) -> Iterator[dict[str, str]]:
    """The rows of a table in CSV, by the names in its first one; a row has no more of them than it has cells.

    Raises:
        UnreadableError: it is not valid.
    """
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(rows, [])
        for row in rows:
            yield dict(zip(header, row, strict=False))
    except csv.Error as error:
        raise UnreadableError(f"is not valid CSV (line {rows.line_num}): {error}") from None


def finite(value: object) -> bool:
    """Whether a value is a number, and no bool."""
    return type(value) is int or (type(value) is float and math.isfinite(value))


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is too large")
    return value


def _look_over(events: Iterable[Any]) -> None:
    """Refuse, before anything is built, what could become more than it is."""
    import yaml

    depth = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise RefusedError(f"line {line}: anchors (&) and aliases (*) are not taken; write the values out")
        if getattr(event, "tag", None) is not None:
            raise RefusedError(f"line {line}: the tag {event.tag} is not taken; a configuration holds plain values")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise RefusedError(f"line {line}: has more than {DEEPEST} levels")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST:
            raise RefusedError(f"line {line}: has a value of more than {LONGEST} characters")


def _check_plain(value: object, depth: int = 1) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise UnreadableError(f"has the key {shown(key)}, which is not text; text is written '{shown(key)}'")
            _check_text(key)
            _check_inner(item, depth)
    elif isinstance(value, list):
        for item in value:
            _check_inner(item, depth)
    elif not isinstance(value, PLAIN):
        raise UnreadableError(f"holds {value}, which is not text; text is written '{value}'")
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int) and not -LARGEST < value < LARGEST:
        raise UnreadableError("holds a whole number of more than 128 bits")


def _check_inner(value: object, depth: int) -> None:
    if depth >= DEEPEST and isinstance(value, dict | list):
        raise UnreadableError(f"has more than {DEEPEST} levels")
    _check_plain(value, depth + 1)


def _check_text(text: str) -> None:
    """Refuse what no file of ours, no name and no terminal can have."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnreadableError("holds text with half a character (a surrogate)") from None
    if "\0" in text:
        raise UnreadableError("holds text with a zero byte")
