"""Stress tests: response curves of all controllers under every stress, in one picture and a table each."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from rldbs.analysis.plots.stress_panels import Panel, panels_picture
from rldbs.analysis.tradeoff import SUPPRESSION
from rldbs.curves.curve import as_curve, measure_point, point_progress, scores_of, sought_in
from rldbs.curves.curve_content import CURVES_FILE, by_name, fill, is_measured
from rldbs.curves.curve_folder import curves_folder
from rldbs.experiment.command_settings import Point, StressSettings
from rldbs.experiment.metric_tables import print_stress
from rldbs.experiment.optional_picture import drawn, warner
from rldbs.files.folder import Folder
from rldbs.files.user_file import Target
from rldbs.process.console import screen
from rldbs.process.plurals import counted
from rldbs.runs.record import write_json


def measure_stresses(
    settings: StressSettings, folder: Path | Folder, json_file: Target | None = None, console: Console | None = None
) -> dict[str, Any]:
    """Measure every point that is not measured yet, draw a panel for each stress, show the tables.

    Only the deterministic policy is measured.

    A population that goes out of bounds under a stress is a result: it is marked. There are many points: all that is
    written of one is what curve.json says of it.

    Args:
        settings: all that decides the test.
        folder: where everything is written; it exists and is empty, or has some of these points: those stay.
        json_file: where the numbers are also written.
        console: where the tables are shown.

    Returns:
        What curve.json holds.

    Raises:
        RunError: there is another test in the folder, or another process works on it.
        Stopped: a signal came; points that are done are kept.
    """
    console, folder, points = console or screen(), Folder.of(folder), settings.points
    first, names = points[0].settings, [panel.name for panel in settings.panels]
    facts = {"command": "evaluate", "model": first.loop.model.name, "agent": first.agent_name, "seed": first.seed}
    with curves_folder(folder, settings, {**facts, "stress": names}) as (meta, content):
        folder, named = meta.folder, by_name(content)
        done = [point for point in points if is_measured(named[point.folder])]
        with point_progress(console, [point.folder for point in points]) as shows:
            for k, point in enumerate(points):
                entry = named[point.folder]
                if is_measured(entry):
                    continue
                twin = next((named[before.folder] for before in done if _same(before, point)), None)
                if twin is None:
                    measurement = measure_point(point, entry, shows(k), stochastic=False)
                    if measurement is not None:
                        fill(entry, point, scores_of(measurement))
                    done.append(point)
                else:
                    entry |= {key: value for key, value in twin.items() if key not in ("value", "config")}
                write_json(folder.file(CURVES_FILE), content)
        _show(content, settings, folder, json_file, console)
    return content


def _same(one: Point, other: Point) -> bool:
    """Whether two points are the same measurement: nothing but what they are called is different."""
    return one.line == other.line and replace(one.settings, config={}) == replace(other.settings, config={})


def _show(
    content: Mapping[str, Any], settings: StressSettings, folder: Folder, json_file: Target | None, console: Console
) -> None:
    """The picture and the tables."""
    if json_file is not None:
        write_json(json_file, content)
    sought = sought_in([curve for entry in content["stresses"] for curve in entry["curves"]])
    floors = sought == SUPPRESSION.aim
    panels = [
        Panel(
            panel.name,
            panel.axis,
            panel.values,
            [as_curve(curve, panel.floor and floors, sought) for curve in entry["curves"]],
        )
        for panel, entry in zip(settings.panels, content["stresses"], strict=True)
    ]
    labels = list(dict.fromkeys(curve.label for panel in panels for curve in panel.curves))
    models = ", ".join(dict.fromkeys(p.settings.made_for.model.name for p in settings.points if p.settings.made_for))
    title = f"{labels[0] if len(labels) == 1 else f'{len(labels)} controllers'} on {models} under stress"
    populations = counted(content["episodes"], "unseen population")
    subtitle = f"deterministic policy · {populations} · interquartile mean, 95 % interval"
    picture = folder.file("curve.png")
    there = drawn(picture, lambda: panels_picture(panels, picture, title, subtitle, sought), warner(console))
    for entry in content["stresses"]:
        print_stress(console, entry, sought)
    for line in settings.left_out:
        console.print(f"left out  {line}", style="yellow", soft_wrap=True, highlight=False, markup=False)
    console.print(f"curves   {folder}", soft_wrap=True, highlight=False, markup=False)
    if there:
        console.print(f"picture  {picture}", soft_wrap=True, highlight=False, markup=False)
