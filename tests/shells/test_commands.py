"""Every command that is printed is what bash and zsh take it for."""

import shutil
import subprocess
from pathlib import Path

import pytest

from rldbs.compare.collect import collect
from rldbs.core.errors import RunError
from rldbs.process.shell import to_type
from rldbs.runs.find import find_run
from tests.shells.hostile import HOSTILE, ODD
from tests.shells.printed import PROGRAMS, documented, helps, meant, unquoted

SHELLS = {"bash": ("bash", "--norc", "--noprofile"), "zsh": ("zsh", "--no-rcs")}
"""Both as they are installed: in zsh, a pattern that fits no file is an error."""
NAMES = [name for name in (*HOSTILE, *ODD) if name.isprintable() and name.isascii()] + ["my runs, a=1", "last", "zoo:x"]


@pytest.fixture(params=SHELLS)
def typed(request, tmp_path):
    """What the programs are given when a line is entered in an empty folder."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed; make test-shells brings it (Debian)")

    def enter(lines: list[str]) -> list[list[str]]:
        empty = tmp_path / "empty"
        empty.mkdir()
        noted = tmp_path / "noted"
        note = f"printf '%s\\0' \"$@\" >> '{noted}'; printf '\\n\\0' >> '{noted}'; }}"
        stand_ins = "\n".join([*(f'{name}() {{ set -- {name} "$@"; {note}' for name in PROGRAMS), "jq() { :; }"])
        (tmp_path / "typed").write_text("\n".join([stand_ins, *lines, ""]))
        answer = subprocess.run(
            [*SHELLS[request.param], str(tmp_path / "typed")], cwd=empty, capture_output=True, text=True
        )
        assert (answer.returncode, answer.stderr) == (0, "")
        assert list(empty.iterdir()) == []
        words = noted.read_text().split("\n\0")[:-1]
        return [line.split("\0")[:-1] for line in words]

    return enter


def test_commands_of_the_documents(typed):
    lines = documented()
    assert len(lines) > 120
    assert typed(lines) == [meant(line) for line in lines]


def test_commands_of_the_help(typed):
    lines = helps()
    assert len(lines) > 30
    assert typed(lines) == [meant(line) for line in lines]


def test_commands_with_the_names_of_folders(typed):
    lines = [to_type("resume", Path(name), "steps=MORE") for name in NAMES]
    given = typed(lines)
    assert [Path(words[2]) for words in given] == [Path(name) for name in NAMES]
    assert all(words[:2] == ["rldbs", "resume"] and words[3] == "steps=MORE" for words in given)
    assert not [words for words in given if words[2].startswith(("-", "zoo:")) or words[2] == "last"]


def test_the_code_puts_no_command_together_without_quotes():
    assert list(unquoted()) == []


def test_messages_with_the_names_of_folders(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "runs" / "hr-ppo" / "my run, a=[1] $(touch x)"
    run.mkdir(parents=True)
    (run / "config.yaml").touch()
    (run / "meta.json").write_text('{"command": "train", "status": "failed"}')
    with pytest.raises(RunError) as error:
        find_run("my rum, a=[1] $(touch x)")
    near = str(error.value).partition("Did you mean ")[2].partition("? ")[0]
    with pytest.raises(RunError) as error:
        collect([str(run)])
    resume = str(error.value).partition("go on with: ")[2]
    assert typed([f"rldbs evaluate {near}", resume]) == [
        ["rldbs", "evaluate", f"run={run.name}"],
        ["rldbs", "resume", str(run.relative_to(tmp_path))],
    ]
