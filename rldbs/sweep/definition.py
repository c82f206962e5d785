"""What a sweep is: the keys that vary, and a run for every combination of their values."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path

from hydra.core.override_parser.types import Override

from rldbs.config.composition import Config, compose_each, sweep_folder
from rldbs.config.groups import command_groups
from rldbs.config.overrides import MOST_VALUES, directories, read_override, read_overrides
from rldbs.config.schema import check_training
from rldbs.core.errors import RunError, SettingError
from rldbs.runs.labels import NAMES

LONGEST_NAME = 200
"""Characters that the name of a run's folder may have."""
ANY = ("threads", *NAMES)
"""Settings that may be other when the same sweep is gone on with."""
ONLY = "run"
"""The name of the run where nothing varies."""


@dataclass(frozen=True)
class Job:
    """One run of a sweep."""

    name: str
    """Of its folder in that of the sweep."""
    values: tuple[str, ...]
    """Those of the keys that vary, as text."""


@dataclass(frozen=True)
class Definition:
    """All that decides a sweep."""

    fixed: Mapping[str, str]
    """The keys with one value."""
    keys: tuple[str, ...]
    """Those that vary."""
    jobs: Mapping[Job, Config]
    """The runs, each with its whole configuration."""
    threads: int | None
    """Of each run, where the user has said so."""
    hydra: tuple[str, ...]
    """Overrides of Hydra's own settings: how the runs are started."""
    folder: Path | None
    """Where the user wants it."""
    directory: Path | None
    """With groups and options of the user's own."""


def define(overrides: Sequence[str], directory: Path | None) -> Definition:
    """The sweep that ``overrides`` ask for; every run of it is checked.

    Raises:
        SettingError: an override is not allowed, or a run of it cannot be.
        RunError: a run of it needs another one that there is not.
    """
    parsed = read_overrides("train", overrides, directory)
    for override in parsed:
        _check(override)
    settings = _once([override for override in parsed if not override.is_hydra_override()])
    hydra = [str(override.input_line) for override in parsed if override.is_hydra_override()]
    fixed = [override for override in settings if not override.is_sweep_override()]
    axes = _axes([override for override in settings if override.is_sweep_override()])
    if prod(map(len, axes.values())) > MOST_VALUES:
        raise SettingError(f"train -m: at most {MOST_VALUES} runs in one go")
    where = [text for text in hydra if text.startswith("hydra.sweep.dir=")]
    jobs = _jobs(fixed, axes, directory)
    return Definition(
        {o.key_or_group: str(o.input_line).partition("=")[2] for o in fixed if o.key_or_group not in ANY},
        tuple(axes),
        jobs,
        next(iter(jobs.values()))["threads"],
        tuple(text for text in hydra if text not in where),
        sweep_folder("train", [*where, *(str(o.input_line) for o in fixed)], directory) if where else None,
        directory,
    )


def _check(override: Override) -> None:
    given, key = override.input_line, override.key_or_group
    if key == "hydra.run.dir":
        raise SettingError(f"{given}: the folder of a sweep is hydra.sweep.dir=DIR")
    if override.is_hydra_override() and override.is_sweep_override():
        raise SettingError(f"{given}: settings of Hydra take one value")
    if override.is_sweep_override() and not override.is_discrete_sweep():
        raise SettingError(f"{given}: a sweep needs single values: KEY=1,2,3 or 'KEY=range(3)'")
    if override.is_sweep_override() and key in ANY:
        raise SettingError(f"{given}: changes no result, so there is nothing to vary; one value is needed")


def _once(overrides: Sequence[Override]) -> list[Override]:
    """Every key once: of two with one value, the last counts.

    Raises:
        SettingError: one of them has several values.
    """
    last = {override.key_or_group: override for override in overrides}
    for override in overrides:
        other = last[override.key_or_group]
        if override is not other and (override.is_sweep_override() or other.is_sweep_override()):
            raise SettingError(f"{override.input_line}: {other.input_line} is there, too; one of them is to go")
    return list(last.values())


def _axes(sweeps: Sequence[Override]) -> dict[str, tuple[str, ...]]:
    """The keys with several values, and the values as text.

    Raises:
        SettingError: a value is there twice.
    """
    axes = {override.key_or_group: tuple(override.sweep_string_iterator()) for override in sweeps}
    for override in sweeps:
        values = axes[override.key_or_group]
        twice = next((value for k, value in enumerate(values) if value in values[:k]), None)
        if twice is not None:
            raise SettingError(f"{override.input_line}: {twice} is there twice")
    return axes


def _jobs(fixed: Sequence[Override], axes: Mapping[str, Sequence[str]], directory: Path | None) -> dict[Job, Config]:
    """Every combination, in the order in which the keys and their values are given."""
    known = command_groups("train", directories(directory))
    single = {(key, text): read_override(f"{key}={text}", known) for key, texts in axes.items() for text in texts}
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    every = [[*fixed, *(single[pair] for pair in varied.items())] for varied in combinations]
    jobs = {}
    composed = compose_each("train", every, directory)
    for varied, overrides in zip(combinations, every, strict=True):
        try:
            config = next(composed)
            check_training(config, [str(override.input_line) for override in overrides], directory)
        except (SettingError, RunError) as error:
            where = f"\n(in the run with {' '.join(_pairs(varied))})" if len(every) > 1 else ""
            raise type(error)(f"{error}{where}") from None
        plain = {key: _plain(single[key, text]) for key, text in varied.items()}
        jobs[Job(_name(plain), tuple(plain.values()))] = config
    return jobs


def _name(varied: Mapping[str, str]) -> str:
    """The name of a run's folder: what varies, or a few characters made of it where that is no name for a folder."""
    name = ",".join(_pairs(varied)) or ONLY
    if "/" in name or len(name.encode()) > LONGEST_NAME:
        return f"run-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return name


def _plain(override: Override) -> str:
    """The value of an override as text; text without the quotes that it may need on a command line."""
    value = override.value()
    return value if isinstance(value, str) else str(override.input_line).partition("=")[2]


def _pairs(varied: Mapping[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in varied.items()]
