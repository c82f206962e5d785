"""``rldbs list``: what there is to choose from, and the runs."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from rldbs.commands.run_lists import show_runs, show_sweeps
from rldbs.config.groups import command_groups, groups, keys, leaves
from rldbs.config.settings_files import Source, plugin_roots, source
from rldbs.core.errors import SettingError
from rldbs.core.plugins import plugin_of
from rldbs.process.terminal import show, show_table

OVERVIEW_RUNS = 5
"""Runs that the overview shows."""


def show_list(what: str | None, words: Sequence[str] = ()) -> None:
    """Show one kind of things, or an overview of all.

    Args:
        what: the kind.
        words: ``KEY=VALUE``, which narrow what is shown.

    Raises:
        SettingError: there is no such kind, or a word narrows nothing.
    """
    if what is not None and what in NARROWED:
        NARROWED[what](words)
    elif words:
        raise SettingError(f"{words[0]}: narrows nothing here; of the lists, {', '.join(NARROWED)} can be narrowed")
    elif what is None:
        for kind in LISTS:
            if kind not in ("metrics", "keys", "doses", "tuned", "spaces", "runs", "sweeps"):
                LISTS[kind]()
        show_runs(most=OVERVIEW_RUNS)
        show("More: rldbs list WHAT: keys, metrics, doses, tuned, spaces, runs, sweeps")
    elif what in LISTS:
        LISTS[what]()
    else:
        near = get_close_matches(what, LISTS, n=1)
        hint = f"\nDid you mean {near[0]}?" if near else ""
        raise SettingError(f"list {what}: there is no such list{hint}\nThere are {', '.join(LISTS)}")


def _models() -> None:
    from rldbs.core.models import EVERY_MODEL

    rows = []
    for option in groups()["model"]:
        values = {key: found.default for key, found in keys("simulate", {"model": option}).items()}
        model = EVERY_MODEL.get(str(values.get("model.name")))
        numbers = [_number(values.get(f"model.{key}")) for key in ("coupling", "dt", "period")]
        rows.append([option, model.title if model else "", *numbers, model.paper if model else ""])
    show_table("model=", ("name", "neurons", "coupling", "dt", "period (steps)", "paper"), rows)


def _stimuli() -> None:
    from rldbs.control.stimuli import STIMULI

    _options("stimulus", STIMULI)


def _recordings() -> None:
    from rldbs.control.recordings import RECORDINGS

    _options("recording", RECORDINGS)


def _rewards() -> None:
    from rldbs.control.reward import REWARDS

    _options("reward", REWARDS)


def _couplings() -> None:
    from rldbs.control.coupling import COUPLINGS

    _options("coupling", COUPLINGS)


def _tissues() -> None:
    from rldbs.core.tissue_shapes import TISSUES

    _options("tissue", TISSUES)
    _options("electrode", {})  # three of them are one class, at other places


def _changes() -> None:
    from rldbs.control.course import COURSES
    from rldbs.control.electrode_drift import ELECTRODE_DRIFTS
    from rldbs.control.encapsulation import ENCAPSULATIONS
    from rldbs.control.plasticity import PLASTICITIES

    _options("course", COURSES)
    _options("electrode_drift", ELECTRODE_DRIFTS)
    _options("encapsulation", ENCAPSULATIONS)
    _options("plasticity", PLASTICITIES)


def _agents() -> None:
    from rldbs.agents.settings import AGENTS

    _options("agent", AGENTS)


def _starts() -> None:
    from rldbs.config.schema import STARTS

    _options("start", STARTS)


def _trackers() -> None:
    from rldbs.config.allowed_values import OPTIONS

    _options("tracker", OPTIONS["tracker"])


def _doses() -> None:
    _options("dose", {})


def _tuned() -> None:
    _options("tuned", {})
    _options("tuned_stimulus", {})


def _spaces() -> None:
    rows = []
    for option in groups()["space"]:
        file = source(f"space/{option}")
        ranges = dict(leaves(file.values)) if file else {}
        for section, where in (("space", ""), ("oscillators", "oscillators"), ("cells", "cells")):
            found = {key: text for key, text in ranges.items() if key.startswith(f"{section}.")}
            rows += [[option, key.removeprefix(f"{section}."), where, str(text)] for key, text in found.items()]
    show_table("rldbs tune agent=", ("name", "key", "of", "range"), rows)


def _experiments() -> None:
    _options("experiment", {})


def _tasks() -> None:
    _options("task", {})


def _options(group: str, registry: Mapping[str, type]) -> None:
    """A group's options: the first line of the class's docstring, or else of the file, and the settings."""
    rows = []
    for option in groups()[group]:
        file = source(f"{group}/{option}")
        values = file.values if file else {}
        try:
            chosen = registry.get(str(values.get("name")))
            line = (chosen.__doc__ or "").strip().partition("\n")[0].replace("``", "") if chosen else ""
        except SettingError as error:
            line = str(error).partition(": ")[2]
        settings = ", ".join(name for name in values if name != "name") if registry else ""
        rows.append([option, line or (file.title if file else ""), settings, _package(group, option, file)])
    heads = ["name", "", "settings" if any(row[2] for row in rows) else "", "from"]
    if not any(row[3] for row in rows):
        heads, rows = heads[:3], [row[:3] for row in rows]
    show_table(f"{group}=", heads, rows)


def _package(group: str, option: str, file: Source | None) -> str:
    """The package, with its version, of an option that is none of ours."""
    plugin = plugin_of(group, option)
    if plugin is not None:
        return plugin.origin
    return (
        "" if file is None else next((o for root, o in plugin_roots().items() if file.place.is_relative_to(root)), "")
    )


def _zoo() -> None:
    from rldbs.runs.zoo import PREFIX, zoo

    rows = [[f"{PREFIX}{name}", (folder / "command.txt").read_text().strip()] for name, folder in zoo().items()]
    show_table("run=", ("trained policy", "made by"), rows)


def _stresses() -> None:
    rows = []
    for option in groups()["stress"]:
        file = source(f"stress/{option}")
        assert file is not None
        values = ", ".join(map(str, file.values["values"]))
        unit = f" × {file.values['unit']}" if file.values["unit"] else ""
        rows.append([option, file.title, file.values["key"], f"{values}{unit}"])
    show_table("evaluate -m stress=", ("name", "", "key", "values"), rows)


def _metrics() -> None:
    from rldbs.analysis.metric_definitions import METRICS, NETWORK_METRICS, OSCILLATOR_METRICS

    others = ("and of phase oscillators", OSCILLATOR_METRICS), ("and of networks of cells", NETWORK_METRICS)
    for title, metrics in (("metrics.json", METRICS), *others):
        show_table(title, ("key", "", "unit"), [[key, one.definition, one.unit] for key, one in metrics.items()])


def _number(value: object) -> str:
    """A setting that not every model has."""
    return f"{value:g}" if isinstance(value, int | float) else ""


def _keys(words: Sequence[str] = ()) -> None:
    from rldbs.config.allowed_values import allowed_values

    if words:
        _check_choices(words)
    found = keys("train", {key: option for key, _, option in (text.partition("=") for text in words)})
    allowed = allowed_values(found)
    rows = [[name, _value(key.default), allowed[name], key.comment] for name, key in found.items()]
    rows = [row for row in rows if not row[0].endswith(".name")]
    rows.sort(key=lambda row: "." in row[0])
    show_table(" ".join(["settings of rldbs train", *words]), ("key", "default", "may be", ""), rows)


def _check_choices(words: Sequence[str]) -> None:
    from rldbs.config.overrides import read_overrides

    known = command_groups("train")
    for override in read_overrides("train", words):
        if override.key_or_group not in known or override.is_sweep_override():
            raise SettingError(f"{override.input_line}: which keys there are depends on single options: model=hr, …")


def _value(default: object) -> str:
    """A default as it stands in its file."""
    if isinstance(default, list):
        return f"[{', '.join(map(_value, default))}]"
    return "null" if default is None else str(default).lower() if isinstance(default, bool) else str(default)


LISTS: Mapping[str, Callable[[], None]] = {
    "models": _models,
    "stimuli": _stimuli,
    "recordings": _recordings,
    "rewards": _rewards,
    "couplings": _couplings,
    "tissues": _tissues,
    "changes": _changes,
    "agents": _agents,
    "starts": _starts,
    "trackers": _trackers,
    "doses": _doses,
    "tuned": _tuned,
    "spaces": _spaces,
    "experiments": _experiments,
    "tasks": _tasks,
    "zoo": _zoo,
    "stresses": _stresses,
    "metrics": _metrics,
    "keys": _keys,
    "runs": show_runs,
    "sweeps": show_sweeps,
}
"""What can be listed."""
NARROWED: Mapping[str, Callable[[Sequence[str]], None]] = {"keys": _keys, "runs": show_runs}
"""Lists of which words choose a part."""
