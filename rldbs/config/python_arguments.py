"""What Python arguments mean: as overrides of a command, and as the settings of an environment."""

import os
import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from rldbs.config.checked_records import shown
from rldbs.config.composition import compose
from rldbs.config.groups import groups, keys
from rldbs.config.overrides import check_directory, directories, override_text
from rldbs.config.own_objects import parted, with_own
from rldbs.config.schema import loop_settings
from rldbs.config.trained_environment import experiment_environment, run_environment
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError

Arguments = Mapping[str, object]
MODEL = "bvdp"
"""The neurons of an environment for which nobody says which."""
FILES = {"file", "tissue.file"}
"""Arguments that name a file, in which something else may stand the next time."""


def make_loop_settings(model: str | None = None, overrides: Arguments | None = None) -> LoopSettings:
    """The settings of an environment from Python arguments.

    Args:
        model: name of a neuron model; ``bvdp`` where neither an experiment nor a run brings its own.
        overrides: by dotted key (``"stimulus.amplitude"``), by the last part of one where it is the only one
            (``neurons``), by a group's name for its option (``reward="setpoint"``), or by a section's name for a
            mapping of its keys (``stimulus={"amplitude": 0.5}``). ``experiment`` names the settings from which to go
            out, and so does ``run``; ``config_dir`` is a directory with groups and options of one's own. A stimulus,
            recording, reward or coupling may be an object of one's own.

    Raises:
        SettingError: an override names no setting, or more than one, or has a value that is not allowed.
        RunError: there is no such run, or it is damaged.
    """
    given, objects = parted(overrides or {})
    return with_own(_named_settings(model, given), objects)


def _named_settings(model: str | None, given: dict[str, object]) -> LoopSettings:
    experiment, run, own = (given.pop(name, None) for name in ("experiment", "run", "config_dir"))
    if own is not None and not (isinstance(own, str | os.PathLike) and experiment is None and run is None):
        raise SettingError(f"config_dir={shown(own)}: must be a path, and does not go with an experiment or a run")
    if run is not None:
        for name, value in (("model", model), ("experiment", experiment)):
            if value is not None:
                raise SettingError(f"{name}={shown(value)}: the run has its own settings; leave out one of the two")
        options, values = split(given)
        return run_environment(run, options, lambda known: texts(values, known))
    if experiment is not None:
        options, values = split({**({} if model is None else {"model": model}), **given})
        return experiment_environment(experiment, options, lambda known: texts(values, known))
    options, values = split({"model": model or MODEL, **given})
    directory = None if own is None else Path(own)
    check_directory(directory)
    known = keys("environment", {group: str(option) for group, option in options.items()}, directories(directory))
    chosen = [override_text(group, option) for group, option in options.items()]
    whole = (*chosen, *texts(values, known))
    kept = directory is None and not values.keys() & FILES
    return _composed_loop(whole) if kept else loop_settings(compose("environment", whole, directory))


@lru_cache(maxsize=128)
def _composed_loop(overrides: tuple[str, ...]) -> LoopSettings:
    return loop_settings(compose("environment", overrides))


def split(arguments: Arguments) -> tuple[dict[str, object], dict[str, object]]:
    """The options of groups, and the values of keys, that Python arguments name."""
    known = groups()
    options: dict[str, object] = {}
    values: dict[str, object] = {}
    for key, value in arguments.items():
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


def texts(values: Arguments, known: Collection[str]) -> list[str]:
    """Values as overrides ``KEY=VALUE``.

    Args:
        values: by whole keys, or by the last parts of such.
        known: the whole keys.

    Raises:
        SettingError: it is not clear which key is meant, or a value is none that a setting can have.
    """
    names = list(known)
    return [override_text(_whole_key(key, value, names), value) for key, value in values.items()]


def _whole_key(key: str, value: object, known: Sequence[str]) -> str:
    if key in known or not re.fullmatch(r"\w+", key):
        return key
    matches = [name for name in known if f".{key}." in f".{name}." and not name.endswith(".name")]
    sections = list(dict.fromkeys(name[: f".{name}.".index(f".{key}.") + len(key)] for name in matches))
    if len(sections) > 1:
        raise SettingError(f"{key}={shown(value)}: could be {' or '.join(sections)}; write which")
    return sections[0] if sections else key
