"""What ``rldbs evaluate -m`` measures: from overrides with several values to the points of response curves."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path

from hydra.core.override_parser.types import Override, QuotedString, ValueType

from rldbs.composition import sweep_folder
from rldbs.core.errors import RldbsError, RunError, SettingError
from rldbs.experiment.runs import find_run
from rldbs.experiment.settings import CurveSettings, Point
from rldbs.groups import command_groups
from rldbs.overrides import MOST_VALUES, check_directory, read_override
from rldbs.recorded import evaluation, folder_name, json_path

Value = int | float | str


@dataclass(frozen=True)
class Axis:
    """A key with several values."""

    key: str
    values: tuple[Value, ...]
    texts: tuple[str, ...]
    """The values as they are written in an override."""

    @property
    def numeric(self) -> bool:
        return not any(isinstance(value, str) for value in self.values)


@dataclass(frozen=True)
class CurveRequest:
    """What the overrides ask for."""

    settings: CurveSettings
    folder: Path | None
    """The folder that ``hydra.sweep.dir`` names."""
    json_path: Path | None
    """Where the numbers are also written."""


def curves(overrides: Sequence[str], directory: Path | None) -> CurveRequest:
    """Every combination of the values in ``overrides``, all of them checked.

    The x axis is the first key whose values are all numbers, or else the first one, or else ``run``.
    Each combination of the values of all other keys is a curve.

    Raises:
        RunError: there is no such run, or it is damaged.
        SettingError: an override is not allowed.
    """
    own = {key: value for key, _, value in (text.partition("=") for text in overrides) if key in ("run", "json")}
    rest = [text for text in overrides if text.partition("=")[0] not in own]
    hydra = [text for text in rest if text.startswith(("hydra.", "hydra/"))]
    fixed, axes = _axes([text for text in rest if text not in hydra], directory)
    if "run" in own:
        runs = _runs(own["run"])
        if len(runs.values) > 1:
            axes.insert(0, runs)
        else:
            fixed.insert(0, f"run={runs.texts[0]}")
    if not axes:
        raise SettingError("evaluate -m: which values? One key needs several: model.neurons=100,1000")
    if prod(len(axis.values) for axis in axes) > MOST_VALUES:
        raise SettingError(f"evaluate -m: at most {MOST_VALUES} measurements in one go")
    x = next((axis for axis in axes if axis.numeric), None)
    x = x or next((axis for axis in axes if axis.key != "run"), axes[0])
    floor = any(axis.key.partition(".")[0] == "model" for axis in axes)
    points = tuple(_points(axes, x, fixed, directory))
    folder = _folder(hydra, directory)
    return CurveRequest(CurveSettings(x.key, points, floor), folder, json_path(own["json"]) if "json" in own else None)


def _axes(overrides: Sequence[str], directory: Path | None) -> tuple[list[str], list[Axis]]:
    """The overrides with one value, and the keys with several."""
    check_directory(directory)
    known = command_groups("evaluate", () if directory is None else (directory,))
    given = {override.key_or_group: override for override in (read_override(text, known) for text in overrides)}
    fixed, axes = [], []
    for key, override in given.items():  # of a key that is there twice, the last
        text = str(override.input_line)
        if key == "name":
            raise SettingError(f"{text}: the measurements of curves name their folders themselves")
        if not override.is_sweep_override():
            fixed.append(text)
        elif override.is_discrete_sweep() and override.value_type is not ValueType.GLOB_CHOICE_SWEEP:
            axes.append(_axis(override))
        else:
            raise SettingError(f"{text}: a curve needs single values: KEY=1,2,3 or KEY=range(3)")
    return fixed, axes


def _axis(override: Override) -> Axis:
    texts = tuple(override.sweep_string_iterator())
    values = tuple(_value(element) for element in override.sweep_iterator())
    for k, text in enumerate(texts):
        if text in texts[:k]:
            raise SettingError(f"{override.input_line}: {text} is there twice")
    return Axis(override.key_or_group, values, texts)


def _value(element: object) -> Value:
    if isinstance(element, QuotedString):
        return element.text
    if element is None or isinstance(element, bool):
        return {None: "null", True: "true", False: "false"}[element]
    return element if isinstance(element, int | float) else str(element)


def _runs(text: str) -> Axis:
    """The runs of ``run=…``. A comma may also be part of a folder's name, as in the folders of sweeps."""
    texts: list[str] = []
    pieces = text.split(",")
    while pieces:
        count = next((n for n in range(len(pieces), 1, -1) if os.path.isdir(",".join(pieces[:n]))), 1)
        texts.append(",".join(pieces[:count]))
        pieces = pieces[count:]
    folders = [find_run(text).resolve() for text in texts]
    for k, folder in enumerate(folders):
        if folder in folders[:k]:
            raise SettingError(f"run={text}: {texts[k]} is there twice")
    names = [
        f"{folder.parent.name}/{folder.name}" if text == "last" else text.rstrip("/").removeprefix("runs/")
        for text, folder in zip(texts, folders, strict=True)
    ]
    return Axis("run", tuple(names), tuple(texts))


def _points(axes: Sequence[Axis], x: Axis, fixed: Sequence[str], directory: Path | None) -> Iterator[Point]:
    others = [axis for axis in axes if axis is not x]
    lines = product(*(range(len(axis.values)) for axis in others))
    combinations = [[*line, position] for line in lines for position in range(len(x.values))]
    names = [_name([*others, x], chosen) for chosen in combinations]
    if len(set(names)) < len(names):
        names = [str(k) for k in range(len(names))]
    for chosen, name in zip(combinations, names, strict=True):
        texts = {axis.key: axis.texts[k] for axis, k in zip([*others, x], chosen, strict=True)}
        overrides = [*fixed, *(f"{key}={text}" for key, text in texts.items())]
        try:
            settings, run, _ = evaluation(overrides, directory)
        except RldbsError as error:
            kind = RunError if isinstance(error, RunError) else SettingError
            varied = " ".join(f"{key}={text}" for key, text in texts.items())
            raise kind(f"{error}\n(in the measurement with {varied})") from None
        line = " ".join(
            str(axis.values[k]) if axis.key in ("run", "agent") else f"{axis.key}={axis.values[k]}"
            for axis, k in zip(others, chosen, strict=False)
        )
        yield Point(line or settings.agent_name, x.values[chosen[-1]], texts, name, run, settings)


def _name(axes: Sequence[Axis], chosen: Sequence[int]) -> str:
    return folder_name([f"{axis.key}={axis.values[k]}" for axis, k in zip(axes, chosen, strict=True)])


def _folder(hydra: Sequence[str], directory: Path | None) -> Path | None:
    for text in hydra:
        if re.match(r"hydra[./]launcher", text):
            raise SettingError(
                f"{text}: the points of a curve are measured one after the other; threads=N gives each N threads"
            )
        if not text.startswith("hydra.sweep.dir="):
            raise SettingError(f"{text}: of Hydra's settings, curves have hydra.sweep.dir=DIR")
    return sweep_folder(hydra, directory) if hydra else None
