"""A comparison as a folder: tables, numbers, page and pictures."""

from rldbs.compare.comparison import Comparison
from rldbs.compare.file_formats import WRITERS
from rldbs.compare.pictures import write_pictures
from rldbs.experiment.optional_picture import Say
from rldbs.files.folder import Folder


def write(comparison: Comparison, folder: Folder, say: Say) -> None:
    """Write everything into ``folder``, which exists; a picture that cannot be drawn is told to ``say``."""
    for name, writer in WRITERS.values():
        writer(comparison, folder.file(name))
    write_pictures(comparison, folder, say)
