"""What a program says, and that it goes on when nobody can hear it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rldbs.process.terminal import Voice


def without_a_reader():
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "w")


def on_a_full_disk():
    return open("/dev/full", "w")


def on_a_closed_terminal():
    master, slave = os.openpty()
    os.close(master)
    return os.fdopen(slave, "w", buffering=1)


@pytest.mark.parametrize("stream", [without_a_reader, on_a_full_disk, on_a_closed_terminal])
def test_a_voice_that_cannot_be_heard_falls_silent(stream):
    with stream() as file:
        voice = Voice(file)
        for _ in range(3):
            voice.write("one line\n")
            voice.flush()


@pytest.mark.parametrize(("closed", "said"), [(">&-", "Did you mean seed?"), ("2>&-", ""), (">&- 2>&-", "")])
def test_without_standard_streams_the_program_ends_as_with_them(closed, said):
    command = f"exec {Path(sys.executable).with_name('rldbs')} train sed=1 {closed}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_voice_is_heard(tmp_path):
    with open(tmp_path / "said", "w") as file:
        voice = Voice(file)
        assert voice.write("one") == 3
        assert (voice.encoding, voice.isatty()) == (file.encoding, False)
    assert (tmp_path / "said").read_text() == "one"
