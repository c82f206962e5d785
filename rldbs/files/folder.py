"""What lies in a folder that may be a stranger's: it is opened, made, renamed and removed here, and nowhere else.

The user names the folder. From there every way leads downwards, one name at a time, relative to the descriptor of the
folder before: whoever changes something on the way meanwhile changes nothing of where it leads. A link, a device or a
pipe is never followed, waited for, or written to.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rldbs.core.errors import RunError
from rldbs.files.descriptors import (
    DOWN,
    FOREIGN,
    OWN,
    UNFINISHED,
    beside,
    name_of,
    open_at,
    parts,
    remove_at,
)
from rldbs.files.file import File

Kind = Literal["file", "folder", "link", "other"]


@dataclass(frozen=True)
class Folder:
    """A folder, and all that lies in it.

    Names of what lies in it may be several, with ``/`` between them; none leads upwards.

    Args:
        root: as the user has named it.
        inside: the way down from there.
        guard: asked before anything in it is changed; raises where that must not be.
    """

    root: Path
    inside: tuple[str, ...] = ()
    guard: Callable[[], None] | None = field(default=None, compare=False, repr=False)

    @staticmethod
    def of(place: "Path | str | Folder") -> "Folder":
        """A folder that the user has named, or one that is known already."""
        return place if isinstance(place, Folder) else Folder(Path(place))

    @property
    def path(self) -> Path:
        """Where it is, to be told; not to be opened."""
        return self.root.joinpath(*self.inside)

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def parent(self) -> "Folder":
        """The folder in which it lies."""
        return Folder(self.root, self.inside[:-1], self.guard) if self.inside else Folder(self.root.parent)

    def __str__(self) -> str:
        return str(self.path)

    def __truediv__(self, names: str) -> "Folder":
        return Folder(self.root, (*self.inside, *parts(names)), self.guard)

    def file(self, names: str) -> "File":
        """A file in it, which need not be there."""
        *way, name = parts(names)
        return File(Folder(self.root, (*self.inside, *way), self.guard), name)

    def make(self) -> "Folder":
        """Make it where it is not there, and what is missing on the way to it; itself.

        Raises:
            RunError: there is something else in its place.
            OSError: it cannot be made.
        """
        self.check()
        self.root.mkdir(parents=True, exist_ok=True)
        for depth in range(len(self.inside)):
            with Folder(self.root, self.inside[:depth]).opened() as above, suppress(FileExistsError):
                os.mkdir(self.inside[depth], dir_fd=above)
        with self.opened():
            return self

    def make_new(self) -> "Folder":
        """Make it; itself.

        Raises:
            FileExistsError: it is there.
        """
        self.check()
        with self.parent.opened() as above:
            os.mkdir(self.name, dir_fd=above)
        return self

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Its descriptor, within the block.

        Raises:
            RunError: on the way to it there is a link, or something else that is no folder.
            OSError: it is not there, or cannot be opened.
        """
        descriptor = open_at(self.root, DOWN, None, self.root)
        try:
            for depth, name in enumerate(self.inside):
                way = self.root.joinpath(*self.inside[: depth + 1])
                try:
                    inner = open_at(name, DOWN | OWN, descriptor, way)
                except OSError as error:
                    if error.errno in FOREIGN:
                        raise RunError(f"{way}: must be a folder, not a link or a file") from None
                    raise
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def names(self) -> list[str]:
        """What lies in it, sorted; nothing, where it is not there.

        Raises:
            RunError: it is a link, or no folder.
        """
        try:
            with self.opened() as descriptor:
                return sorted(os.listdir(descriptor))
        except FileNotFoundError:
            return []

    def kind(self, names: str) -> Kind | None:
        """What something in it is; None where there is nothing."""
        status = self.status(names)
        if status is None:
            return None
        kinds: dict[int, Kind] = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
        return kinds.get(stat.S_IFMT(status.st_mode), "other")

    def has(self, names: str) -> bool:
        """Whether there is a regular file of that name, or of that way, in it."""
        return self.kind(names) == "file"

    def status(self, names: str) -> os.stat_result | None:
        """What the file system knows of something in it, of a link itself; None where there is nothing."""
        file = self.file(names)
        try:
            with file.folder.opened() as descriptor:
                return os.stat(file.name, dir_fd=descriptor, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError, RunError):
            return None

    def there(self) -> bool:
        """Whether it is there, and a folder."""
        try:
            with self.opened():
                return True
        except (OSError, RunError):
            return False

    def writable(self) -> bool:
        """Whether something may be written into it."""
        with self.opened() as descriptor:
            return os.access(".", os.W_OK, dir_fd=descriptor)

    def check(self) -> None:
        """Whether something in it may be changed: whatever the guard says, if there is one."""
        if self.guard is not None:
            self.guard()

    def rename(self, old: str, new: str) -> None:
        """Give something in it another name, on which there is nothing yet, or a file."""
        self.check()
        with self.opened() as descriptor:
            os.replace(name_of(old), name_of(new), src_dir_fd=descriptor, dst_dir_fd=descriptor)
            os.fsync(descriptor)

    def remove(self, name: str) -> None:
        """Remove something in it, with all that lies in that; of a link, itself. Where nothing is, nothing happens."""
        self.check()
        self._remove(name)

    def _remove(self, name: str) -> None:
        with self.opened() as descriptor:
            remove_at(name_of(name), descriptor)

    def remove_if_empty(self) -> None:
        """Remove it where nothing lies in it."""
        with suppress(OSError), self.parent.opened() as above:
            os.rmdir(self.name, dir_fd=above)

    def remove_unfinished(self) -> None:
        """Remove what a process that was killed has left half written in it, where no other one writes."""
        for name in self.names():
            if UNFINISHED.fullmatch(name):
                self.remove(name)

    @contextmanager
    def whole_folder(self, name: str) -> Iterator["Folder"]:
        """A new folder, for the block to fill; when that ends well, it takes the place of ``name`` in this one.

        When the block raises, ``name`` is as it was before and nothing is left beside it. Whatever is killed, nobody
        sees a part of it.
        """
        unfinished = self / beside(name_of(name))
        unfinished.make_new()
        before = beside(name)
        try:
            yield unfinished
            unfinished.sync()
            if self.kind(name) is not None:
                self.rename(name, before)
            try:
                self.rename(unfinished.name, name)
            except OSError:
                if self.kind(before) is not None:
                    self.rename(before, name)
                raise
        finally:
            with suppress(FileNotFoundError):  # all of it may be gone by now
                self._remove(unfinished.name)
        self.remove(before)

    def point(self, link: str, name: str) -> None:
        """Let ``link`` in it name ``name`` in it, whatever it named before."""
        unfinished = beside(name_of(link))
        self.check()
        with self.opened() as descriptor:
            os.symlink(name_of(name), unfinished, dir_fd=descriptor)
            os.replace(unfinished, link, src_dir_fd=descriptor, dst_dir_fd=descriptor)
            os.fsync(descriptor)

    def pointed(self, link: str) -> str | None:
        """The name in this folder that a link in it stands for; None where there is no link, or it leads elsewhere."""
        try:
            with self.opened() as descriptor:
                return name_of(os.readlink(name_of(link), dir_fd=descriptor))
        except (OSError, ValueError, RunError):
            return None

    def sync(self) -> None:
        """Flush the names in it to disk, so that what was made or renamed there survives a loss of power."""
        with self.opened() as descriptor:
            os.fsync(descriptor)
