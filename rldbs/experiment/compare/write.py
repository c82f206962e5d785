"""A comparison as a folder: tables, numbers, page and pictures."""

from pathlib import Path

from rldbs.experiment.compare.files import WRITERS
from rldbs.experiment.compare.pictures import write_pictures
from rldbs.experiment.compare.result import Comparison


def write(comparison: Comparison, folder: Path) -> None:
    """Write everything into ``folder``, which exists."""
    for name, writer in WRITERS.values():
        writer(comparison, folder / name)
    write_pictures(comparison, folder)
