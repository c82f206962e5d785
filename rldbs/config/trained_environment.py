"""The environment of an experiment, or of a run, with single settings of one's own."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from rldbs.config.changed_values import changed
from rldbs.config.checked_records import shown
from rldbs.config.composition import Config, compose, hydra_errors
from rldbs.config.dependent_defaults import OF_THE_RHYTHM, followed, set_by
from rldbs.config.groups import command_groups, keys, leaves
from rldbs.config.overrides import override_text, read_override, unknown_key
from rldbs.config.own_model import environment_options, kept_values
from rldbs.config.recorded_sections import recorded_sections
from rldbs.config.schema import loop_settings
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import RunError, SettingError
from rldbs.runs.find import find_run
from rldbs.runs.record import ENVIRONMENT

OF_TRAINING = ("episode.stagger", "start.seed")
"""Keys that every training sets in its environment, and for which an environment has defaults of its own."""

Options = Mapping[str, object]
Texts = Callable[[Collection[str]], Sequence[str]]
"""Overrides of single values, for the whole keys that there are."""


def experiment_environment(name: object, options: Options, texts: Texts) -> LoopSettings:
    """The environment in which an experiment trains.

    Its populations are those of a training seeded 0, and its first episodes are as long as all others.

    Args:
        name: of the experiment.
        options: of groups, in the place of those that it chooses.
        texts: single values.

    Raises:
        SettingError: there is no such experiment, or something else decides nothing in an environment.
    """
    for group, option in options.items():
        if group not in command_groups("environment"):
            raise _no_part(group, option)
    chosen = {"experiment": name, **options}
    known = keys("train", {group: str(option) for group, option in chosen.items()})
    values = list(texts([key for key in known if key.partition(".")[0] in ENVIRONMENT]))
    set_keys = [text.partition("=")[0] for text in values]
    for text, key in zip(values, set_keys, strict=True):
        if key.partition(".")[0] not in ENVIRONMENT:
            raise unknown_key(text, key, list(keys("environment", {})), command_groups("environment"))
    whole = compose("train", [*(override_text(*pair) for pair in chosen.items()), *values])
    config = {section: whole[section] for section in ENVIRONMENT}
    return loop_settings(_without_training(config, set_keys))


def run_environment(run: object, options: Options, texts: Texts) -> LoopSettings:
    """The environment in which a run was trained, on the populations on which it was; its first episodes are as long as
    all others.

    Args:
        run: ``last``, a path, the beginning of a name, or ``zoo:NAME``.
        options: of groups, in the place of those of the run.
        texts: single values.

    Raises:
        RunError: there is no such run, or it is damaged.
        SettingError: something decides nothing in an environment, or is not allowed.
    """
    if not isinstance(run, str | os.PathLike):
        raise SettingError(f"run={shown(run)}: must be a path, the beginning of a run's name, last or zoo:NAME")
    folder = find_run(os.fspath(run))
    recorded = recorded_sections(folder, ENVIRONMENT)
    config: Config = {section: recorded[section] for section in ENVIRONMENT}
    given = []
    for group, option in options.items():
        if group == "model" or group not in ENVIRONMENT:
            raise _no_part(group, option)
        names = {**environment_options(config["model"]), "stimulus": config["stimulus"].get("name"), group: option}
        composed = compose("environment", [override_text(*pair) for pair in names.items()])[group]
        config[group] = kept_values(config["model"], config[group], composed)
        given.append(override_text(group, option))
    known, known_groups = [key for key, _ in leaves(config)], command_groups("environment")
    parsed = [read_override(text, known_groups) for text in texts(known)]
    for override in parsed:
        key = override.key_or_group
        if key == "model.name" or override.is_hydra_override() or override.is_sweep_override():
            raise SettingError(f"{override.input_line}: an environment of a run takes single values of its settings")
        if key not in known and not any(name.startswith(f"{key}.") for name in known):
            raise unknown_key(str(override.input_line), key, known, known_groups)
    with hydra_errors("environment", parsed, None):
        kept = [key for key in OF_THE_RHYTHM if key.partition(".")[0] not in options]
        config = followed(changed(config, parsed), {*set_by(parsed), *kept})
    if "episode.stagger" not in set_by(parsed):
        config["episode"]["stagger"] = False
    given += [str(override.input_line) for override in parsed]
    return _checked(config, folder, given)


def _checked(config: Config, folder: Path, given: Sequence[str]) -> LoopSettings:
    """The settings; what is wrong, and not in what was given, is the run's."""
    try:
        return loop_settings(config)
    except SettingError as error:
        if any(str(error).startswith(text.partition("=")[0]) for text in given):
            raise
        raise RunError(f"{error}\n(in {folder / 'config.yaml'})") from None


def _without_training(config: Config, given: Collection[str]) -> Config:
    """The configuration with an environment's own defaults for what training sets, but for the keys ``given``."""
    defaults = keys("environment", {"start": str(config["start"]["name"])})
    for key in OF_TRAINING:
        section, _, name = key.partition(".")
        if key in defaults and name in config[section] and key not in given:
            config = {**config, section: {**config[section], name: defaults[key].default}}
    return config


def _no_part(group: str, option: object) -> SettingError:
    others = ", ".join(name for name in ENVIRONMENT if name not in ("model", "episode"))
    reason = "the run has its own model" if group == "model" else "decides nothing in an environment"
    return SettingError(f"{group}={shown(option)}: {reason}\nIts options are those of {others}")
