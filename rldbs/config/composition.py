"""Composing a configuration with Hydra, and saying plainly what is wrong with an override."""

import copy
import os
import pickle
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hydra import initialize_config_dir
from hydra._internal.defaults_list import create_defaults_list
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import (
    Override,
)
from hydra.errors import HydraException, MissingConfigException
from hydra.types import RunMode
from hydra.version import VersionBase
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from rldbs.config.dependent_defaults import followed, set_by
from rldbs.config.groups import command_groups, groups, keys, named_options, unused
from rldbs.config.kept_files import keep_files, leave_out
from rldbs.config.overrides import directories, listed, nearest, override_text, own_sources, read_overrides, unknown_key
from rldbs.config.position_file import with_positions
from rldbs.config.settings_files import CONF, plugin_roots
from rldbs.config.teacher_settings import with_teacher
from rldbs.core.errors import SettingError

Config = dict[str, Any]


def compose(command: str, overrides: Sequence[str] = (), directory: Path | None = None) -> Config:
    """The configuration of a command as plain, resolved containers.

    Args:
        command: name of a primary file: ``train``, ``evaluate``, ``simulate``, ``environment``.
        overrides: ``KEY=VALUE``, each with one value.
        directory: a directory with groups and options of the user's own.

    Raises:
        SettingError: an override cannot be read, or names nothing that there is.
    """
    for text in overrides:
        if text.startswith("hydra"):
            hint = "; it has hydra.run.dir=DIR, and with -m hydra.sweep.dir=DIR" if command == "evaluate" else ""
            raise SettingError(f"{text}: rldbs {command} makes no folder of its own that it could set{hint}")
    return compose_run(command, overrides, directory)[0]


def compose_run(
    command: str, overrides: Sequence[str] = (), directory: Path | None = None
) -> tuple[Config, Path | None]:
    """The configuration, and the folder that ``hydra.run.dir`` names, if it is among the overrides."""
    config, parsed, folder = compose_plainly(command, overrides, directory)
    return _adapted(config, parsed, directory), folder


def compose_plainly(
    command: str, overrides: Sequence[str], directory: Path | None
) -> tuple[Config, list[Override], Path | None]:
    """The same before defaults give way to what is set, and the overrides, taken apart."""
    parsed = read_overrides(command, overrides, directory)
    for override in parsed:
        if override.is_sweep_override():
            hint = "; several values need -m" if command in ("train", "evaluate") else "; one value at a time"
            hint = f"; write tags=[{str(override.input_line)[5:]}]" if override.key_or_group == "tags" else hint
            raise SettingError(f"{override.input_line}: one value is needed{hint}")
        if override.is_hydra_override() and override.key_or_group != "hydra.run.dir":
            hint = "is for sweeps, with -m" if command == "train" else "is not used here"
            raise SettingError(f"{override.input_line}: {hint}; the folder of a run is hydra.run.dir=DIR")
    named = any(override.key_or_group == "hydra.run.dir" for override in parsed)
    with hydra_errors(command, parsed, directory):
        whole = _composed(command, parsed, directory)
        if not named:
            return plain(command, whole), parsed, None
        with own_hydra() as hydra, searchpath(directory) as found:
            theirs = hydra.compose_config(command, [*overrides, *found], RunMode.RUN, from_shell=False)
        with open_dict(whole):
            whole.hydra = theirs.hydra
        folder = _named_folder("hydra.run.dir", str(whole.hydra.run.dir))
        return plain(command, whole), parsed, folder


def compose_each(
    command: str, several: Sequence[Sequence[Override]], directory: Path | None = None
) -> Iterator[Config]:
    """The configuration for each of several lists of overrides with one value each, as :func:`compose` makes it.

    Raises:
        SettingError: a configuration cannot be composed.
    """
    for parsed in several:
        with hydra_errors(command, parsed, directory):
            config = _adapted(plain(command, _composed(command, parsed, directory)), parsed, directory)
        yield config


def _adapted(config: Config, parsed: Sequence[Override], directory: Path | None) -> Config:
    """A configuration whose defaults give way to what is set, and whose teacher has all its settings."""
    own = directories(directory)
    keys = set_by(parsed, own)
    return with_teacher(followed(config, keys), keys, own)


