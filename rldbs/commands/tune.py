"""The arguments of ``rldbs tune``: from overrides with ranges to the axes of a search."""

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import Override

from rldbs.agents.settings import LEARNERS
from rldbs.config.checked_records import only, record, shown
from rldbs.config.composition import Config, compose_run
from rldbs.config.dependent_defaults import followed, set_by_texts
from rldbs.config.groups import command_groups, keys, leaves
from rldbs.config.overrides import directories, read_override, read_overrides, unknown_key
from rldbs.config.schema import evaluate_settings, train_settings
from rldbs.core.cell_populations import CellSettings
from rldbs.core.errors import RunError, SettingError
from rldbs.core.model_kinds import kind_named
from rldbs.experiment.command_settings import EvaluateSettings, TrainSettings
from rldbs.experiment.memory import KINDS, check_memory, protocol_needs
from rldbs.experiment.phase_lengths import check_trial
from rldbs.experiment.population_seeds import LEARNED_TRIALS, TRIALS, check_trials
from rldbs.experiment.suppressed_start import SuppressedStart
from rldbs.process.shell import to_type
from rldbs.process.threads import with_threads
from rldbs.runs.find import complete, read_meta
from rldbs.runs.new_folder import run_folder
from rldbs.runs.record import ENVIRONMENT, TRAINED, TUNED, read_tuning
from rldbs.tune.ranges import WRITTEN, in_units, read_axis
from rldbs.tune.search_settings import BATCH, Axis, Tune, TuneSettings, Value, Values, value_at
from rldbs.tune.trials import MOST_POINTS

UNSEARCHED = ("tune", "protocol", "start", "seed", "threads")
"""Sections and keys that decide how is measured, or by which luck."""
NOT_FOUND = (*UNSEARCHED, "experiment", "tuned", "space")
"""Sections and keys that say how was searched, not what was found."""
GROUPS = (*ENVIRONMENT, "agent")
TRAINING = ("steps", "envs", "checkpoints", "episode")
"""Sections and keys that mean nothing to a controller that is not trained."""
CHANGEABLE = ("tune.trials", "threads")
"""What may be other when a search is resumed."""


@dataclass(frozen=True)
class TuneRequest:
    """What the overrides ask for."""

    settings: TuneSettings
    folder: Path | None
    """The folder that ``hydra.run.dir`` names."""


def tune_one(overrides: Sequence[str], directory: Path | None) -> None:
    """Search.

    Raises:
        SettingError: an override is not allowed, or Optuna is not installed.
        RunError: the folder that ``hydra.run.dir`` names is in use.
        RldbsError: no trial is within the limits.
    """
    request = tuning(overrides, directory)
    check_optuna()
    settings = request.settings
    with run_folder(request.folder, settings.model, f"{settings.agent}-tune", settings.seed) as path:
        from rldbs.tune.run_search import tune

        tune(settings, path)


def resume_search(run: Path, overrides: Sequence[str]) -> None:
    """Go on with a search, also with more trials.

    Raises:
        SettingError: an override would change what the search is, or Optuna is not installed.
        RunError: it has done its trials.
    """
    settings = resumed_tuning(run, overrides)
    if complete(run) and read_meta(run).get("trials") == settings.tune.trials:
        more = to_type("resume", run, "tune.trials=MORE")
        raise RunError(f"{run}: has done its {settings.tune.trials} trials\nFor more: {more}")
    check_optuna()
    from rldbs.tune.run_search import resume

    resume(settings, run)


