"""A comparison as a folder: tables, numbers, page and pictures."""

from rldbs.compare.comparison import Comparison
from rldbs.compare.file_formats import writers
from rldbs.compare.pictures import write_pictures
from rldbs.experiment.optional_picture import Say
from rldbs.files.folder import Folder


def write(comparison: Comparison, folder: Folder, say: Say, bom: bool = False) -> None:
    """Write everything into ``folder``, which exists; a picture that cannot be drawn is told to ``say``.

    ``bom`` puts a mark for spreadsheets before the CSV.
    """
    for name, writer in writers(bom).values():
        writer(comparison, folder.file(name))
    write_pictures(comparison, folder, say)
