"""The folder of response curves, or of a stress test, in which some points are measured already."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT
from typing import Any

from rldbs.analysis.metric_definitions import METRICS
from rldbs.core.errors import RunError, shown
from rldbs.curves.curve_content import (
    CURVES_FILE,
    MADE_FOR,
    Entry,
    by_name,
    config_of,
    content_of,
    fill,
    is_measured,
    name_of,
)
from rldbs.experiment.command_settings import CurveSettings, Point, StressSettings
from rldbs.files.descriptors import UNFINISHED
from rldbs.files.folder import Folder
from rldbs.files.untrusted_text import UnreadableError, plain_json, plain_yaml, read_text
from rldbs.process.plurals import counted
from rldbs.process.shell import to_type
from rldbs.process.stop import Stopped
from rldbs.runs.clock import now
from rldbs.runs.configuration import check_same
from rldbs.runs.find import list_runs, read_meta
from rldbs.runs.json_fields import KINDS, metrics_problem
from rldbs.runs.labels import NAMES
from rldbs.runs.lock import LOCK, in_use
from rldbs.runs.new_folder import given_folder
from rldbs.runs.physics import check_physics
from rldbs.runs.places import CURVES
from rldbs.runs.record import Meta, later_settings, recorded, write_config, write_json

MOST_CONTENT, MOST_CONFIG = 2**25, 2**22
"""Bytes of curve.json, which has a number for every population at every point, and of config.yaml."""
ANY = ("threads", *NAMES)
"""Settings that may be other when curves are gone on with."""
OWN = {"value", "folder", "config"}
"""What an entry has before its point is measured."""
REMEDY = "Remove it, or name another hydra.sweep.dir=DIR"

Settings = CurveSettings | StressSettings
Content = dict[str, Any]


def begun(folder: Folder) -> bool:
    """Whether curves were begun there, so that they can go on."""
    return folder.has(CURVES_FILE) and folder.has("config.yaml")


def named_folder(folder: Path, settings: Settings) -> Path:
    """The folder that the user has named: a new one, or that in which these very curves were begun.

    Raises:
        RunError: there is something else in it.
    """
    place = Folder(folder)
    if place.there() and begun(place):
        content_so_far(place, settings)
        return folder
    names = {name for name in place.names() if not UNFINISHED.fullmatch(name)} if place.there() else set()
    if {LOCK, CURVES_FILE} <= names <= {LOCK, "meta.json", CURVES_FILE} and not in_use(folder):
        return folder  # cut off as it began: nothing was measured
    return given_folder(folder)


def unfinished_folder(settings: Settings) -> Path | None:
    """The newest folder under runs/curves/ in which these very curves have not come to their end."""
    for run in list_runs(CURVES):
        if run.status not in ("interrupted", "failed") or not begun(Folder(run.folder)):
            continue
        try:
            content = content_so_far(Folder(run.folder), settings)
        except RunError:
            continue
        if run.status == "interrupted" or not all(map(is_measured, by_name(content).values())):
            return run.folder
    return None


def read_curves(folder: Folder) -> tuple[Content, Content]:
    """What curve.json and config.yaml of curves hold; any mapping, so far.

    Raises:
        RunError: they cannot be read.
    """
    content = _mapping(folder, CURVES_FILE, MOST_CONTENT, plain_json)
    config = _mapping(folder, "config.yaml", MOST_CONFIG, plain_yaml)
    measurements = {name: _of_any_age(section) for name, section in config.items() if name != MADE_FOR}
    if isinstance(made_for := config.get(MADE_FOR), dict):
        measurements[MADE_FOR] = {label: _of_any_age(section) for label, section in made_for.items()}
    return content, measurements


def _of_any_age(section: Any) -> Any:
    return later_settings(section) if isinstance(section, dict) else section


def content_so_far(folder: Folder, settings: Settings) -> Content:
    """What curve.json holds, with what was measured already.

    Raises:
        RunError: there are other curves in the folder, or it cannot be read.
    """
    there, config = read_curves(folder)
    check_physics(folder, read_meta(folder), REMEDY)
    content = content_of(settings)
    _check_same_curves(folder, there, config, settings)
    points = {point.folder: point for point in settings.points}
    measured = by_name(there)
    for name, entry in by_name(content).items():
        scores = _scores(folder, measured[name], points[name])
        if "error" in scores:
            entry |= scores
        elif scores and ("config" in entry or folder.has(f"{name}/metrics.json")):
            fill(entry, points[name], scores)
    return content


@contextmanager
def curves_folder(folder: Folder, settings: Settings, facts: Mapping[str, object]) -> Iterator[tuple[Meta, Content]]:
    """Be the only process that works on curves; what curve.json holds so far. Leftovers of a killed process go.

    Raises:
        RunError: there are other curves in the folder, or another process works on it.
        Stopped: a signal came; what is kept, and how to go on.
    """
    if begun(folder):
        content_so_far(folder, settings)  # before meta.json is written anew
        meta = read_meta(folder)
        facts = {**facts, "started": meta.get("started") or now(), "resumed": [*meta.get("resumed", ()), now()]}
    with recorded(folder, facts) as meta_file:
        place = meta_file.folder
        place.remove_unfinished()
        if begun(place):
            content = content_so_far(place, settings)
        else:
            content = content_of(settings)
            write_json(place.file(CURVES_FILE), content)
            write_config(place, config_of(settings))
        try:
            yield meta_file, content
        except (KeyboardInterrupt, Stopped) as stop:
            number = stop.number if isinstance(stop, Stopped) else SIGINT
            every = by_name(content).values()
            kept = f"{sum(map(is_measured, every))} of {counted(len(every), 'measurement')} kept"
            raise Stopped(f"Stopped. {kept}\nGo on with: {to_type('resume', folder.path)}", number) from None


def _check_same_curves(folder: Folder, there: Content, config: Content, settings: Settings) -> None:
    """Whether what is in a folder are the curves that are wanted.

    Raises:
        RunError: they are not; the message names the first key in which they differ.
    """
    content, wanted = content_of(settings), config_of(settings)
    for key in dict.fromkeys([*content, *there]):
        if key not in ("curves", "stresses", "episodes"):
            _check(folder, key, there.get(key), content.get(key))
    for name in (name for name in wanted if name in config and name != MADE_FOR):
        check_same(folder, _section(config, name), wanted[name], ANY, REMEDY)
    for label, nominal in wanted.get(MADE_FOR, {}).items():
        check_same(folder, _section(_section(config, MADE_FOR), label), nominal, ANY, REMEDY)
    _check(folder, "measurements", sorted(config), sorted(wanted))
    if _text(_unmeasured(there)) != _text(content):
        raise RunError(f"{folder.file(CURVES_FILE)}: is not that of these curves\n{REMEDY}")


def _check(folder: Folder, key: str, here: object, wanted: object) -> None:
    if _text(here) != _text(wanted):
        raise RunError(f"{folder}: has curves with {key}={shown(here)}, not {shown(wanted)}\n{REMEDY}")


def _text(content: object) -> str:
    return json.dumps(content)


def _unmeasured(content: Any) -> Any:
    """What curve.json was before anything was measured."""
    if isinstance(content, list):
        return [_unmeasured(item) for item in content]
    if not isinstance(content, dict):
        return content
    kept = OWN & content.keys() if "value" in content else content.keys()
    return {key: _unmeasured(item) for key, item in content.items() if key in kept}


def _scores(folder: Folder, entry: Entry, point: Point) -> Mapping[str, Any]:
    """What curve.json says was measured at a point; nothing, where it is not done, or lacks a metric that came later.

    Raises:
        RunError: that is not what a measurement gives.
    """
    if not is_measured(entry):
        return {}
    if isinstance(entry.get("error"), str):
        return {"error": entry["error"]}
    scores = {kind: entry[kind] for kind in KINDS if kind in entry}
    problem = metrics_problem(scores)
    if problem:
        raise RunError(f"{folder.file(CURVES_FILE)}: {shown(name_of(entry))}: is no measurement: {problem}")
    return scores if all(METRICS.keys() <= kind.keys() for kind in scores.values()) else {}


def _mapping(folder: Folder, name: str, most: int, parse: Any) -> Content:
    path = folder.file(name)
    try:
        content = parse(read_text(path, most))
    except UnreadableError as error:
        raise RunError(f"{path}: {error}") from None
    if not isinstance(content, dict):
        raise RunError(f"{path}: is not that of response curves")
    return content


def _section(config: Content, name: str) -> Content:
    section = config.get(name)
    return section if isinstance(section, dict) else {}
