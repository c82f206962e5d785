"""Commands that are printed: in README.md, in the help, and in the code that makes messages."""

import ast
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.readme import README
from tests.shells.terminal import RLDBS

PROGRAMS = ("rldbs", "make", "pip", "ray")
COMMANDS = ("train", "resume", "evaluate", "tune", "simulate", "bench", "compare", "benchmark", "list")
SOURCES = sorted((Path(__file__).parents[2] / "rldbs").rglob("*.py"))


def readme() -> list[str]:
    """The commands of README.md: the lines of its blocks, and what stands in a sentence or a table."""
    text = README.read_text()
    blocks = re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", "").splitlines()
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    return [line.strip() for line in (*lines, *spans) if line.split() and line.split()[0] in PROGRAMS]


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
