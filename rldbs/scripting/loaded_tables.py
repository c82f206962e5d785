"""What several runs or measurements have given, as a table: response curves, stress tests, sweeps, comparisons."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rldbs.analysis.metric_definitions import known_metrics
from rldbs.compare.file_formats import CSV
from rldbs.core.errors import RunError, visible
from rldbs.curves.curve_content import CURVES_FILE
from rldbs.curves.curve_folder import read_curves
from rldbs.files.folder import Folder
from rldbs.runs.json_fields import KINDS
from rldbs.runs.places import SWEEP
from rldbs.scripting.columns import Columns, columns_of, read_table
from rldbs.sweep.results import RESULTS

POINT = ("stress", "curve", "model", "agent", "run", "key", "value", "policy", "error")


class Results:
    """Response curves and stress tests (``rldbs evaluate -m``), a sweep (``rldbs train -m``), or a comparison or
    benchmark, as a table.

    Args:
        path: the folder.

    Attributes:
        path: the folder, absolute.
        kind: ``curves``, ``sweep`` or ``comparison``.

    Example:
        >>> results = rldbs.load("runs/curves/20260101-120000-s0-1a2b")
        >>> results.table["value"], results.table["suppression"]
        >>> results.to_pandas().pivot_table("suppression", "value", "curve")
    """

    def __init__(self, path: Path) -> None:
        kind = kind_of(path)
        if kind is None:
            raise RunError(f"{path}: holds no curves, no sweep and no comparison")
        self.path, self.kind = path, kind
        self._folder = Folder(path)

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def table(self) -> Columns:
        """The numbers, read anew whenever they are asked for: interquartile means over populations.

        Of curves a row for each point and policy: ``stress``, ``curve``, ``model``, ``agent``, ``run``, the ``key``
        that is varied and its ``value``, ``policy``, ``error`` of a point that could not be measured, then the metrics.
        Of a sweep the columns of results.csv, of a comparison or benchmark those of comparison.csv.

        Raises:
            RunError: it cannot be read.
        """
        if self.kind == "curves":
            return _curves(self._folder)
        return read_table(self._folder.file(FILES[self.kind]), WORDS[self.kind])

    def to_pandas(self) -> Any:
        """The table as a ``pandas.DataFrame``.

        Raises:
            SettingError: pandas is not installed.
            RunError: as for :attr:`table`.
        """
        return self.table.to_pandas()

    def __repr__(self) -> str:
        try:
            told = f"{self.table.rows} rows"
        except RunError:
            told = "cannot be read"
        return visible(f"<Results {self.path.name}: {self.kind}, {told}>")


FILES = {"curves": CURVES_FILE, "sweep": RESULTS, "comparison": CSV}
"""What a folder holds → the file with its numbers."""
MARKS = {**FILES, "sweep": SWEEP}
"""The same → the file by which it is told."""


WORDS = {
    "curves": tuple(name for name in POINT if name != "value"),
    "sweep": ("run", "status", "error"),
    "comparison": ("task", "controller", "agent", "settings", "seeds", "tags", "note"),
}
"""Columns that hold words."""


def kind_of(folder: Path) -> str | None:
    """What a folder holds; None where it is neither of these."""
    return next((kind for kind, name in MARKS.items() if (folder / name).is_file()), None)


def _curves(folder: Folder) -> Columns:
    content, _ = read_curves(folder)
    try:
        rows = [row for panel in content.get("stresses", [content]) for row in _rows(panel)]
    except (KeyError, TypeError, AttributeError):
        raise RunError(f"{folder.file(CURVES_FILE)}: is not that of response curves") from None
    metrics = known_metrics(list(dict.fromkeys(key for row in rows for key in row)))
    return columns_of({name: [row.get(name, "") for row in rows] for name in (*POINT, *metrics)}, WORDS["curves"])


def _rows(panel: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The rows of the curves of one key: of a point that is not measured yet there is none."""
    for curve in panel["curves"]:
        told = {name: str(curve[name] or "") for name in ("model", "agent", "run")}
        told |= {"stress": str(panel.get("name", "")), "curve": str(curve["label"]), "key": str(panel["key"])}
        for point in curve["points"]:
            at = {**told, "value": str(point["value"])}
            if "error" in point:
                yield {**at, "error": str(point["error"])}
            for kind in KINDS:
                if kind in point:
                    scores = {key: point[kind][key].get("iqm") for key in known_metrics(point[kind])}
                    numbers = {key: repr(float(value)) for key, value in scores.items() if value is not None}
                    yield {**at, "policy": kind, **numbers}
