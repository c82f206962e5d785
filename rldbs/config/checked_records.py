"""Typed records from plain values: every value is checked against its field's annotation, or refused in words."""

import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Len, Lt
from pydantic import ConfigDict, TypeAdapter, ValidationError

from rldbs.core.errors import SettingError

Record = TypeVar("Record")


def record(cls: type[Record], values: object, where: str) -> Record:
    """The dataclass ``cls`` with ``values``; fields whose metadata say ``elsewhere`` keep their defaults.

    Args:
        cls: a dataclass whose annotations say what is allowed, with the bounds of ``annotated_types``.
        values: a mapping that has every field and nothing else.
        where: the key under which the values stand in the configuration.

    Raises:
        SettingError: a key is missing or unknown, or a value has the wrong type or is out of range.
    """
    names = [field.name for field in fields(cls) if "elsewhere" not in field.metadata]  # type: ignore[arg-type]
    if not isinstance(values, Mapping):
        raise SettingError(f"{where}={shown(values)}: must hold {', '.join(names) or 'nothing'}")
    for key in values:
        if key not in names:
            near = get_close_matches(str(key), names, n=1)
            hint = f"\nDid you mean {where}.{near[0]}?" if near else ""
            raise SettingError(f"{where}.{key}: there is no such setting{hint}\n{where} has {', '.join(names)}")
    return cls(**checked(cls, values, names, f"{where}."))


def checked(cls: type[Any], values: Mapping[str, object], names: Iterable[str], prefix: str = "") -> dict[str, Any]:
    """Values for the fields ``names`` of the dataclass ``cls``, checked. ``prefix`` is put before their keys."""
    hints = get_type_hints(cls, include_extras=True)
    found = {}
    for name in names:
        if name not in values:
            raise SettingError(f"{prefix}{name}: is missing; it must be {allowed(hints[name])}")
        found[name] = value_of(hints[name], values[name], f"{prefix}{name}")
    return found


def value_of(annotation: Any, value: object, key: str) -> Any:
    """``value``, if the annotation allows it. A whole float passes as an int, a bool never as a number."""
    try:
        return _adapter(annotation).validate_python(_whole(annotation, value))
    except ValidationError as error:
        inside = [str(part) for part in error.errors()[0]["loc"] if isinstance(value, Mapping)]
        if inside:
            item = get_args(_bare(annotation)[0])[1]
            raise SettingError(_refusal(".".join([key, *inside]), error.errors()[0]["input"], item)) from None
        raise SettingError(_refusal(key, value, annotation)) from None


def allowed(annotation: Any) -> str:
    """What an annotation allows, in words."""
    base, bounds = _bare(annotation)
    origin, arguments = get_origin(base) or base, get_args(base)
    if origin in (Union, types.UnionType):
        return " or ".join(allowed(argument) for argument in arguments)
    if origin is Literal:
        return " or ".join(map(str, arguments))
    if origin is list:
        length = next((bound for bound in bounds if isinstance(bound, Len)), None)
        count = "values"
        if length is not None:
            one = length.min_length == length.max_length
            count = f"{length.min_length} values" if one else f"{length.min_length} to {length.max_length} values"
        return f"a list of {count}, each {allowed(arguments[0])}"
    number = "a number" if bounds else "a finite number"
    words = {bool: "true or false", str: "text", int: "a whole number", float: number, type(None): "null"}
    return words.get(origin, "names with values") + _range(bounds)


def shown(value: object) -> str:
    """A value as a user would write it, not too long."""
    text = {None: "null", True: "true", False: "false"}[value] if isinstance(value, bool | None) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _refusal(key: str, value: object, annotation: Any) -> str:
    return f"{key}={shown(value)}: must be {allowed(annotation)}"


def _range(bounds: Iterable[object]) -> str:
    least = next((f"from {bound.ge:,}" for bound in bounds if isinstance(bound, Ge)), "")
    least = next((f"above {bound.gt:,}" for bound in bounds if isinstance(bound, Gt)), least)
    most = next((f"to {bound.le:,}" for bound in bounds if isinstance(bound, Le)), "")
    most = next((f"below {bound.lt:,}" for bound in bounds if isinstance(bound, Lt)), most)
    if least.startswith("from") and not most:
        least = least.replace("from", "of") + " or more"
    if most.startswith("to") and not least.startswith("from"):
        most = most.replace("to", "up to")
    joint = " and " if least and most and not (least.startswith("from") and most.startswith("to")) else " "
    return f" {joint.join(filter(None, (least, most)))}".rstrip().replace(",", " ")


def _bare(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(annotation) is Annotated:
        base, *bounds = get_args(annotation)
        return base, tuple(bounds)
    return annotation, ()


def _whole(annotation: Any, value: object) -> object:
    base, _ = _bare(annotation)
    if base is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if get_origin(base) is list and isinstance(value, list):
        return [_whole(get_args(base)[0], item) for item in value]
    return value


@lru_cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation, config=ConfigDict(strict=True, allow_inf_nan=False))


def only(config: Mapping[str, Any], names: Sequence[str]) -> None:
    """Whether a configuration has these keys and no others beside them.

    Raises:
        SettingError: it has another one.
    """
    for key in config:
        if key not in names:
            near = get_close_matches(str(key), names, n=1)
            hint = f"\nDid you mean {near[0]}?" if near else ""
            raise SettingError(f"{key}: there is no such setting{hint}\nThere are {', '.join(names)}")
