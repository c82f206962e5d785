"""A file that grows holds whole records only, whatever happens while one is written."""

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rldbs.core.errors import RunError
from rldbs.files.appended import Appended
from rldbs.files.folder import Folder


@given(pieces=st.lists(st.integers(0, 5), min_size=1, max_size=20), fails=st.booleans())
def test_a_record_is_whole_or_not_there(tmp_path_factory, pieces, fails):
    """The system takes less of it at a time than it is given, and at some point may take no more."""
    path = tmp_path_factory.mktemp("appended") / "file"
    file, left, write = Appended(Folder(path.parent).file(path.name)), list(pieces), os.write
    file.append(b"first\n")

    def short(descriptor: int, data: bytes) -> int:
        if not left:
            if fails:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(descriptor, data)
        return write(descriptor, data[: left.pop(0)])

    record = b"second record of some length\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", short)
        if fails and sum(pieces) < len(record):
            with pytest.raises(OSError, match="No space left"):
                file.append(record)
            expected = b"first\n"
        else:
            file.append(record)
            expected = b"first\n" + record
    assert path.read_bytes() == expected
    file.append(b"third\n")
    file.close()
    assert path.read_bytes() == expected + b"third\n"
    assert file.length == len(expected) + 6


def test_an_interruption_from_outside_leaves_whole_records_after_the_next_start(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"first\nsecond\nhal")
    file = Folder(tmp_path).file("file")
    Appended(file, 13).close()
    assert path.read_bytes() == b"first\nsecond\n"
    Appended(file, None).close()
    assert path.read_bytes() == b"first\nsecond\n"


def test_what_is_missing_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    with pytest.raises(ValueError, match="has 5 bytes, but had 6"):
        Appended(Folder(tmp_path).file("file"), 6)
    assert (tmp_path / "file").read_bytes() == b"12345"


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder"])
def test_nothing_but_a_file_is_written_to(tmp_path, kind):
    path, target = tmp_path / "file", tmp_path / "target"
    target.write_bytes(b"12345")
    {
        "link": lambda: path.symlink_to(target),
        "dangling": lambda: path.symlink_to(tmp_path / "new"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
    }[kind]()
    with pytest.raises(RunError, match=f"{path}: must be a file, not a link"):
        Appended(Folder(tmp_path).file("file"))
    assert target.read_bytes() == b"12345"
    assert not (tmp_path / "new").exists()
