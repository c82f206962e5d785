"""Response curves, or a stress test, as their folder has recorded them, to be gone on with.

All in such a folder is plain values: nothing in it stands for something else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rldbs.commands.evaluate import folder_name
from rldbs.config.overrides import read_overrides
from rldbs.config.schema import evaluate_settings
from rldbs.core.errors import RunError, SettingError
from rldbs.curves.curve_content import MADE_FOR
from rldbs.curves.curve_folder import read_curves
from rldbs.experiment.command_settings import CurveSettings, EvaluateSettings, Point, StressPanel, StressSettings
from rldbs.files.folder import Folder
from rldbs.runs.record import ENVIRONMENT

NEEDED = ("seed", "threads", "run", "checkpoint", "name", "animation", "json")
"""What the configuration of a measurement has beside its sections."""


def resumed_curves(folder: Path, overrides: Sequence[str]) -> CurveSettings | StressSettings:
    """The curves of a folder.

    Args:
        folder: where they were begun.
        overrides: ``threads=N``.

    Raises:
        RunError: the files of the folder are not those of curves.
        SettingError: an override would change what the curves are.
    """
    threads = _threads(overrides)
    place = Folder(folder)
    if not place.has("config.yaml"):
        raise RunError(f"{folder}: was cut off before anything was measured; give its command again")
    content, config = read_curves(place)
    try:
        settings = _Recorded(config, threads).of(content)
        names = {point.folder for point in settings.points}
        if len(names) < max(1, len(settings.points)):
            raise ValueError(names)
    except SettingError as error:
        if threads and str(error).startswith("threads="):
            raise
        raise RunError(f"{error}\n(in {folder / 'config.yaml'})") from None
    except (KeyError, TypeError, AttributeError, ValueError, LookupError):
        raise RunError(f"{folder}: curve.json and config.yaml are not those of response curves") from None
    return settings


class _Recorded:
    """Settings, from what config.yaml of curves holds.

    Args:
        config: that.
        threads: in place of those of every measurement.
    """

    def __init__(self, config: Mapping[str, Any], threads: Mapping[str, object]) -> None:
        self._config, self._threads = config, threads

    def of(self, content: Mapping[str, Any]) -> CurveSettings | StressSettings:
        """The settings of curves, or of a stress test, from what curve.json holds."""
        if "stresses" not in content:
            points = tuple(point for curve in _list(content["curves"]) for point in self._points(curve, "folder", None))
            keys = [_text(content["key"]), *points[0].overrides]
            return CurveSettings(keys[0], points, any(key.partition(".")[0] == "model" for key in keys))
        unstressed = {_text(label): self._settings(config) for label, config in self._config[MADE_FOR].items()}
        panels = tuple(
            StressPanel(
                _text(panel["name"]),
                _text(panel["key"]),
                _text(panel["axis"]),
                tuple(map(_value, _list(panel["values"]))),
                tuple(p for curve in _list(panel["curves"]) for p in self._points(curve, "config", unstressed)),
            )
            for panel in _list(content["stresses"])
        )
        nominal = {label: settings.config for label, settings in unstressed.items()}
        return StressSettings(panels, tuple(map(_text, _list(content["left_out"]))), nominal)

    def _points(
        self, curve: Mapping[str, Any], key: str, unstressed: Mapping[str, EvaluateSettings] | None
    ) -> list[Point]:
        label, run = _text(curve["label"]), curve["run"]
        overrides = {_text(name): _text(text) for name, text in curve["settings"].items()}
        points = []
        for entry in _list(curve["points"]):
            if key not in entry:
                continue
            name = _text(entry[key])
            settings = self._settings(self._config[name])
            if unstressed is not None:
                settings = replace(settings, made_for=unstressed[label].loop)
            elif folder_name([name]) != name or name.startswith(".") or ("=" not in name and not name.isdecimal()):
                raise ValueError(name)  # no name that a point's folder can have
            place = None if run is None else Path(_text(run))
            points.append(Point(label, _value(entry["value"]), overrides, name, place, settings))
        return points

    def _settings(self, config: Mapping[str, Any]) -> EvaluateSettings:
        for section in (*ENVIRONMENT, "agent", "protocol"):
            if not isinstance(config[section], dict):
                raise TypeError(section)
        _text(config["agent"]["name"])
        for key in NEEDED:
            config[key]
        return evaluate_settings({**config, **self._threads})


def _threads(overrides: Sequence[str]) -> dict[str, object]:
    """What may be other when curves are gone on with."""
    changes: dict[str, object] = {}
    for override in read_overrides("evaluate", overrides):
        if override.key_or_group != "threads":
            raise SettingError(f"{override.input_line}: resumed curves stay what they are; only threads may change")
        if override.is_sweep_override():
            raise SettingError(f"{override.input_line}: one value is needed")
        changes["threads"] = override.value()
    return changes


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _value(value: Any) -> int | float | str:
    if type(value) not in (int, float, str):
        raise TypeError(value)
    number: int | float | str = value
    return number
