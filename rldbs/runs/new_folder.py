"""New run folders: their names, and that one into which nothing was written is removed again."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from rldbs.core.errors import RunError
from rldbs.files.descriptors import UNFINISHED
from rldbs.files.folder import Folder
from rldbs.runs.lock import LOCK, in_use
from rldbs.runs.places import ROOT


def run_folder(named: Path | None, model: str, agent: str, seed: int) -> AbstractContextManager[Path]:
    """The folder that the user has named, or a new one under ``runs/``; it goes again when nothing is written.

    Raises:
        RunError: the folder that the user has named is in use.
    """
    return _folder(named, lambda: new_run_folder(ROOT, model, agent, seed))


@contextmanager
def kept_if_filled(folder: Path) -> Iterator[Path]:
    """A folder that goes again when nothing is written into it."""
    try:
        yield folder
    finally:
        Folder(folder).remove_if_empty()


def new_run_folder(root: Path, model: str, agent: str, seed: int) -> Path:
    """Create ``<root>/<model>-<agent>/<YYYYmmdd-HHMMSS>-s<seed>-<4 hex>/``; no two callers get the same one."""
    return new_folder(root / f"{model}-{agent}", seed)


def new_folder(parent: Path, seed: int | None) -> Path:
    """Create ``<parent>/<YYYYmmdd-HHMMSS>-s<seed>-<4 hex>/``; no two callers get the same one.

    Where several seeds come together there is none in the name.
    """
    place = Folder(parent).make()
    part = "" if seed is None else f"-s{seed}"
    while True:
        folder = place / f"{datetime.now():%Y%m%d-%H%M%S}{part}-{secrets.token_hex(2)}"
        try:
            return folder.make_new().path
        except FileExistsError:
            continue


def given_folder(folder: Path) -> Path:
    """Create the folder that the user has named for a run, or take the one where a run was cut off as it began.

    Raises:
        RunError: it cannot be created, or there is something in it.
    """
    try:
        if Folder(folder).make().names() and not _barely_begun(folder):
            raise RunError(f"{folder}: there is something in it; name a new folder")
    except OSError as error:
        raise RunError(f"{folder}: cannot be created: {error.strerror}") from None
    return folder


def _barely_begun(folder: Path) -> bool:
    """Whether a run ended there before it had written its settings: nothing in it is worth keeping."""
    names = {name for name in Folder(folder).names() if not UNFINISHED.fullmatch(name)}
    return LOCK in names <= {LOCK, "meta.json"} and not in_use(folder)


def _folder(named: Path | None, new: Callable[[], Path]) -> AbstractContextManager[Path]:
    return kept_if_filled(new() if named is None else given_folder(named))
