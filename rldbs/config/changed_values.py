"""A recorded configuration with some of its values changed: what it says itself is taken as it stands."""

import copy
import re
from collections.abc import Sequence
from typing import Any

from hydra.core.override_parser.types import Override
from omegaconf import OmegaConf

from rldbs.config.composition import Config


def changed(config: Config, overrides: Sequence[Override]) -> Config:
    """A recorded configuration with some values in place of others. Interpolations in those are resolved, no others."""
    literal = OmegaConf.create(_literal(config))
    for override in overrides:
        OmegaConf.update(literal, override.key_or_group, override.value(), merge=True)
    result = copy.deepcopy(config)
    for override in overrides:
        section, names = result, override.key_or_group.split(".")
        for name in names[:-1]:
            section = section[name]
        value = OmegaConf.select(literal, override.key_or_group, throw_on_missing=True)
        section[names[-1]] = OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    return result


def _literal(value: object) -> Any:
    """Plain containers in which no text is an interpolation, or stands for a missing value, to OmegaConf."""
    if isinstance(value, dict):
        return {key: _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    if not isinstance(value, str):
        return value
    return "" if value == "???" else re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