def _composed(command: str, parsed: Sequence[Override], directory: Path | None) -> DictConfig:
    """The whole configuration, without Hydra's own part."""
    known = command_groups(command, directories(directory))
    choices = tuple(str(o.input_line) for o in parsed if o.key_or_group in known)
    own = tuple(_own_sources(directory))
    whole: DictConfig = pickle.loads(_of_choices(command, choices, directory, own, tuple(_changes())))
    for override in parsed:
        if override.key_or_group not in known and not override.is_hydra_override():
            OmegaConf.update(whole, override.key_or_group, override.value(), merge=True)
    return whole


@lru_cache(maxsize=256)
def _of_choices(
    command: str, choices: Sequence[str], directory: Path | None, own: Sequence[object], changes: Sequence[int]
) -> bytes:
    """What is composed of choices of options, for which Hydra takes most of its time; its files are as they were.

    Hydra's own part, of which nothing would be used, would be half of the work: it is left out of the list of files.
    The result is kept pickled, since copies are made seven times as fast from that: in memory alone, by this process.
    """
    with own_hydra() as hydra, searchpath(directory) as found:
        loader = hydra.config_loader
        keep_files(loader.repository)
        parsed, files = loader._parse_overrides_and_create_caching_repo(command, [*choices, *found])
        order = create_defaults_list(files, command, parsed, prepend_hydra=False, skip_missing=False)
        chosen = {one.key_or_group: str(one.value()) for one in parsed if not one.is_hydra_override()}
        known = directories(directory)
        leave_out(order.defaults, files, named_options(command, chosen, known), known)
        whole: DictConfig = loader._compose_config_from_defaults_list(order.defaults, files)
    OmegaConf.set_struct(whole, True)
    return pickle.dumps(whole)


def _changes() -> list[int]:
    """When each file of the package's own was changed."""
    found = []
    for folder in (CONF, *(CONF / group for group in groups() if (CONF / group).is_dir())):
        with os.scandir(folder) as entries:
            found += [entry.stat().st_mtime_ns for entry in entries]
    return found


def run_folder(command: str, text: str) -> Path:
    """The folder that ``hydra.run.dir=DIR`` names where nothing else is composed."""
    path = text.partition("=")[2]
    return _named_folder("hydra.run.dir", path) if "${" not in path else compose_run(command, [text])[1] or Path()


def sweep_folder(command: str, overrides: Sequence[str], directory: Path | None = None) -> Path:
    """The folder that ``hydra.sweep.dir``, among the overrides, names."""
    parsed = read_overrides(command, overrides, directory)
    for override in parsed:
        if override.is_sweep_override():
            raise SettingError(f"{override.input_line}: settings of Hydra take one value")
    with hydra_errors(command, parsed, directory), own_hydra() as hydra, searchpath(directory) as found:
        whole = hydra.compose_config(command, [*overrides, *found], RunMode.MULTIRUN, from_shell=False)
        return _named_folder("hydra.sweep.dir", str(whole.hydra.sweep.dir))


def _named_folder(key: str, text: str) -> Path:
    if not text.strip():
        raise SettingError(f"{key}={text}: must name a folder")
    return Path(text)


def plain(command: str, whole: DictConfig) -> Config:
    """The part of a composed configuration that ``command`` uses, as plain containers, files of positions read."""
    _without_hydra(whole)
    config = OmegaConf.to_container(whole, resolve=True, throw_on_missing=True)
    assert isinstance(config, dict)
    return with_positions({str(key): value for key, value in config.items() if key not in unused(command)})


def _without_hydra(whole: DictConfig) -> None:
    with open_dict(whole):
        whole.pop("hydra", None)


@contextmanager
def own_hydra() -> Iterator[Any]:
    """A Hydra of our own on the package's configuration, also where another one is at work."""
    before, base = GlobalHydra.instance(), VersionBase.instance().getbase()
    mine = copy.copy(before)
    mine.clear()
    GlobalHydra.set_instance(mine)
    try:
        with initialize_config_dir(str(CONF), job_name="rldbs", version_base="1.3"):
            _put_our_launchers_first()
            yield GlobalHydra.instance().hydra
    finally:
        GlobalHydra.set_instance(before)
        VersionBase.instance().version_base = base


