"""Response curves: the same measurement over and over, with one setting varied."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress, TimeRemainingColumn

from rldbs.analysis.plots.response_curves import Curve, curve_picture
from rldbs.analysis.tradeoff import SUPPRESSION, tradeoff_of
from rldbs.core.errors import DivergedError
from rldbs.curves.curve_content import CURVES_FILE, Entry, by_name, fill, is_measured
from rldbs.curves.curve_folder import curves_folder
from rldbs.experiment.command_settings import CurveSettings, Point
from rldbs.experiment.evaluate import Measurement, check_measurement, measured, write_film, write_measurement
from rldbs.experiment.metric_tables import print_curve
from rldbs.experiment.optional_picture import Say, drawn, warner
from rldbs.files.folder import Folder
from rldbs.files.user_file import Target
from rldbs.process.console import Words, screen
from rldbs.process.plurals import counted
from rldbs.runs.record import write_json


def check_curves(points: Sequence[Point]) -> None:
    """See, without measuring, whether every point can be measured.

    Raises:
        RunError: a run has no such checkpoint, it is damaged, or it does not fit the settings.
    """
    for point in points:
        check_measurement(point.settings, point.run)


def measure_curves(
    settings: CurveSettings, folder: Path | Folder, json_file: Target | None = None, console: Console | None = None
) -> dict[str, Any]:
    """Measure every point that is not measured yet, draw S against the key, show the tables.

    Args:
        settings: all that decides the curves.
        folder: where everything is written; it exists and is empty, or has some of these points: those stay.
        json_file: where the numbers are also written.
        console: where the tables are shown.

    Returns:
        What curve.json holds.

    Raises:
        DivergedError: points are missing because a population went out of bounds; all others are measured,
            written and shown.
        RunError: there are other curves in the folder, or another process works on it.
        Stopped: a signal came; points that are done are kept.
    """
    console, folder = console or screen(), Folder.of(folder)
    first = settings.points[0].settings
    facts = {"command": "evaluate", "model": first.loop.model.name, "agent": first.agent_name, "seed": first.seed}
    with curves_folder(folder, settings, {**facts, "curve": settings.key}) as (meta, content):
        folder, named = meta.folder, by_name(content)
        with point_progress(console, [f"{settings.key}={point.value}" for point in settings.points]) as shows:
            for k, point in enumerate(settings.points):
                entry = named[point.folder]
                if is_measured(entry):
                    continue
                measurement = measure_point(point, entry, shows(k))
                if measurement is not None:
                    _write(point, measurement, folder, warner(console))
                    fill(entry, point, scores_of(measurement))
                write_json(folder.file(CURVES_FILE), content)
        _show(content, settings.floor, folder, json_file, console)
        missing = [entry for entry in named.values() if "error" in entry]
        if missing:
            lines = [f"{entry['folder']}: {entry['error']}" for entry in missing]
            raise DivergedError("\n".join([*lines, f"{len(missing)} of {len(settings.points)} measurements failed"]))
    return content


def measure_point(
    point: Point, entry: Entry, progress: Callable[[float], None], stochastic: bool = True
) -> Measurement | None:
    """Measure one point; None where a population went out of bounds, which its entry of curve.json then says."""
    try:
        return measured(point.settings, point.run, progress, stochastic)
    except DivergedError as error:
        entry["error"] = str(error)
        return None


def scores_of(measurement: Measurement) -> Mapping[str, Any]:
    """What curve.json says of a measurement."""
    return {kind: measurement.metrics[kind] for kind in measurement.trajectories}


def _write(point: Point, measurement: Measurement, folder: Folder, say: Say) -> None:
    """Write a point's own folder."""
    with folder.whole_folder(point.folder) as measured_in:
        write_measurement(measurement, point.settings, measured_in, say)
    if point.settings.animation:
        for line in write_film(measurement, point.settings, folder / point.folder):
            if line.startswith("warning"):
                say(line)