def tuning(overrides: Sequence[str], directory: Path | None) -> TuneRequest:
    """A search over the keys that have ranges.

    Raises:
        RunError: a run that a setting names is not there.
        SettingError: an override is not allowed, or nothing is to be searched.
    """
    parsed = read_overrides("tune", overrides, directory)
    known = command_groups("tune", directories(directory))
    for override in parsed:
        key, given = override.key_or_group, str(override.input_line)
        if override.is_sweep_override() and (key in known or override.is_hydra_override()):
            raise SettingError(f"{given}: one value is needed; ranges are for keys with numbers")
    fixed = [str(override.input_line) for override in parsed if not override.is_sweep_override()]
    config, folder = compose_run("tune", fixed, directory)
    if config["agent"]["name"] not in LEARNERS:
        for override in parsed:
            if override.key_or_group.partition(".")[0] in TRAINING:
                raise SettingError(f"{override.input_line}: agent={config['agent']['name']} is not trained")
    config["space"] = _space(config, [override for override in parsed if override.key_or_group not in known])
    names = [name for name, _ in leaves({key: config[key] for key in config if key != "space"})]
    for key, text in config["space"].items():
        if key not in names:
            raise unknown_key(f"{key}={text}", key, names, known)
    config["overrides"] = [text for text in overrides if not text.startswith("hydra")]
    return TuneRequest(tune_settings(config), folder)


