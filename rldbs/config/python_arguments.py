"""The settings of an environment from Python arguments, as ``rldbs.make`` takes them."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from rldbs.config.checked_records import shown
from rldbs.config.composition import compose
from rldbs.config.groups import groups, keys, leaves
from rldbs.config.overrides import nearest, override_text
from rldbs.config.schema import loop_settings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.runs.record import ENVIRONMENT

OF_TRAINING = ("episode.stagger", "start.seed")
"""Keys that every training sets in its environment."""


def make_loop_settings(model: str = "bvdp", overrides: Mapping[str, object] | None = None) -> LoopSettings:
    """The settings of an environment from Python arguments.

    Args:
        model: name of a neuron model.
        overrides: by dotted key (``"stimulus.amplitude"``), by the last part of one where it is the only one
            (``neurons``), by a group's name for its option (``reward="setpoint"``), or by a section's name for a
            mapping of its keys (``stimulus={"amplitude": 0.5}``).

    Raises:
        SettingError: an override names no setting, or more than one, or has a value that is not allowed.
    """
    if "experiment" in (overrides or {}):
        raise _experiment_error((overrides or {})["experiment"], ENVIRONMENT)
    options, values = _flat({"model": model, **(overrides or {})})
    texts = [override_text(group, option) for group, option in options.items()]
    known = list(keys("environment", {group: str(option) for group, option in options.items()}))
    for key, value in values.items():
        texts.append(override_text(_whole_key(key, value, known), value))
    return _composed_loop(tuple(texts))


@lru_cache(maxsize=128)
def _composed_loop(overrides: tuple[str, ...]) -> LoopSettings:
    return loop_settings(compose("environment", overrides))


def _flat(overrides: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """The options of groups, and the values of keys, that Python arguments name."""
    known = groups()
    options: dict[str, object] = {}
    values: dict[str, object] = {}
    for key, value in overrides.items():
        if isinstance(value, Mapping) and key != "parameters":
            for name, item in value.items():
                if name == "name" and key in known:
                    options[key] = item
                else:
                    values[f"{key}.{name}"] = item
        elif key in known and not isinstance(value, int | float | np.number):  # coupling=0.1 is model.coupling
            options[key] = value
        else:
            values[key] = value
    return options, values


def _whole_key(key: str, value: object, known: Sequence[str]) -> str:
    if "." in key or not re.fullmatch(r"\w+", key):
        return key
    matches = [name for name in known if f".{key}." in f".{name}." and not name.endswith(".name")]
    sections = list(dict.fromkeys(name[: f".{name}.".index(f".{key}.") + len(key)] for name in matches))
    if len(sections) > 1:
        raise SettingError(f"{key}={shown(value)}: could be {' or '.join(sections)}; write which")
    return sections[0] if sections else key


def _experiment_error(name: object, sections: tuple[str, ...]) -> SettingError:
    """Why an environment takes no experiment, and what it takes instead.

    Args:
        name: the experiment.
        sections: those that decide an environment.
    """
    known = groups()["experiment"]
    given = f"experiment={name}: holds settings of training as well, so an environment does not take it"
    if name not in known:
        near = nearest(str(name), known)
        return SettingError(f"{given}; nor is there one of that name" + (f"\nDid you mean {near[0]}?" if near else ""))
    model, arguments = _arguments(str(name), sections)
    shown = "".join(f", {key}={value!r}" for key, value in arguments.items() if "." not in key)
    dotted = {key: value for key, value in arguments.items() if "." in key}
    shown += f", **{dotted!r}" if dotted else ""
    return SettingError(f"{given}\nWhat it sets there: rldbs.make({model!r}{shown})")


def _arguments(name: str, sections: tuple[str, ...]) -> tuple[str, Mapping[str, object]]:
    """The model, and all that an experiment has otherwise than that model's environment."""
    wanted = compose("train", [f"experiment={name}"])
    model = str(wanted["model"]["name"])
    plain = compose("environment", [f"model={model}"])
    options = {
        section: str(wanted[section]["name"])
        for section in sections
        if "name" in wanted[section] and wanted[section]["name"] != plain[section]["name"]
    }
    chosen = compose("environment", [f"model={model}", *(override_text(*option) for option in options.items())])
    there = dict(leaves({section: chosen[section] for section in sections}))
    values = {
        key: value
        for key, value in leaves({section: wanted[section] for section in sections})
        if key not in OF_TRAINING and there.get(key) != value
    }
    return model, {**options, **values}
