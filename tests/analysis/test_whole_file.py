"""A file appears whole or not at all."""

import os

import pytest

from rldbs.analysis.whole_file import whole_file


def test_it_is_flushed_to_disk_before_it_has_its_name_and_its_name_after_that(tmp_path, monkeypatch):
    path, seen = tmp_path / "file", []

    def fsync(descriptor: int) -> None:
        seen.append((os.path.realpath(f"/proc/self/fd/{descriptor}"), path.exists(), os.fstat(descriptor).st_size))

    monkeypatch.setattr(os, "fsync", fsync)
    with whole_file(path) as file:
        file.write(b"content")
    (beside, before, size), (folder, after, _) = seen
    assert (beside.rpartition(".")[0], before, size) == (str(tmp_path / ".file"), False, 7)
    assert (folder, after) == (str(tmp_path), True)
    assert path.read_bytes() == b"content"


@pytest.mark.parametrize("where", ["write", "fsync", "replace"])
def test_when_that_fails_all_is_as_before(tmp_path, monkeypatch, where):
    path = tmp_path / "file"
    path.write_bytes(b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if where != "write":
        monkeypatch.setattr(os, where, full)
    with pytest.raises(OSError, match="No space left"), whole_file(path) as file:  # noqa: PT012
        file.write(b"half")
        if where == "write":
            full()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path):
    path, target = tmp_path / "file", tmp_path / "target"
    target.write_bytes(b"before")
    path.symlink_to(target)
    with whole_file(path) as file:
        file.write(b"content")
    assert (path.is_symlink(), path.read_bytes(), target.read_bytes()) == (False, b"content", b"before")
