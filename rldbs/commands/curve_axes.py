"""The overrides of ``rldbs evaluate -m``, taken apart: controllers, keys with several values, all that is fixed.

``run=`` and ``agent=`` together name controllers: the runs, each in its own environment, and controllers that need no
training, in the environment of the first run.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra.core.override_parser.types import Override, QuotedString, ValueType

from rldbs.config.composition import sweep_folder
from rldbs.config.groups import command_groups
from rldbs.config.overrides import check_directory, read_override
from rldbs.core.errors import SettingError
from rldbs.files.user_file import NamedFile
from rldbs.runs.find import find_run

Value = int | float | str

OWN = ("run", "json", "stress")
"""Keys whose values are no setting's."""


@dataclass(frozen=True)
class Axis:
    """A key with several values."""

    key: str
    values: tuple[Value, ...]
    overrides: tuple[tuple[str, ...], ...]
    """What stands for each value."""

    @property
    def numeric(self) -> bool:
        return not any(isinstance(value, str) for value in self.values)

    @property
    def controls(self) -> bool:
        """Whether the values are controllers."""
        return self.key in ("run", "agent", "controller")


@dataclass(frozen=True)
class CurveRequest:
    """What the overrides say."""

    fixed: tuple[str, ...]
    """Overrides with one value."""
    axes: tuple[Axis, ...]
    """Keys with several values."""
    controllers: Axis | None
    """What ``run`` and ``agent`` name; None for nothing."""
    stress: str | None
    folder: Path | None
    """The folder that ``hydra.sweep.dir`` names."""
    json_file: NamedFile | None
    """Where the numbers are also written."""


def curve_request(overrides: Sequence[str], directory: Path | None) -> CurveRequest:
    """The overrides, taken apart.

    Raises:
        RunError: there is no such run.
        SettingError: an override cannot be read, or is not one of response curves.
    """
    own = {key: value for key, _, value in (text.partition("=") for text in overrides) if key in OWN}
    rest = [text for text in overrides if text.partition("=")[0] not in own]
    hydra = [text for text in rest if text.startswith(("hydra.", "hydra/"))]
    fixed, axes = _axes([text for text in rest if text not in hydra], directory)
    agents = next((axis for axis in axes if axis.key == "agent"), None)
    for text in fixed:
        if text.startswith("agent="):
            agents = Axis("agent", (text.partition("=")[2],), ((text,),))
    return CurveRequest(
        fixed=tuple(text for text in fixed if not text.startswith("agent=")),
        axes=tuple(axis for axis in axes if axis.key != "agent"),
        controllers=_controllers(runs(own["run"]) if "run" in own else None, agents),
        stress=own.get("stress"),
        folder=_folder(hydra, directory),
        json_file=NamedFile.given(own["json"], "json") if "json" in own else None,
    )


def distinct(names: Sequence[str]) -> list[str]:
    """Names of folders, or numbers where two are the same."""
    return list(names) if len(set(names)) == len(names) else [str(k) for k in range(len(names))]


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
            raise SettingError(f"{text}: a curve needs single values: KEY=1,2,3 or 'KEY=range(3)'")
    return fixed, axes


def _axis(override: Override) -> Axis:
    texts = tuple(override.sweep_string_iterator())
    values = tuple(_value(element) for element in override.sweep_iterator())
    for k, text in enumerate(texts):
        if text in texts[:k]:
            raise SettingError(f"{override.input_line}: {text} is there twice")
    return Axis(override.key_or_group, values, tuple((f"{override.key_or_group}={text}",) for text in texts))


def _value(element: object) -> Value:
    if isinstance(element, QuotedString):
        return element.text
    if element is None or isinstance(element, bool):
        return {None: "null", True: "true", False: "false"}[element]
    return element if isinstance(element, int | float) else str(element)


def runs(text: str) -> Axis:
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
    return Axis("run", tuple(names), tuple((f"run={text}",) for text in texts))


def _controllers(of_runs: Axis | None, agents: Axis | None) -> Axis | None:
    if of_runs is None or agents is None:
        return of_runs or agents
    (environment,) = of_runs.overrides[0]
    others = tuple((environment, *texts) for texts in agents.overrides)
    return Axis("controller", of_runs.values + agents.values, of_runs.overrides + others)


def _folder(hydra: Sequence[str], directory: Path | None) -> Path | None:
    for text in hydra:
        if re.match(r"hydra[./]launcher", text):
            raise SettingError(
                f"{text}: the points of a curve are measured one after the other; threads=N gives each N threads"
            )
        if not text.startswith("hydra.sweep.dir="):
            raise SettingError(f"{text}: of Hydra's settings, curves have hydra.sweep.dir=DIR")
    return sweep_folder("evaluate", hydra, directory) if hydra else None
