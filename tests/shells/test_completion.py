"""Nothing that a completion offers is run by a shell, whatever folders, files and comments are called."""

import os
from pathlib import Path

import pytest

from rldbs.process.shell import is_plain
from tests.shells.hostile import HOSTILE, ODD, ONE, PLAIN, own_groups, runs
from tests.shells.terminal import SHELLS, terminal

PLACES = {
    "rldbs evaluate run=": "run=last",
    "rldbs train start=suppressed start.run=": "start.run=last",
    "rldbs resume ": "last",
    "rldbs compare ": "last",
    "rldbs compare sweep=": f"sweep={PLAIN}",
    "rldbs list ": "models",
    "rldbs train --config-dir own ": "agent=",
    "rldbs train --config-dir own agent=": "agent=adaptive_feedback",
    "rldbs train --config-dir own agent=evil": "agent=evil17",
    "rldbs train --config-dir own agent=keys agent.key": "agent.key17=",
    "rldbs train --config-dir own agent=keys agent.key1=": "",
    "rldbs train agent.hidden=": "agent.hidden=[64,64]",
}
"""What is typed, and one of its candidates."""
FEW = ("rldbs evaluate run=", "rldbs compare sweep=", "rldbs train --config-dir own agent=keys agent.key")
"""One for each kind of names: of runs, of sweeps, of a directory's own groups. All of them are for make test-shells."""


def made(folder: Path) -> list[str]:
    """What was made by something that ran."""
    return [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names if name == "pwned"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile")
    runs(path)
    own_groups(path / "own")
    return path


def test_there_are_fifty_names_and_none_of_them_is_offered():
    assert len(set(HOSTILE)) >= 50
    assert not [name for name in (*HOSTILE, *ODD) if is_plain(name) and name != "[a-z]*"]
    assert is_plain(f"run=hr-ppo/{ONE}")
    assert is_plain(PLAIN)


@pytest.mark.parametrize("lines", [FEW, pytest.param(tuple(PLACES), marks=pytest.mark.slow)], ids=["few", "all"])
@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_runs(shell, lines, folder, tmp_path):
    """Candidates are listed, put onto the line (in bash and zsh all of them at once), and the line is entered."""
    with terminal(shell, tmp_path / "home", folder) as opened:
        for line in lines:
            offered, before = PLACES[line], len(opened.screen)
            given = opened.complete(line)
            assert made(folder) + made(tmp_path) == [], line
            assert all(is_plain(word) or word.startswith("--") or word in line for word in given), given
            if offered and shell == "fish":  # which lists as many as fit, and takes one
                assert len(opened.screen) - before > 2 * len(line), line
            elif offered:
                value = offered.partition("=")[2] or offered
                assert value.encode() in opened.screen[before:].replace(b"\\", b""), line
                assert offered in given or value in given, given


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_runs_with_a_single_name(shell, tmp_path):
    """Where one name is not as a shell wants it, the others may be safe from it."""
    with terminal(shell, tmp_path / "home", tmp_path) as opened:
        for k, name in enumerate(HOSTILE):
            folder = tmp_path / str(k)
            runs(folder, [name])
            own_groups(folder / "own", [name])
            opened.type(f"cd {folder}\r")
            for line in ("rldbs evaluate run=", "rldbs resume ", "rldbs train --config-dir own agent="):
                opened.complete(line)
                assert made(tmp_path) == [], line
