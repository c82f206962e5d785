"""Defaults that hang together follow each other: what a user has set stays, and what nobody has set gives way to it.

A value that was set, on the command line or by an experiment, is never changed. Where two of those do not go together,
the settings are refused, as everywhere.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import Override

from rldbs.agents.settings import LEARNERS
from rldbs.agents.settings.learner import Free
from rldbs.core.errors import SettingError
from rldbs.groups import groups, leaves, option_keys
from rldbs.typed import record

EXPERIMENT = "experiment"
Config = dict[str, Any]


def set_by(overrides: Sequence[Override], directories: Sequence[Path] = ()) -> set[str]:
    """The keys that overrides, with one value each, have set; with an experiment, those that it sets."""
    found: set[str] = set()
    for override in overrides:
        key, value = override.key_or_group, override.value()
        if key == EXPERIMENT:
            found |= option_keys(EXPERIMENT, str(value), directories)
        elif isinstance(value, dict):
            found |= {name for name, _ in leaves(value, f"{key}.")}
        else:
            found.add(key)
    return found


def set_by_texts(overrides: Sequence[str]) -> set[str]:
    """The same of overrides as a search has recorded them; one with a range counts as well."""
    found = {key: value for key, _, value in (str(text).partition("=") for text in overrides)}
    experiment = found.pop(EXPERIMENT, None)
    keys = option_keys(EXPERIMENT, experiment) if experiment in groups()[EXPERIMENT] else set()
    return {*found, *keys}


def followed(config: Config, keys: Collection[str]) -> Config:
    """A configuration in which defaults have given way to the values of ``keys``.

    What is no number where there should be one is left for those who check it.
    """

    def free(key: str) -> bool:
        return key not in keys

    changes = {**_learner(config, free), **_protocol(config, free), **_recording(config, free)}
    for key, value in changes.items():
        section, _, name = key.rpartition(".")
        config = {**config, section: {**config[section], name: value}} if section else {**config, name: value}
    return config


def _learner(config: Config, free: Free) -> Mapping[str, int]:
    agent, steps, envs = (config.get(key) for key in ("agent", "steps", "envs"))
    name = agent.get("name") if isinstance(agent, Mapping) else None
    if not (isinstance(agent, Mapping) and isinstance(name, str) and name in LEARNERS and _count(steps, envs)):
        return {}
    try:
        settings = record(LEARNERS[name], {key: value for key, value in agent.items() if key != "name"}, "agent")
    except SettingError:
        return {}
    return settings.following(int(steps), int(envs), free)  # type: ignore[arg-type]


def _protocol(config: Config, free: Free) -> Mapping[str, int]:
    """Where there is too little besides, a third of the stimulated phase is onset."""
    protocol = config.get("protocol")
    if not isinstance(protocol, Mapping) or not free("protocol.onset"):
        return {}
    onset, stimulated = protocol.get("onset"), protocol.get("stimulated")
    if not _count(onset, stimulated) or onset < stimulated:  # type: ignore[operator]
        return {}
    return {"protocol.onset": int(stimulated) // 3}  # type: ignore[arg-type]


def _recording(config: Config, free: Free) -> Mapping[str, float]:
    """Gaps that take much of the time are long ones."""
    recording = config.get("recording")
    if not isinstance(recording, Mapping) or not free("recording.dropout_length"):
        return {}
    dropout, length = recording.get("dropout"), recording.get("dropout_length")
    if not isinstance(dropout, float) or not isinstance(length, int | float) or not 0 < dropout < 1:
        return {}
    least = dropout / (1.0 - dropout)
    return {"recording.dropout_length": least} if length < least else {}


def _count(*values: object) -> bool:
    """Whether they are whole numbers above 0."""
    return all(
        isinstance(value, int | float) and not isinstance(value, bool) and value >= 1 and float(value).is_integer()
        for value in values
    )
