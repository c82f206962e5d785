"""A comparison as a folder: tables, numbers, page and pictures."""

from rldbs.experiment.compare.files import WRITERS
from rldbs.experiment.compare.pictures import write_pictures
from rldbs.experiment.compare.result import Comparison
from rldbs.files.folder import Folder


def write(comparison: Comparison, folder: Folder) -> None:
    """Write everything into ``folder``, which exists."""
    for name, writer in WRITERS.values():
        writer(comparison, folder.file(name))
    write_pictures(comparison, folder)
