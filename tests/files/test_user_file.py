"""A file that the user names: what stands at the name stays what it is."""

import json
import os
import stat
import subprocess
import sys
import threading

import pytest

from rldbs.core.errors import SettingError
from rldbs.files.user_file import NamedFile
from tests.conftest import call


def write(path, content: bytes = b"numbers") -> None:
    with NamedFile.given(str(path), "json").whole() as file:
        file.write(content)


def test_a_new_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "out.json"
    with pytest.raises(KeyError), NamedFile.given(str(path), "json").whole() as file:  # noqa: PT012
        file.write(b"half")
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    write(path)
    assert path.read_bytes() == b"numbers"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_keeps_its_permissions(tmp_path):
    path = tmp_path / "out.json"
    path.write_bytes(b"before")
    path.chmod(0o600)
    write(path)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"numbers", 0o600)


@pytest.mark.parametrize("there", [True, False])
def test_of_a_link_the_target_is_replaced(tmp_path, there):
    (tmp_path / "far").mkdir()
    link, target = tmp_path / "link", tmp_path / "far" / "target"
    link.symlink_to(target)
    if there:
        target.write_bytes(b"before")
    write(link)
    assert (link.is_symlink(), target.read_bytes()) == (True, b"numbers")
    assert {path.name for path in tmp_path.rglob("*")} == {"far", "link", "target"}


def test_into_a_pipe_is_written(tmp_path):
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(pipe)
    reader.join()
    assert got == [b"numbers"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
@pytest.mark.parametrize("linked", [True, False])
def test_into_a_device_is_written(tmp_path, linked):
    device, name = tmp_path / "null", tmp_path / ("link" if linked else "null")
    os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    if linked:
        name.symlink_to(device)
    write(name)
    assert stat.S_ISCHR(device.lstat().st_mode)
    assert name.is_symlink() == linked


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("to", ["pipe", "file"])
def test_the_standard_output_is_written_to_and_stays_what_it_is(tmp_path, name, to):
    program = (
        "from rldbs.files.user_file import NamedFile\n"
        "print('before', flush=True)\n"
        f"with NamedFile.given({name!r}, 'json').whole() as file: file.write(b'numbers')\n"
        "print('after')"
    )
    path = tmp_path / "out"
    with path.open("wb") as out:
        run = subprocess.run(
            [sys.executable, "-c", program], stdout=out if to == "file" else subprocess.PIPE, check=True, cwd=tmp_path
        )
    assert (path.read_bytes() if to == "file" else run.stdout) == b"before\nnumbersafter\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "/nowhere/out.json", "."])
def test_what_is_no_file_is_refused(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match="must be a file in a directory that exists"):
        NamedFile.given(text, "json")


def test_numbers_of_an_evaluation_alone_are_on_the_standard_output(tmp_path):
    """What is told to the eye goes elsewhere, so that another program can read them."""
    words = "agent=none model.neurons=20 protocol.episodes=1 protocol.free=1000 protocol.stimulated=1500"
    words += " protocol.onset=500 protocol.relaxed=500 json=-"
    run = subprocess.run(
        [sys.executable, "-P", "-m", "rldbs.cli", "evaluate", *words.split()],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert json.loads(run.stdout)["episodes"] == 1
    assert b"suppression" in run.stderr


def test_one_file_of_a_comparison_alone_is_on_the_standard_output(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = "agent=none model.neurons=20 protocol.episodes=2 protocol.free=1000 protocol.stimulated=1500"
    words += " protocol.onset=500 protocol.relaxed=500"
    assert call(["evaluate", *words.split()], capsys)[0] == 0
    command = [sys.executable, "-P", "-m", "rldbs.cli", "compare", "runs", "json=-"]
    run = subprocess.run(command, capture_output=True, check=True)
    assert len(json.loads(run.stdout)["tables"]) == 1
    assert b"tables   runs/comparisons/" in run.stderr
