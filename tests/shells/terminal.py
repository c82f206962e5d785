"""A shell in a pseudo-terminal that completes the words of rldbs and, when a line is entered, only notes them."""

import os
import pty
import select
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

RLDBS = Path(sys.executable).with_name("rldbs")
SHELLS = ("bash", "zsh", "fish")
PATIENCE = 120
"""Seconds for an answer, after which a test fails."""

COMPLETES = """#!/bin/sh
'{rldbs}' "$@"
status=$?
echo >> "$HOME/answered"
exit $status
"""
"""What a shell asks for candidates: rldbs, and a note that it has answered."""
NOTES = """#!/bin/sh
printf '%s\\0' "$@" > "$HOME/words"
"""
"""What an entered line starts."""
SETTINGS = {
    "bash": r"""
bind 'set completion-query-items 0'
bind 'set page-completions off'
bind 'set enable-bracketed-paste off'
bind '"\C-xa": insert-completions'
source "$HOME/completion"
rldbs() { "$HOME/notes" "$@"; }
PS1='READY> '
""",
    "zsh": r"""
PS1='READY> '
unsetopt prompt_sp
autoload -Uz compinit && compinit -u
source "$HOME/completion"
zstyle ':completion:*' menu select
zstyle ':completion:all-matches:*' old-matches only
zstyle ':completion:all-matches::::' completer _all_matches _complete
zle -C all-matches complete-word _generic
bindkey '^Xa' all-matches
LISTMAX=10000
rldbs() { "$HOME/notes" "$@" }
""",
    "fish": r"""
function fish_greeting; end
function fish_prompt; echo -n 'READY> '; end
source "$HOME/completion"
function rldbs; "$HOME/notes" $argv; end
""",
}
START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "--no-globalrcs", "-i"],
    "fish": ["fish", "--interactive"],
}
OWNS_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Gives a program the terminal that it is started on."""
INSERT_ALL = "\x18a"
"""Ctrl-X a: in bash and zsh, every candidate goes onto the line."""


class Terminal:
    """A shell that is being typed into."""

    def __init__(self, shell: str, home: Path, master: int) -> None:
        self.shell = shell
        self.screen = b""
        self._home = home
        self._master = master

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def complete(self, line: str) -> list[str]:
        """Type a line, let it be completed, with every candidate where the shell can, and enter it.

        Returns:
            The words that the command was given.
        """
        words = self._home / "words"
        words.unlink(missing_ok=True)
        self._ask(f"{line}\t")
        self._ask("\t" if self.shell == "fish" else INSERT_ALL, again=False)
        for _ in range(3):  # out of a menu, onto the line, and off
            self.type("\r")
            if self._appears(words, 0.7):
                break
        else:
            assert self._appears(words, PATIENCE), self.screen.decode(errors="replace")
        return words.read_text(errors="surrogateescape").split("\0")[:-1]

    def _ask(self, keys: str, again: bool = True) -> None:
        """Press keys that make the shell ask for candidates, and wait for the answer; the second time it may know."""
        answered = self._home / "answered"
        before = answered.stat().st_size if answered.exists() else 0
        self.type(keys)
        end = time.monotonic() + (PATIENCE if again else 0.7)
        while time.monotonic() < end:
            self.read(0.05)
            if answered.exists() and answered.stat().st_size > before:
                break
        else:
            assert not again, self.screen.decode(errors="replace")
        self.read(0.3)

    def _appears(self, path: Path, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)
            if path.exists() and path.read_bytes().endswith(b"\0"):
                return True
        return False

    def wait_for(self, text: bytes) -> None:
        """Wait until something is shown."""
        end = time.monotonic() + PATIENCE
        while text not in self.screen:
            assert time.monotonic() < end, self.screen.decode(errors="replace")
            self.read(0.05)

    def read(self, quiet: float) -> None:
        """Take what is shown until nothing more comes for so many seconds."""
        while select.select([self._master], [], [], quiet)[0]:
            try:
                self.screen += os.read(self._master, 65536)
            except OSError:  # the shell is gone
                return


@contextmanager
def terminal(shell: str, home: Path, folder: Path) -> Iterator[Terminal]:
    """A shell in a folder, with a home of its own. The test is skipped where there is no such shell."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed; make test-shells brings it (Debian)")
    environment = _prepare(shell, home)
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (50, 200))
    command = [sys.executable, "-c", OWNS_TERMINAL, *START[shell]]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environment)
    os.close(slave)
    try:
        opened = Terminal(shell, home, master)
        if shell == "bash":
            opened.type('source "$HOME/settings"\n')
        opened.wait_for(b"READY> ")
        yield opened
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _prepare(shell: str, home: Path) -> dict[str, str]:
    programs = home / "bin"
    programs.mkdir(parents=True)
    _program(programs / "rldbs", COMPLETES.format(rldbs=RLDBS))
    _program(home / "notes", NOTES)
    script = subprocess.run(
        [RLDBS], env={**os.environ, "_RLDBS_COMPLETE": f"source_{shell}"}, capture_output=True, text=True, check=True
    ).stdout
    settings = {"bash": "settings", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}[shell]
    for name, text in ((settings, SETTINGS[shell]), ("completion", script)):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text.lstrip("\n"))
    return {
        "HOME": str(home),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "TERM": "xterm",
        "LANG": "C.UTF-8",
    }


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
