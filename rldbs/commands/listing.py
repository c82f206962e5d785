"""``rldbs list``: what there is to choose from, and the runs."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from rldbs.commands.offered_words import OF_RUNS
from rldbs.config.groups import command_groups, groups, keys, leaves
from rldbs.config.settings_files import source
from rldbs.core.errors import SettingError
from rldbs.process.terminal import show, show_table
from rldbs.runs.clock import instant
from rldbs.runs.find import Run, list_runs
from rldbs.runs.labels import recorded_labels
from rldbs.runs.places import ROOT, SWEEPS
from rldbs.sweep.find_sweep import list_sweeps
from rldbs.sweep.sweep_folder import Sweep

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
        raise SettingError(f"{words[0]}: narrows nothing in rldbs list {what}; {', '.join(NARROWED)} can be narrowed")
    elif what is None:
        for kind in LISTS:
            if kind not in ("metrics", "keys", "doses", "tuned", "spaces", "runs", "sweeps"):
                LISTS[kind]()
        _runs(most=OVERVIEW_RUNS)
        show("More: rldbs list WHAT: keys, metrics, doses, tuned, spaces, runs, sweeps")
    elif what in LISTS:
        LISTS[what]()
    else:
        near = get_close_matches(what, LISTS, n=1)
        hint = f"\nDid you mean {near[0]}?" if near else ""
        raise SettingError(f"list {what}: there is no such list{hint}\nThere are {', '.join(LISTS)}")


def _models() -> None:
    from rldbs.core.models import MODELS, OSCILLATORS

    rows = []
    for option in groups()["model"]:
        values = {key: found.default for key, found in keys("simulate", {"model": option}).items()}
        model = {**MODELS, **OSCILLATORS}.get(str(values.get("model.name")))
        numbers = [f"{values[f'model.{key}']:g}" for key in ("coupling", "dt", "period")]
        rows.append([option, model.title if model else "", *numbers, model.paper if model else ""])
    show_table("model=", ("name", "neurons", "coupling", "dt", "period (steps)", "paper"), rows)


def _stimuli() -> None:
    from rldbs.control.stimulus import STIMULI

    _options("stimulus", STIMULI)


def _recordings() -> None:
    from rldbs.control.recording import RECORDINGS

    _options("recording", RECORDINGS)


def _rewards() -> None:
    from rldbs.control.reward import REWARDS

    _options("reward", REWARDS)


def _couplings() -> None:
    from rldbs.control.coupling import COUPLINGS

    _options("coupling", COUPLINGS)


def _changes() -> None:
    from rldbs.control.electrode_drift import ELECTRODE_DRIFTS
    from rldbs.control.encapsulation import ENCAPSULATIONS
    from rldbs.control.plasticity import PLASTICITIES

    _options("electrode_drift", ELECTRODE_DRIFTS)
    _options("encapsulation", ENCAPSULATIONS)
    _options("plasticity", PLASTICITIES)


def _agents() -> None:
    from rldbs.agents.settings import AGENTS

    _options("agent", AGENTS)


def _starts() -> None:
    from rldbs.config.schema import STARTS

    _options("start", STARTS)


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
        for section, where in (("space", ""), ("oscillators", "oscillators")):
            found = {key: text for key, text in ranges.items() if key.startswith(f"{section}.")}
            rows += [[option, key.removeprefix(f"{section}."), where, str(text)] for key, text in found.items()]
    show_table("rldbs tune agent=", ("name", "key", "of", "range"), rows)


def _experiments() -> None:
    _options("experiment", {})


def _options(group: str, registry: Mapping[str, type]) -> None:
    """A group's options: the first line of the class's docstring, or else of the file, and the settings."""
    rows = []
    for option in groups()[group]:
        file = source(f"{group}/{option}")
        values = file.values if file else {}
        chosen = registry.get(str(values.get("name")))
        line = (
            (chosen.__doc__ or "").strip().splitlines()[0].replace("``", "") if chosen else file.title if file else ""
        )
        settings = ", ".join(name for name in values if name != "name") if registry else ""
        rows.append([option, line, settings])
    show_table(f"{group}=", ("name", "", "settings" if any(row[2] for row in rows) else ""), rows)


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
    from rldbs.analysis.metric_definitions import METRICS, OSCILLATOR_METRICS

    for title, metrics in (("metrics.json", METRICS), ("and of phase oscillators", OSCILLATOR_METRICS)):
        show_table(title, ("key", "", "unit"), [[key, one.definition, one.unit] for key, one in metrics.items()])


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


def _runs(words: Sequence[str] = (), most: int | None = None) -> None:
    wanted = [_wanted(word) for word in words]
    runs = [run for run in list_runs() if all(_fits(run, key, value) for key, value in wanted)][:most]
    rows = [_run_row(run) for run in runs]
    columns = ["run", "status", "steps", "S of the best", "age"]
    written = [recorded_labels(run.meta) for run in runs]
    for name, texts in (("tags", [" ".join(one.tags) for one in written]), ("note", [one.note for one in written])):
        if any(texts):
            columns.append(name)
            rows = [[*row, text] for row, text in zip(rows, texts, strict=True)]
    if rows:
        show_table(" ".join(["runs", *words]), columns, rows)
    elif words:
        show(f"runs {' '.join(words)}: none under {ROOT}/")
    else:
        more = "; those of sweeps: rldbs list sweeps" if SWEEPS.is_dir() else ""
        show(f"runs: none yet under {ROOT}/{more}")


def _wanted(word: str) -> tuple[str, str]:
    """What a word asks of a run: a key of :data:`OF_RUNS`, and its value."""
    key, equals, value = word.partition("=")
    if not equals or key not in OF_RUNS:
        raise SettingError(f"{word}: runs are narrowed by {', '.join(f'{name}=' for name in OF_RUNS)}")
    return key, value


def _fits(run: Run, key: str, value: str) -> bool:
    if key == "tag":
        return value in recorded_labels(run.meta).tags
    return value == (run.status if key == "status" else run.meta.get(key))


def _sweeps(most: int | None = None) -> None:
    rows = [_sweep_row(sweep) for sweep in list_sweeps()[:most]]
    if rows:
        show_table("sweeps", ("sweep", "varies", "done", "running", "failed", "waiting", "age"), rows)
    else:
        show(f"sweeps: none yet under {SWEEPS}/; start one with: rldbs train -m seed=0,1,2")


def _sweep_row(sweep: Sweep) -> list[str]:
    states = Counter(sweep.status(job) for job in sweep.jobs)
    waiting = states["waiting"] + states["interrupted"]
    counts = [
        f"{states['done']} of {len(sweep.jobs)}",
        *(str(n) for n in (states["running"], states["failed"], waiting)),
    ]
    return [sweep.short, ", ".join(sweep.keys), *counts, _age(instant(sweep.started))]


def _run_row(run: Run) -> list[str]:
    steps, done = run.meta.get("steps"), run.meta.get("steps_done")
    progress = f"{done:,} / {steps:,}" if isinstance(done, int) and isinstance(steps, int) else ""
    if isinstance(done, int) and isinstance(steps, int) and done >= steps and run.status in ("interrupted", "failed"):
        progress = f"{done:,}, not measured yet"
    trials, tried = run.meta.get("trials"), run.meta.get("trials_done")
    if isinstance(trials, int) and isinstance(tried, int):
        progress = f"{tried:,} / {trials:,} trials"
    suppression = "" if run.suppression is None else f"{run.suppression:.1f}"
    if not suppression and run.suppression_so_far is not None:
        suppression = f"{run.suppression_so_far:.1f} so far"
    return [run.name, run.status, progress, suppression, _age(instant(run.meta.get("started")))]


def _age(began: float | None) -> str:
    if began is None:
        return ""
    seconds = time.time() - began
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


LISTS: Mapping[str, Callable[[], None]] = {
    "models": _models,
    "stimuli": _stimuli,
    "recordings": _recordings,
    "rewards": _rewards,
    "couplings": _couplings,
    "changes": _changes,
    "agents": _agents,
    "starts": _starts,
    "doses": _doses,
    "tuned": _tuned,
    "spaces": _spaces,
    "experiments": _experiments,
    "zoo": _zoo,
    "stresses": _stresses,
    "metrics": _metrics,
    "keys": _keys,
    "runs": _runs,
    "sweeps": _sweeps,
}
"""What can be listed."""
NARROWED: Mapping[str, Callable[[Sequence[str]], None]] = {"keys": _keys, "runs": _runs}
"""Lists of which words choose a part."""
