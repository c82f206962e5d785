"""Tables of what was measured."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from rldbs.analysis.metric_definitions import EVERY_METRIC, QUENCHED_ACTIVITY, VERDICTS, shown_metrics
from rldbs.analysis.three_digits import three_digits
from rldbs.core.errors import visible
from rldbs.process.plurals import counted
from rldbs.process.wrapped_tables import GAP, print_table
from rldbs.runs.json_fields import KINDS


def print_metrics(console: Console, metrics: Mapping[str, Any], run: Path, picture: Path | None) -> None:
    """Show metrics.json as a table, then where the run and the picture, if there is one, are."""
    kinds = [kind for kind in KINDS if kind in metrics]
    populations = counted(metrics["episodes"], "unseen population")
    title = f"{metrics['agent']} on {metrics['model']}: {populations}"
    rows = [
        [EVERY_METRIC[key].label, *(_cell(key, metrics[kind][key]) for kind in kinds)]
        for key in shown_metrics(metrics[kinds[0]])
        if key != "relapse_time" or metrics.get("protocol", {}).get("relaxed") != 0
    ]
    caption = "interquartile mean [95 % interval]"
    if len(kinds) > 1 and _natural(rows) <= console.width:
        print_table(console, title, ["", *kinds], rows, caption=caption)
    else:
        for k, kind in enumerate(kinds, 1):  # one below the other: a row without its name says nothing
            told = f"{title}, {kind}" if len(kinds) > 1 else title
            print_table(console, told, ["", ""], [[row[0], row[k]] for row in rows], caption=caption)
    for kind in kinds:
        if is_quenched(metrics[kind]):
            words = f" ({kind}): activity below {QUENCHED_ACTIVITY:g}; the neurons are silenced, not desynchronised"
            console.print(Text.assemble(("quenched", "bold red"), words))
    for kind, found in metrics.get("verdict", {}).items():
        if found in VERDICTS:
            style = "bold green" if found == "suppressed" else "bold red"
            console.print(Text.assemble((found, style), f" ({kind}): {VERDICTS[found]}"))
    console.print(f"run      {visible(str(run))}", soft_wrap=True, highlight=False, markup=False)
    if picture is not None:
        console.print(f"picture  {visible(str(picture))}", soft_wrap=True, highlight=False, markup=False)


def _natural(rows: Sequence[Sequence[str]]) -> int:
    """Characters of the longest line of a table that breaks no cell."""
    return sum(max(map(len, column)) + GAP for column in zip(*rows, strict=True)) - GAP


def print_curve(console: Console, key: str, curve: Mapping[str, Any], floors: bool, sought: str) -> None:
    """Show one curve of curve.json as a table of what is sought, with its floor; points without numbers have dashes."""
    label = EVERY_METRIC[sought].label
    columns = [key.rpartition(".")[2], label, "activity", "mean |kick|", *(["floor"] if floors else [])]
    rows = [[str(point["value"]), *_curve_cells(point, floors, sought)] for point in curve["points"]]
    print_table(console, curve["label"], columns, rows)


def print_stress(console: Console, stress: Mapping[str, Any], sought: str) -> None:
    """Show what is sought under one stress of curve.json: a row for each controller, a column for each value."""
    rows = [[one["label"], *(_stress_cell(point, sought) for point in one["points"])] for one in stress["curves"]]
    heads = [EVERY_METRIC[sought].label, *map(str, stress["values"])]
    print_table(console, f"{stress['name']}  {stress['axis']}", heads, rows)


def _stress_cell(point: Mapping[str, Any], sought: str) -> str:
    if "error" in point:
        return "diverged"
    if "deterministic" not in point:
        return "–"
    kind = point["deterministic"]
    return _or_missing(sought, kind[sought]) + (" quenched" if is_quenched(kind) else "")


def _curve_cells(point: Mapping[str, Any], floors: bool, sought: str) -> list[str]:
    if "error" in point:
        return ["–"] * (4 if floors else 3)
    kind = point["deterministic"]
    cells = [_cell(sought, kind[sought]), *(short(kind[key]) for key in ("activity", "mean_abs_kick"))]
    cells[1] += " quenched" if is_quenched(kind) else ""
    return [*cells, short(kind["floor"])] if floors else cells


def result(metrics: Mapping[str, Any]) -> str:
    """What a measurement has come to, in a few words; ``metrics`` is empty where it cannot be read."""
    if not metrics:
        return "its metrics.json cannot be read"
    kind = metrics[KINDS[0]]
    if "error_index" in kind:
        return f"EI {short(kind['error_index'])}  rms kick {short(kind['rms_kick'])}"
    if "burst_time" in kind:
        return f"burst time {short(kind['burst_time'])}  rms kick {short(kind['rms_kick'])}"
    if "relapsed" in kind:
        lasting = f"charge to last {short(kind['charge_to_last'])}" if kind["charge_to_last"]["iqm"] else "relapses"
        return f"{lasting}  χ at the end {short(kind['synchrony_after'])}  charge {short(kind['charge'])}"
    order = f"R {short(kind['order'])}  " if "order" in kind else ""
    return f"{order}S {short(kind['suppression'])}  mean |kick| {short(kind['mean_abs_kick'])}"


def short(value: Mapping[str, Any]) -> str:
    """The interquartile mean of a metric."""
    return "undefined" if value["iqm"] is None else three_digits(value["iqm"])


def is_quenched(kind: Mapping[str, Any]) -> bool:
    """Whether a controller's neurons no longer fire."""
    activity = kind["activity"]["iqm"]
    return activity is not None and activity < QUENCHED_ACTIVITY


def _or_missing(key: str, value: Mapping[str, Any]) -> str:
    """The same, or that there is none."""
    return EVERY_METRIC[key].missing if value["iqm"] is None else three_digits(value["iqm"])


def _cell(key: str, value: Mapping[str, Any]) -> str:
    without = EVERY_METRIC[key].missing
    if value["iqm"] is None:
        return without
    low, high = value["ci95"]
    text = three_digits(value["iqm"])
    if low is not None:
        text += f" [{three_digits(low)}, {three_digits(high)}]"
    return f"{text} ({value['missing']} {without})" if value.get("missing") else text
