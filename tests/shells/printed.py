"""Commands that are printed: in README.md and the handbook, in the help, and in the code that makes messages."""

import ast
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rldbs.cli import app
from tests.documents import DOCUMENTS, commands
from tests.shells.terminal import RLDBS

PROGRAMS = ("rldbs", "make", "pip", "ray")
COMMANDS = tuple(command.name or command.callback.__name__ for command in app.registered_commands)
SOURCES = sorted((Path(__file__).parents[2] / "rldbs").rglob("*.py"))


def documented() -> list[str]:
    """The commands of README.md and the handbook: those of their blocks, and those in a sentence or a table."""
    return [line for document in DOCUMENTS for line in commands(document, PROGRAMS)]


@cache
def helps() -> list[str]:
    """The examples in ``--help`` of every command."""
    shown = []
    for words in ([], *([command] for command in COMMANDS)):
        answer = subprocess.run(
            [RLDBS, *words, "--help"],
            env={**os.environ, "COLUMNS": "300", "TERMINAL_WIDTH": "300"},
            capture_output=True,
            text=True,
            check=True,
        )
        for paragraph in re.split(r"\n\s*\n", answer.stdout):
            lines = [line.strip() for line in paragraph.splitlines() if line.strip() not in ("", "Examples:")]
            lines = [line.removeprefix("Begin with: ") for line in lines]
            if all(line.startswith("rldbs ") for line in lines):  # not a sentence that is broken before it
                shown += lines
    return shown


def meant(line: str) -> list[str]:
    """The words of a command, where a shell takes all of them as text."""
    words = shlex.split(line, comments=True)
    return words[: words.index("|")] if "|" in words else words


def unquoted() -> Iterator[str]:
    """Places in the code where a command is put together without quotes: not by ``to_type``."""
    typed = re.compile(rf"rldbs ({'|'.join(COMMANDS)})\b[^,;:\n]* [^,;:\n]*$")
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            before = ""
            for part in node.values if isinstance(node, ast.JoinedStr) else ():
                if isinstance(part, ast.Constant):
                    before += str(part.value)
                elif typed.search(before):
                    yield f"{path.name}:{part.lineno}: {before}"
