"""What the files of response curves, and of stress tests, hold: curve.json before and after, and config.yaml."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rldbs.experiment.command_settings import CurveSettings, Point, StressPanel, StressSettings

SCHEMA = 1
CURVES_FILE = "curve.json"
MADE_FOR = "made_for"
"""Under what config.yaml of a stress test has the unstressed settings of every controller."""

Entry = dict[str, Any]


def content_of(settings: CurveSettings | StressSettings) -> dict[str, Any]:
    """What curve.json holds before anything is measured."""
    if isinstance(settings, StressSettings):
        return {
            "schema": SCHEMA,
            "episodes": settings.points[0].settings.protocol.episodes,
            "left_out": list(settings.left_out),
            "stresses": [_panel_entry(panel) for panel in settings.panels],
        }
    curves = _curve_entries(settings.points, settings.key)
    return {
        "schema": SCHEMA,
        "key": settings.key,
        "values": [entry["value"] for entry in curves[0]["points"]],
        "episodes": settings.points[0].settings.protocol.episodes,
        "curves": curves,
    }


def config_of(settings: CurveSettings | StressSettings) -> dict[str, Any]:
    """What config.yaml holds: what decides each measurement."""
    config: dict[str, Any] = {point.folder: point.settings.config for point in settings.points}
    if isinstance(settings, StressSettings):
        config[MADE_FOR] = dict(settings.nominal)
    return config


def entries(content: Mapping[str, Any]) -> Iterator[Entry]:
    """The points of curve.json; of a stress test also those that are left out, which have a value only."""
    for panel in content.get("stresses", [content]):
        for curve in panel["curves"]:
            yield from curve["points"]


def by_name(content: Mapping[str, Any]) -> dict[str, Entry]:
    """The points of curve.json that are measured, by what they are called in config.yaml."""
    return {name_of(entry): entry for entry in entries(content) if {"folder", "config"} & entry.keys()}


def name_of(entry: Entry) -> str:
    """What a point is called in config.yaml."""
    return str(entry["folder"] if "folder" in entry else entry["config"])


def fill(entry: Entry, point: Point, scores: Mapping[str, Any]) -> None:
    """Put into a point's entry what was measured."""
    entry["protocol"] = asdict(point.settings.protocol)
    entry |= scores


def is_measured(entry: Entry) -> bool:
    """Whether a point is done: it has numbers, or its population went out of bounds."""
    return "error" in entry or "deterministic" in entry


def _curve_entries(points: Sequence[Point], key: str) -> list[Entry]:
    """What curve.json says of curves before their points are measured, in the order of the points."""
    lines: dict[str, list[Point]] = {}
    for point in points:
        lines.setdefault(point.line, []).append(point)
    return [
        {
            "label": label,
            "run": None if of_line[0].run is None else str(of_line[0].run),
            "model": of_line[0].settings.loop.model.name,
            "agent": of_line[0].settings.agent_name,
            "settings": {name: text for name, text in of_line[0].overrides.items() if name != key},
            "points": [{"value": point.value, "folder": point.folder} for point in of_line],
        }
        for label, of_line in lines.items()
    ]


def _panel_entry(panel: StressPanel) -> Entry:
    """What curve.json says of a stress before its points are measured; what is left out has a value only."""
    curves = _curve_entries(panel.points, panel.key)
    for curve in curves:
        named = {e["value"]: {"value": e["value"], "config": e["folder"]} for e in curve["points"]}
        curve["points"] = [named.get(value, {"value": value}) for value in panel.values]
    return {"name": panel.name, "key": panel.key, "values": list(panel.values), "axis": panel.axis, "curves": curves}
