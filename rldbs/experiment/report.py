"""Tables of what was measured."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from rldbs.analysis.definitions import METRICS, QUENCHED_ACTIVITY
from rldbs.core.errors import visible
from rldbs.experiment.facts import KINDS


def print_metrics(console: Console, metrics: Mapping[str, Any], run: Path, picture: Path | None) -> None:
    """Show metrics.json as a table, then where the run and the picture, if there is one, are."""
    kinds = [kind for kind in KINDS if kind in metrics]
    title = f"{metrics['agent']} on {metrics['model']}: {metrics['episodes']} unseen populations"
    table = _metrics_table(metrics, kinds, title)
    if len(kinds) > 1 and Measurement.get(console, console.options.update(width=1000), table).maximum > console.width:
        for kind in kinds:  # one below the other: a row without its name says nothing
            console.print(_metrics_table(metrics, [kind], f"{title}, {kind}"))
    else:
        console.print(table)
    for kind in kinds:
        if is_quenched(metrics[kind]):
            words = f" ({kind}): activity below {QUENCHED_ACTIVITY:g}; the neurons are silenced, not desynchronised"
            console.print(Text.assemble(("quenched", "bold red"), words))
    console.print(f"run      {visible(str(run))}", soft_wrap=True, highlight=False, markup=False)
    if picture is not None:
        console.print(f"picture  {visible(str(picture))}", soft_wrap=True, highlight=False, markup=False)


def _metrics_table(metrics: Mapping[str, Any], kinds: Sequence[str], title: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        caption="interquartile mean [95 % interval]",
        caption_justify="left",
    )
    table.add_column("", no_wrap=True)
    for kind in kinds:
        table.add_column(kind if len(kinds) > 1 else "", justify="right", overflow="fold")
    for key, metric in METRICS.items():
        if key != "relapse_time" or metrics.get("protocol", {}).get("relaxed") != 0:
            table.add_row(metric.label, *(_cell(key, metrics[kind][key]) for kind in kinds))
    return table


def print_curve(console: Console, key: str, curve: Mapping[str, Any], floors: bool) -> None:
    """Show one curve of curve.json as a table, with the floor; a point that could not be measured has dashes."""
    points = curve["points"]
    table = Table(title=Text(curve["label"], "bold"), title_justify="left", box=None, padding=(0, 1, 0, 0))
    table.add_column(key.rpartition(".")[2], overflow="fold")
    for heading in ("S", "activity", "mean |kick|", *(["floor"] if floors else [])):
        table.add_column(heading, justify="right", overflow="fold")
    for point in points:
        table.add_row(Text(str(point["value"])), *_curve_cells(point, floors))
    console.print(table)


def print_stress(console: Console, stress: Mapping[str, Any]) -> None:
    """Show S under one stress of curve.json: a row for each controller, a column for each value."""
    console.print(Text.assemble((stress["name"], "bold"), f"  {stress['axis']}"))
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("S", overflow="fold")
    for value in stress["values"]:
        table.add_column(str(value), justify="right", overflow="fold")
    for curve in stress["curves"]:
        table.add_row(Text(curve["label"]), *map(_stress_cell, curve["points"]))
    console.print(table)


def _stress_cell(point: Mapping[str, Any]) -> str:
    if "error" in point:
        return "diverged"
    if "deterministic" not in point:
        return "–"
    kind = point["deterministic"]
    return short(kind["suppression"]) + (" quenched" if is_quenched(kind) else "")


def _curve_cells(point: Mapping[str, Any], floors: bool) -> list[str]:
    if "error" in point:
        return ["–"] * (4 if floors else 3)
    kind = point["deterministic"]
    cells = [_cell("suppression", kind["suppression"]), *(short(kind[key]) for key in ("activity", "mean_abs_kick"))]
    cells[1] += " quenched" if is_quenched(kind) else ""
    return [*cells, short(kind["floor"])] if floors else cells


def result(metrics: Mapping[str, Any]) -> str:
    """What a measurement has come to, in a few words; ``metrics`` is empty where it cannot be read."""
    if not metrics:
        return "its metrics.json cannot be read"
    kind = metrics[KINDS[0]]
    return f"S {short(kind['suppression'])}  mean |kick| {short(kind['mean_abs_kick'])}"


def short(value: Mapping[str, Any]) -> str:
    """The interquartile mean of a metric."""
    return "undefined" if value["iqm"] is None else number(value["iqm"])


def is_quenched(kind: Mapping[str, Any]) -> bool:
    """Whether a controller's neurons no longer fire."""
    activity = kind["activity"]["iqm"]
    return activity is not None and activity < QUENCHED_ACTIVITY


def _cell(key: str, value: Mapping[str, Any]) -> str:
    without = METRICS[key].missing
    if value["iqm"] is None:
        return without
    low, high = value["ci95"]
    text = number(value["iqm"]) if low is None else f"{number(value['iqm'])} [{number(low)}, {number(high)}]"
    return f"{text} ({value['missing']} {without})" if value.get("missing") else text


def number(value: float) -> str:
    """A number with three digits."""
    size = abs(value)
    if size != 0 and size < 1e-3:
        return f"{value:.2e}".replace("e-0", "e-")
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