def _put_our_launchers_first() -> None:
    """Where we have settings for a launcher, forget those that its plugin has stored: Hydra would mix the two."""
    stored = ConfigStore.instance().repo.get("hydra", {}).get("launcher", {})
    for path in (CONF / "hydra" / "launcher").glob("*.yaml"):
        stored.pop(path.name, None)


def _own_sources(directory: Path | None) -> list[tuple[str, str]]:
    """The files of packages, and the user's own: the name of each, and its text."""
    return [each for root in (*plugin_roots(), *directories(directory)) for each in own_sources(root)]


@contextmanager
def searchpath(directory: Path | None) -> Iterator[list[str]]:
    """The override that lets Hydra find the groups of packages and the user's own: a copy of the files as they were
    checked, no others.
    """
    sources = _own_sources(directory)
    if not sources:
        yield []
        return
    with TemporaryDirectory(prefix="rldbs-") as copy:
        for name, text in sources:
            path = Path(copy, f"{name}.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        yield [override_text("hydra.searchpath", [f"file://{copy}"])]


@contextmanager
def hydra_errors(command: str, parsed: Sequence[Override], directory: Path | None) -> Iterator[None]:
    """Turn what Hydra and OmegaConf raise about a configuration into a SettingError."""
    try:
        yield
    except OmegaConfBaseException as error:
        raise _config_error(error, command, parsed, directory) from None
    except MissingConfigException as error:
        options = sorted(error.options or ())
        missing = str(error.missing_cfg_file)
        near = nearest(missing.rpartition("/")[2], options)
        given = next((f"{o.input_line}: " for o in parsed if missing.startswith(o.key_or_group)), "")
        lines = [f"{given}there is no {missing}"]
        lines += [f"Did you mean {near[0]}?"] if near else []
        lines += [f"There are {listed(options)}"] if options else []
        raise SettingError("\n".join(lines)) from None
    except HydraException as error:
        cause = error.__cause__
        if isinstance(cause, OmegaConfBaseException):
            raise _config_error(cause, command, parsed, directory) from None
        raise SettingError(_first_lines(str(error), 3)) from None


def _config_error(
    error: OmegaConfBaseException, command: str, parsed: Sequence[Override], directory: Path | None
) -> SettingError:
    key = str(error.full_key or error.key or "")
    guilty = [str(o.input_line) for o in parsed if f"{key}.".startswith(f"{o.key_or_group}.")]
    guilty += [str(o.input_line) for o in parsed if key and o.key_or_group.startswith(f"{key}.")]
    guilty += [str(o.input_line) for o in parsed if re.search(r"\$\{|\?\?\?", str(o.input_line))]
    given = guilty[0] if guilty else key or f"rldbs {command}"
    message = _first_lines(str(error.msg or error), 1)
    names = list(keys(command, {o.key_or_group: str(o._value) for o in parsed}, directories(directory)))
    missing = re.search(r"Interpolation key '([^']*)'", message)
    if missing:
        near = nearest(missing[1], names)
        hint = f"\nDid you mean {near[0]}?" if near else ""
        return SettingError(f"{given}: ${{{missing[1]}}} names no setting{hint}")
    resolver = re.search(r"Unsupported interpolation type (\S+)", message)
    if resolver:
        return SettingError(f"{given}: there is no ${{{resolver[1]}:…}}; ${{KEY}} stands for another setting's value")
    if "Recursive interpolation" in message:
        return SettingError(f"{given}: refers to itself; give it a value")
    if "MissingMandatoryValue" in message or "Missing mandatory value" in message:
        return SettingError(f"{given}: ??? stands for a missing value; give it one")
    if isinstance(error, AttributeError | KeyError) and key.startswith("hydra"):
        return SettingError(f"{given}: Hydra has no setting {key}")
    if isinstance(error, AttributeError | KeyError) and guilty:
        return unknown_key(given, key, names, command_groups(command, directories(directory)))
    return SettingError(f"{given}: {message}")


def _first_lines(text: str, count: int) -> str:
    return "\n".join([line.strip() for line in text.splitlines() if line.strip()][:count])
