"""What may be compared with what: measurements of one task make a table, those that differ by their seed only, a row.

A task is all that decides the environment and the measurement. What a controller brings along is its own affair: how it
learns, its reward, how much of the recorded series it looks at.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rldbs.agents.settings import LEARNERS
from rldbs.compare.measurement import TASK, Measured
from rldbs.runs.labels import NAMES

OWN = (
    "model.set_point",
    "stimulus.amplitude",
    "stimulus.levels",
    "recording.length",
    "recording.stride",
    "recording.centered",
    "start.populations",
    "start.snapshots",
)
"""What is in the sections of a task, but matters to the controller only."""
DRAWN = ("seed", "start.seed", "threads", "name", "json", "animation", *NAMES)
"""What is drawn anew, or changes no result."""
ASIDE = ("tune", "space", "overrides", "tracker")
"""Sections that say how was searched, not what was found; and who else was told."""
LEARNING = ("episode", "checkpoints", "steps", "envs", "teacher", "checkpoint")
"""Sections that say how is learned: nothing to a controller that does not."""
POPULATIONS = "populations"
"""The key of a task for the populations themselves."""

Settings = Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """Measurements that differ by their seed only."""

    label: str
    """The agent, and the settings that tell it from the others in its table."""
    agent: str
    differs: Settings
    """All settings in which it differs from others with its agent in its table."""
    measured: tuple[Measured, ...]
    """One for every seed."""


@dataclass(frozen=True)
class Task:
    """Measurements that may be compared."""

    title: str
    """The model, the stimulus, and the settings that tell it from the other tasks."""
    settings: Settings
    groups: tuple[Group, ...]


def group(measured: Iterable[Measured]) -> tuple[list[Task], list[tuple[str, str]]]:
    """The tasks, and measurements that are there twice, each with the reason why it does not count."""
    tasks: dict[Hashable, list[Measured]] = {}
    for one in measured:
        tasks.setdefault(tuple(sorted(_task(one).items())), []).append(one)
    left_out: list[tuple[str, str]] = []
    made = []
    settings = [dict(_task(members[0])) for members in tasks.values()]
    titles = _titles(settings)
    for title, task, members in zip(titles, settings, tasks.values(), strict=True):
        made.append(Task(title, task, tuple(_groups(members, left_out))))
    return sorted(made, key=lambda task: (task.settings["model.name"], task.settings["stimulus.name"])), left_out


def _task(one: Measured) -> dict[str, str]:
    inside = {key: text for key, text in one.settings.items() if _of_task(key)}
    return {**inside, POPULATIONS: one.populations}


def _of_task(key: str) -> bool:
    return key.partition(".")[0] in TASK and key not in OWN and key not in DRAWN


def _own(one: Measured) -> dict[str, str]:
    """What a controller brings along. The run it was measured from counts for a learner only."""
    own = {
        key: text
        for key, text in one.settings.items()
        if not _of_task(key) and key not in DRAWN and key.partition(".")[0] not in ASIDE
    }
    if own.get("run") == "null" or one.course is not None:
        own.pop("run", None)
    if own.get("agent.name") not in LEARNERS:
        own = {key: text for key, text in own.items() if key.partition(".")[0] not in LEARNING}
    return own


def _groups(members: Sequence[Measured], left_out: list[tuple[str, str]]) -> list[Group]:
    rows: dict[Hashable, list[Measured]] = {}
    for one in members:
        rows.setdefault(tuple(sorted(_own(one).items())), []).append(one)
    pooled = [tuple(_once(row, left_out)) for row in rows.values()]
    groups = []
    agents = [row[0].settings["agent.name"] for row in pooled]
    for agent in dict.fromkeys(agents):
        same = [row for row, name in zip(pooled, agents, strict=True) if name == agent]
        owns = [_own(row[0]) for row in same]
        differ = _differing(owns)
        telling = _telling(owns, differ)
        for row, own in zip(same, owns, strict=True):
            parts = [f"{_short(key, telling)}={_value(own.get(key))}" for key in telling]
            groups.append(Group(" ".join([agent, *parts]), agent, {key: _value(own.get(key)) for key in differ}, row))
    return groups


def _once(row: Sequence[Measured], left_out: list[tuple[str, str]]) -> list[Measured]:
    """Every seed once, the newest; and no untrained controller twice under two seeds.

    Two trainings may well end with the same numbers: where both have learned nothing.
    """
    kept: list[Measured] = []
    for one in sorted(row, key=lambda one: one.began, reverse=True):
        other = next((other for other in kept if other.seed == one.seed or _equal(other, one)), None)
        if other is None:
            kept.append(one)
        else:
            same = "has the same numbers as" if _equal(other, one) else f"has the same settings and seed {one.seed} as"
            left_out.append((one.name, f"{same} {other.name}, which is newer"))
    return sorted(kept, key=lambda one: one.seed)


def _equal(one: Measured, other: Measured) -> bool:
    if one.course is not None and other.course is not None:
        return False
    a, b = (measured.scores["deterministic"]["suppression"] for measured in (one, other))
    return bool(np.array_equal(a, b, equal_nan=True) and np.isfinite(a).any())


def _titles(tasks: Sequence[Settings]) -> list[str]:
    """The model and the stimulus of every task, and in what it differs from others with the same two."""
    titles = []
    for task in tasks:
        alike = [other for other in tasks if _heading(other) == _heading(task)]
        differ = sorted((key for key in _differing(alike) if key in task and key != POPULATIONS), key=_section)
        if sum(all(other.get(key) == task[key] for key in differ) for other in alike) > 1:
            differ.append(POPULATIONS)
        titles.append(" · ".join([*_heading(task), *(f"{_short(key, differ)}={task[key]}" for key in differ)]))
    return titles


def _section(key: str) -> int:
    return TASK.index(key.partition(".")[0])


def _heading(task: Settings) -> tuple[str, str]:
    return task["model.name"], task["stimulus.name"]


def _differing(several: Sequence[Settings]) -> list[str]:
    """The keys that do not have the same value everywhere."""
    keys = dict.fromkeys(key for one in several for key in one)
    return [key for key in keys if len({one.get(key) for one in several}) > 1]


def _telling(several: Sequence[Settings], differ: Sequence[str]) -> list[str]:
    """Few of the keys that tell all apart: again and again the one that parts most, of equal ones the agent's first."""
    order = sorted(differ, key=lambda key: not key.startswith("agent."))
    chosen: list[str] = []

    def parts(keys: Sequence[str]) -> int:
        return len({tuple(one.get(key) for key in keys) for one in several})

    while parts(chosen) < len(several):
        chosen.append(max(order, key=lambda key: parts([*chosen, key])))
    return chosen


def _short(key: str, among: Sequence[str]) -> str:
    """The last part of a key, where that is no other one's; of the name of an option, its group."""
    section, _, leaf = key.rpartition(".")
    if leaf == "name" and section:
        return section
    return leaf if sum(other.rpartition(".")[2] == leaf for other in among) == 1 else key


def _value(text: str | None) -> str:
    return "–" if text is None else text
