"""What lies in a folder that may be a stranger's: whole or not at all, and never what a link leads to."""

import os

import pytest

from rldbs.core.errors import RunError
from rldbs.files.file import File
from rldbs.files.folder import Folder


def file_of(folder) -> File:
    return Folder(folder).file("file")


def test_it_is_flushed_to_disk_before_it_has_its_name_and_its_name_after_that(tmp_path, monkeypatch):
    path, seen = tmp_path / "file", []

    def fsync(descriptor: int) -> None:
        seen.append((os.path.realpath(f"/proc/self/fd/{descriptor}"), path.exists(), os.fstat(descriptor).st_size))

    monkeypatch.setattr(os, "fsync", fsync)
    with file_of(tmp_path).whole() as file:
        file.write(b"content")
    (beside, before, size), (folder, after, _) = seen
    assert (beside.rpartition(".")[0], before, size) == (str(tmp_path / ".file"), False, 7)
    assert (folder, after) == (str(tmp_path), True)
    assert path.read_bytes() == b"content"


@pytest.mark.parametrize("where", ["write", "fsync", "replace"])
def test_when_that_fails_all_is_as_before(tmp_path, monkeypatch, where):
    path = tmp_path / "file"
    path.write_bytes(b"before")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    if where != "write":
        monkeypatch.setattr(os, where, full)
    with pytest.raises(OSError, match="No space left"), file_of(tmp_path).whole() as file:  # noqa: PT012
        file.write(b"half")
        if where == "write":
            full()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder"])
def test_nothing_but_a_file_is_replaced(tmp_path, kind):
    path, target = tmp_path / "file", tmp_path / "target"
    target.write_bytes(b"before")
    {
        "link": lambda: path.symlink_to(target),
        "dangling": lambda: path.symlink_to(tmp_path / "new"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
    }[kind]()
    with pytest.raises(RunError, match=f"{path}: must be a file, not a link"), file_of(tmp_path).whole():
        pass
    assert target.read_bytes() == b"before"
    assert {each.name for each in tmp_path.iterdir()} == {"file", "target"}


@pytest.mark.parametrize("target", ["../outside", "/etc", "..", ".", "a/b"])
def test_a_link_that_leads_elsewhere_stands_for_nothing(tmp_path, target):
    (tmp_path / "link").symlink_to(target)
    assert Folder(tmp_path).pointed("link") is None
    Folder(tmp_path).point("link", "here")
    assert Folder(tmp_path).pointed("link") == "here"
