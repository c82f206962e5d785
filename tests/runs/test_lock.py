"""One process at a time for a run folder."""

import errno
import fcntl
import os
import shutil

import pytest

from rldbs.core.errors import RunError
from rldbs.files.folder import Folder
from rldbs.runs import lock
from rldbs.runs.lock import LOCK, in_use, sole


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(lock.time, "sleep", lambda _: None)


def test_it_is_held_within_the_block_and_released_after_it(tmp_path):
    assert not in_use(tmp_path)
    with sole(Folder(tmp_path)):
        assert in_use(tmp_path)
        with pytest.raises(RunError, match=f"{tmp_path}: another process is at work on it"), sole(Folder(tmp_path)):
            pass
        assert in_use(tmp_path)
    assert not in_use(tmp_path)
    with pytest.raises(KeyError), sole(Folder(tmp_path)):
        raise KeyError
    assert not in_use(tmp_path)


def test_who_looks_for_a_moment_does_not_keep_others_out(tmp_path, monkeypatch):
    (tmp_path / LOCK).touch()
    looking = os.open(tmp_path / LOCK, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    monkeypatch.setattr(lock.time, "sleep", lambda _: fcntl.flock(looking, fcntl.LOCK_UN))
    with sole(Folder(tmp_path)):
        assert in_use(tmp_path)
    os.close(looking)


@pytest.mark.parametrize("number", lock.NO_LOCKS)
def test_where_there_are_no_locks_a_run_goes_on(tmp_path, monkeypatch, number):
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with sole(Folder(tmp_path)):
        assert not in_use(tmp_path)


def test_another_error_is_told(tmp_path, monkeypatch):
    def flock(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(OSError, match="Input/output error"), sole(Folder(tmp_path)):
        pass


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_lock_that_is_no_file_is_refused_and_not_waited_for(tmp_path, kind):
    path, target = tmp_path / LOCK, tmp_path / "outside"
    if kind == "link":
        path.symlink_to(target)
    else:
        os.mkfifo(path)
    with pytest.raises(RunError, match="must be a file, not a link"), sole(Folder(tmp_path)):
        pass
    assert not in_use(tmp_path)
    assert not target.exists()


def test_a_lock_of_a_folder_that_was_replaced_holds_no_longer(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    with sole(Folder(folder)) as old:
        old.check()
        folder.rename(tmp_path / "gone")
        with pytest.raises(RunError, match="was removed or replaced"):
            old.check()
        folder.mkdir()
        with sole(Folder(folder)) as new:
            new.check()
            with pytest.raises(RunError, match="was removed or replaced"):
                old.check()


def test_a_lock_that_was_removed_before_it_was_taken_is_none(tmp_path, monkeypatch):
    """Between the opening of the lock and its taking another process has begun anew."""
    flock, removed = fcntl.flock, []

    def late(descriptor: int, kind: int) -> None:
        if not removed:
            removed.append((tmp_path / LOCK).unlink())
        flock(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", late)
    with sole(Folder(tmp_path)) as lock:
        lock.check()


def test_nothing_is_changed_in_a_folder_that_is_another_one_by_now(tmp_path):
    """Every way of writing asks; reading goes on."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "file").write_text("before")
    with sole(Folder(folder)) as lock:
        held = lock.held
        with held.file("file").whole() as file:
            file.write(b"after")
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "file").write_text("of the other one")
        for change in (
            lambda: held.file("new").open(os.O_WRONLY | os.O_CREAT),
            lambda: held.file("file").new().__enter__(),
            lambda: (held / "checkpoints").make(),
            lambda: (held / "checkpoints").make_new(),
            lambda: held.remove("file"),
            lambda: held.rename("file", "other"),
            lambda: held.point("best", "file"),
            lambda: whole(held),
        ):
            with pytest.raises(RunError, match="was removed or replaced"):
                change()
        assert held.file("file").read(100) == b"of the other one"
        assert {path.name: path.read_text() for path in folder.iterdir()} == {"file": "of the other one"}


def whole(folder: Folder) -> None:
    with folder.file("file").whole() as file:
        file.write(b"x")