def _show(content: Mapping[str, Any], floor: bool, folder: Folder, json_file: Target | None, console: Console) -> None:
    """The picture and the tables."""
    sought = sought_in(content["curves"])
    floor = floor and sought == SUPPRESSION.aim
    values = list(dict.fromkeys(point["value"] for curve in content["curves"] for point in curve["points"]))
    curves = [as_curve(curve, floor, sought, values) for curve in content["curves"]]
    first = content["curves"][0]
    models = ", ".join(dict.fromkeys(curve["model"] for curve in content["curves"]))
    picture = folder.file("curve.png")
    what = "curves" if any(len(curve["points"]) > 1 for curve in content["curves"]) else "controllers"
    title = f"{first['agent']} on {first['model']}" if len(curves) == 1 else f"{len(curves)} {what} on {models}"
    populations = counted(content["episodes"], "unseen population")
    subtitle = f"deterministic policy · {populations} · interquartile mean, 95 % interval"
    if json_file is not None:
        write_json(json_file, content)
    there = drawn(
        picture,
        lambda: curve_picture(curves, values, content["key"], picture, title, subtitle, sought),
        warner(console),
    )
    for curve in _tables(content["curves"], title):
        print_curve(console, content["key"], curve, floor, sought)
    console.print("deterministic policy, interquartile mean [95 % interval]", highlight=False)
    console.print(f"curves   {folder}", soft_wrap=True, highlight=False, markup=False)
    if there:
        console.print(f"picture  {picture}", soft_wrap=True, highlight=False, markup=False)


def _tables(curves: Sequence[Mapping[str, Any]], title: str) -> Sequence[Mapping[str, Any]]:
    """What has a table of its own: each curve; curves of one point each, as controllers are, have one together."""
    if len(curves) > 1 and all(len(curve["points"]) == 1 for curve in curves):
        return [{"label": title, "points": [point for curve in curves for point in curve["points"]]}]
    return curves


def sought_in(curves: Sequence[Mapping[str, Any]]) -> str:
    """The metric that is sought of all that curves of curve.json hold."""
    points = [entry for one in curves for entry in one["points"]]
    return tradeoff_of([entry["deterministic"] for entry in points if "deterministic" in entry]).aim


def as_curve(
    content: Mapping[str, Any], floor: bool, sought: str, values: Sequence[int | float | str] | None = None
) -> Curve:
    """A curve of curve.json as numbers of what is sought, a metric, with its floor or without.

    Of ``values`` it has a point for each, unknown where the curve has none; without, for each of its own.
    """
    points: Sequence[Entry] = content["points"]
    if values is not None:
        known = {entry["value"]: entry for entry in points}
        points = [known.get(value, {"value": value}) for value in values]
    return Curve(
        label=content["label"],
        aim=np.array([_interval(entry, sought) for entry in points]),
        activity=np.array([_interval(entry, "activity") for entry in points]),
        floor=np.array([_interval(entry, "floor")[0] for entry in points]) if floor else None,
        diverged=np.array(["error" in entry for entry in points]),
    )


def _interval(entry: Entry, key: str) -> tuple[float, float, float]:
    """Interquartile mean and 95 % interval; NaN where there is none."""
    value = entry.get("deterministic", {}).get(key, {"iqm": None, "ci95": [None, None]})
    middle, low, high = (np.nan if number is None else number for number in (value["iqm"], *value["ci95"]))
    return middle, low, high


@contextmanager
def point_progress(console: Console, points: Sequence[str]) -> Iterator[Callable[[int], Callable[[float], None]]]:
    """A line on a terminal that shows which of the points is measured, and how far it all is."""
    with Progress(
        Words("{task.description}"),
        *Progress.get_default_columns()[1:-1],
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("", total=len(points))

        def shows(k: int) -> Callable[[float], None]:
            progress.update(task, completed=k, description=f"{k + 1} of {len(points)}: {points[k]}")
            return lambda done: progress.update(task, completed=k + done)

        yield shows