def tune_settings(config: Config) -> TuneSettings:
    """The settings of ``rldbs tune``, from a composed configuration or from that of a run folder.

    Raises:
        RunError: a run that a setting names is not there.
        SettingError: a key is unknown or missing, a value is not allowed, or a range cannot be searched.
    """
    config = with_threads(config)
    only(config, TUNED)
    tune = record(Tune, config.get("tune"), "tune")
    candidate = partial(_candidate, config, set_by_texts(config["overrides"]))
    plain = candidate({})
    model = plain.loop.model
    tune = replace(
        tune, oscillators=model.oscillates, cells=isinstance(model, CellSettings) and model.network.relaying is not None
    )
    learned = isinstance(plain, TrainSettings) or isinstance(plain.loop.start, SuppressedStart)
    seed = tune.seed if tune.seed is not None else LEARNED_TRIALS if learned else TRIALS
    config = {**config, "tune": {**config["tune"], "seed": seed}}
    check_trials(seed, tune.episodes, learned)
    space = config.get("space")
    if not isinstance(space, Mapping) or not space:
        given = to_type("tune", f"agent={config['agent']['name']}")
        raise SettingError(f"{given}: there is nothing to search; give a key a range: {WRITTEN}")
    axes = tuple(_axis(str(key), str(text), config, candidate) for key, text in space.items())
    protocol = tune.protocol(plain.loop.model.period, seed)
    check_trial(protocol, plain.loop.model)
    together = replace(protocol, episodes=-(-protocol.episodes * BATCH // KINDS))
    check_memory(protocol_needs(together, plain.loop))
    if tune.whole_front:
        points = replace(plain.protocol, episodes=-(-plain.protocol.episodes * MOST_POINTS // KINDS))
        check_memory(protocol_needs(points, plain.loop))
    known = keys("tune", {group: str(config[group]["name"]) for group in ("model", "agent")})
    comments = {key: setting.comment for key, setting in known.items()}
    fixed = _fixed(config, [axis.key for axis in axes])
    equations = plain.loop.model.equations_digest
    return TuneSettings(plain.seed, plain.threads, tune, protocol, axes, candidate, fixed, comments, config, equations)


def check_optuna() -> None:
    """Whether Optuna is there, which is installed only where it is asked for.

    Raises:
        SettingError: it is not.
    """
    if find_spec("optuna") is None:
        raise SettingError("rldbs tune: needs Optuna, which is not installed: pip install 'optuna>=4'")


def resumed_tuning(run: Path, overrides: Sequence[str]) -> TuneSettings:
    """The search of a run folder, to be gone on with.

    Raises:
        RunError: its configuration cannot be read.
        SettingError: an override would change what the search means.
    """
    config = read_tuning(run)
    before = config["tune"].get("trials") if isinstance(config["tune"], Mapping) else None
    for override in (read_override(text, {}) for text in overrides):
        key = override.key_or_group
        if key not in CHANGEABLE:
            raise SettingError(
                f"{override.input_line}: a resumed search stays what it is; only {' and '.join(CHANGEABLE)} may change"
            )
        if override.is_sweep_override():
            raise SettingError(f"{override.input_line}: one value is needed")
        section = config["tune"] if key == "tune.trials" else config
        section[key.rpartition(".")[2]] = override.value()
    try:
        settings = tune_settings(config)
    except SettingError as error:
        if any(str(error).startswith(text.partition("=")[0]) for text in overrides):
            raise
        raise RunError(f"{error}\n(in {run / 'config.yaml'})") from None
    if isinstance(before, int) and settings.tune.trials < before:
        raise SettingError(f"tune.trials={settings.tune.trials}: can only grow; it is {before}")
    return settings


def _space(config: Config, parsed: Sequence[Override]) -> dict[str, str]:
    """The ranges of the agent's file, without those of keys that have a value on the command line, and those there.

    What a file has under the name of a kind of models, as ``oscillators``, counts where the model is of that kind;
    there null is no range.
    """
    whole: Config = config.get("space") or {}  # ranges stand under space: in a file, and Hydra puts that in the group
    ranges = dict(whole.get("space", whole))
    kind = kind_named(config["model"].get("name"))
    name = "cells" if "groups" in config["model"] else "" if kind is None else kind.name
    ranges |= whole.get(name, {})
    ranges = {key: text for key, text in ranges.items() if text is not None}
    space = {str(key): in_units(str(key), str(text), config) for key, text in ranges.items()}
    for override in parsed:
        key = override.key_or_group
        if override.is_sweep_override():
            space[key] = str(override.input_line).partition("=")[2]
        else:
            space = {name: text for name, text in space.items() if not f"{name}.".startswith(f"{key}.")}
    return space


def _fixed(config: Config, searched: Sequence[str]) -> dict[str, object]:
    """The settings with a value on the command line that a file with what was found must have too."""
    found = {}
    for text in config["overrides"]:
        key = str(text).partition("=")[0]
        if key.partition(".")[0] in NOT_FOUND or key in searched or key in GROUPS:
            continue
        with suppress(KeyError):
            found[key] = value_at(config, key)
    return found


def _candidate(config: Config, fixed: Set[str], values: Values) -> EvaluateSettings | TrainSettings:
    """The experiment of a configuration, of which the keys ``fixed`` were set, with other numbers in it."""
    for key, value in values.items():
        config = _changed(config, key.split("."), value)
    config = followed(config, fixed | values.keys())
    if config["agent"]["name"] in LEARNERS:
        return train_settings({key: config[key] for key in TRAINED if key in config})
    kept = {key: config[key] for key in (*ENVIRONMENT, "agent", "protocol", "seed", "threads")}
    rest = {"run": None, "checkpoint": "best", "name": "final", "animation": False, "json": None}
    return evaluate_settings({**kept, **rest})


def _changed(config: Mapping[str, Any], names: Sequence[str], value: Value) -> Config:
    inner = value if len(names) == 1 else _changed(config[names[0]], names[1:], value)
    return {**config, names[0]: inner}


def _axis(key: str, text: str, config: Config, candidate: Callable[[Values], object]) -> Axis:
    """The range of a key; both its ends, or all its numbers, are allowed for the key."""
    given = f"{key}={text}"
    try:
        now = value_at(config, key)
    except KeyError:
        raise SettingError(f"{given}: there is no setting {key}") from None
    axis = read_axis(key, text)
    unfit = (list, Mapping) if axis.choices else (bool, str, list, Mapping)
    if isinstance(now, unfit) or key.partition(".")[0] in UNSEARCHED:
        what = "a section" if isinstance(now, Mapping) else f"{key}={shown(now)}"
        kind = "single values" if axis.choices else "a number"
        raise SettingError(f"{given}: only a key with {kind} can be searched, not {what}")
    between = axis.low + 0.381966 * (axis.high - axis.low)  # no whole number
    tries: Sequence[Value] = axis.choices or (axis.low, axis.high, *(() if axis.whole or axis.step else (between,)))
    for value in tries:
        try:
            candidate({key: value})
        except SettingError as error:
            between_numbers = isinstance(value, float) and "whole number" in str(error)
            hint = f"\nFor whole numbers write {key}=int(interval(…))" if between_numbers else ""
            raise SettingError(f"{error}{hint}\n(in {given})") from None
    return axis
