"""The teacher of a configuration: left out where there is none, else with all its controller's settings."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from rldbs.agents.classical import CLASSICAL
from rldbs.agents.settings.teacher import Lessons, Teacher
from rldbs.config.checked_records import record, shown
from rldbs.config.dependent_defaults import followed, tuned_for
from rldbs.config.groups import groups, option_values
from rldbs.config.overrides import listed, nearest
from rldbs.control.loop_settings import LoopSettings
from rldbs.core.errors import SettingError
from rldbs.experiment.command_settings import TrainSettings

Config = dict[str, Any]
LESSONS, JUDGING = 8, 10
"""Parts of the budget that lessons, and the steps after them in which critics learn alone, take where nobody says."""


def with_teacher(config: Config, keys: Collection[str], directories: Sequence[Path] = ()) -> Config:
    """A configuration whose teacher has the settings of its controller: those of its file, of the model's tuned one,
    and those that are given; where they do not fit the environment, defaults give way.

    Args:
        config: as it was composed.
        keys: those that were set.
        directories: with groups and options of the user's own.

    Raises:
        SettingError: there is no such controller; or something is set of a teacher, and there is none.
    """
    teacher = config.get("teacher")
    if not isinstance(teacher, Mapping) or "agent" not in teacher:
        return config
    name, given = teacher["agent"], teacher.get("settings")
    if name is None:
        idle = next((key for key in sorted(keys) if key.startswith("teacher.") and key != "teacher.agent"), None)
        if idle is not None:
            raise SettingError(f"{idle}: there is no teacher; name one: teacher.agent=pd")
        return {key: value for key, value in config.items() if key != "teacher"}
    if given is not None and not isinstance(given, Mapping):
        raise SettingError(f"teacher.settings={shown(given)}: must be null or settings, as {{gain: 2.0}}")
    own = dict(given or {})
    steps = config.get("steps")
    budget = steps if isinstance(steps, int) and not isinstance(steps, bool) else 0
    filled = {"steps": max(1, budget // LESSONS), "judging": budget // JUDGING}
    found = {key: filled[key] if key in filled and value is None else value for key, value in teacher.items()}
    controller = {**_shipped(name, config, directories), **own}
    fitting = followed({**config, "agent": controller}, {*keys, *(f"agent.{key}" for key in own)})["agent"]
    settings = {key: value for key, value in fitting.items() if key != "name"}
    return {**config, "teacher": {**found, "agent": controller["name"], "settings": settings}}


def teacher_of(config: Config, loop: LoopSettings) -> Teacher:
    """The teacher in a configuration that :func:`with_teacher` has made, or that a run has recorded.

    Raises:
        SettingError: a setting is not allowed, or its controller does not fit the environment.
    """
    section = config["teacher"]
    if not isinstance(section, Mapping):
        raise SettingError(f"teacher={shown(section)}: must hold agent, settings and how is taught")
    name, settings = section.get("agent"), section.get("settings")
    if not isinstance(name, str) or name not in CLASSICAL:
        raise _no_teacher(name, [*CLASSICAL])
    controller = record(CLASSICAL[name], settings, "teacher.settings")
    lessons = {key: value for key, value in section.items() if key not in ("agent", "settings")}
    teacher = Teacher(name, controller, record(Lessons, lessons, "teacher"))
    try:
        controller.make(loop, 0)
    except SettingError as error:
        raise SettingError(f"teacher.agent={name}: {error}") from None
    return teacher


def check_teacher(settings: TrainSettings) -> None:
    """Whether the teacher of a training run, where there is one, can teach.

    Raises:
        SettingError: it cannot.
    """
    if settings.teacher is not None:
        objection = settings.teacher.objection(settings.agent, settings.steps, settings.envs)
        if objection:
            raise SettingError(objection)


def _shipped(name: object, config: Config, directories: Sequence[Path]) -> dict[str, Any]:
    """The settings with which a controller would come in this configuration, its ``name`` among them."""
    options = groups(directories)["agent"]
    if not isinstance(name, str) or name not in options or _kind(name, directories) not in CLASSICAL:
        raise _no_teacher(name, [one for one in options if _kind(one, directories) in CLASSICAL])
    found: dict[str, Any] = {}
    for group, option in (("agent", name), *tuned_for(config, name)):
        found |= option_values(group, option, directories)
    return {key.removeprefix("agent."): value for key, value in found.items() if key.startswith("agent.")}


def _kind(option: str, directories: Sequence[Path]) -> object:
    """The name of the controller of an option of agent."""
    return option_values("agent", option, directories).get("agent.name")


def _no_teacher(name: object, options: Sequence[str]) -> SettingError:
    near = nearest(str(name), options)
    hint = f"\nDid you mean {near[0]}?" if near else ""
    return SettingError(
        f"teacher.agent={shown(name)}: must be a controller that does not learn{hint}\n"
        f"There are {listed(options, len(options))}"
    )
