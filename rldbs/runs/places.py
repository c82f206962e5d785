"""Where runs are, and sweeps, and curves."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path("runs")
"""Where everything goes unless the user says otherwise."""
SWEEPS = ROOT / "sweeps"
CURVES = ROOT / "curves"
COMPARISONS = ROOT / "comparisons"
EXPORTS = ROOT / "exports"
TRACKED = ROOT / "mlflow"
"""What MLflow keeps, unless the user says where."""
EVALUATION = "evaluation"
"""The folder of a run in which measurements are."""
FREE = "field.npz"
"""The file of a run with the recording of free populations."""
SWEEP = "sweep.json"
"""The file that tells a sweep, whatever its folder is called."""
MARKS = (SWEEP, "times.csv")
"""Files of folders whose content is not among the runs, sweeps and benchmarks."""
ELSEWHERE = ("benchmark", COMPARISONS.name, TRACKED.name)
"""Such folders under the root, as they are called as a rule, beside that of the sweeps."""
INSIDE = ("checkpoints", EVALUATION, "tensorboard", "trials")
"""Folders of a run; no runs are in them."""
FOLLOWED = 2
"""Levels below the root down to which a link may lead: as deep as runs are as a rule."""


def run_folders(root: Path) -> Iterator[Path]:
    """The folders of the runs anywhere below ``root``, curves too, but for those in sweeps and benchmarks."""
    yield from _below(root, False, (*ELSEWHERE, SWEEPS.name), 1, linked=False)


def sweep_folders(root: Path) -> Iterator[Path]:
    """The folders of the sweeps anywhere below ``root``."""
    yield from _below(root, True, ELSEWHERE, 1, linked=False)


def _below(folder: Path, sweeps: bool, without: Collection[str], level: int, linked: bool) -> Iterator[Path]:
    for name, link in _folders(folder):
        path, through = folder / name, linked or link
        if name in (*without, *INSIDE) or name.startswith(".") or (through and level > FOLLOWED):
            continue
        marks = [mark for mark in MARKS if os.path.isfile(path / mark)]
        run = os.path.isfile(path / "meta.json")
        if SWEEP in marks if sweeps else not marks and (run or os.path.isfile(path / "config.yaml")):
            yield path
        if not marks and not run:
            yield from _below(path, sweeps, (), level + 1, through)


def _folders(folder: Path) -> list[tuple[str, bool]]:
    """The folders in a folder, each with whether it is a link; none, where that cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return [(entry.name, entry.is_symlink()) for entry in entries if entry.is_dir()]
    except OSError:
        return []
