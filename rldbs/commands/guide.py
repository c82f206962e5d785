"""What ``rldbs guide`` shows: the handbook, a topic a file; pages on a terminal, the plain Markdown in a pipe."""

import os
import re
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from rldbs.core.errors import SettingError
from rldbs.process.terminal import show, show_table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

GUIDE = Path(str(files("rldbs") / "guide"))
FIRST = ("start", "models", "training", "measuring")
"""Topics that come first in the list; the others follow by name."""
WIDEST = 100
"""Characters of a line that are still read with ease."""
TABLE = re.compile(r"^((?:\|[^\n]*\|\n)+)", re.MULTILINE)
EMPHASIS = re.compile(r"(.*?)(?:\*\*(.+?)\*\*|(?<!\w)\*(\w[^*]*)\*|$)", re.DOTALL)
"""What stands before bold, or italic, or the end of a cell; and what is so."""
WORD = re.compile(r"[^\W\d_]{3,}")
"""Two of these make a cell one of words."""
PAGER = "-FRX"
"""How less shows it: with colours, and without a key to be pressed where all of it fits on the screen."""


def show_guide(topic: str | None) -> None:
    """Show a topic of the handbook, or the list of them.

    Raises:
        SettingError: there is no such topic.
    """
    known = topics()
    if topic is None:
        show_table("rldbs guide", ("topic", ""), [[name, told] for name, told in known.items()])
        return
    if topic not in known:
        near = get_close_matches(topic, known, n=1)
        hint = f"\nDid you mean {near[0]}?" if near else ""
        raise SettingError(f"guide {topic}: there is no such topic{hint}\nThere are {', '.join(known)}")
    text = (GUIDE / f"{topic}.md").read_text(encoding="utf-8")
    if sys.stdout.isatty():
        _turn_pages(for_terminal(text))
    else:
        show(text.rstrip())


def topics() -> Mapping[str, str]:
    """The topics, each with the sentence that says what is in it."""
    found = {path.stem: _told(path.read_text(encoding="utf-8")) for path in sorted(GUIDE.glob("*.md"))}
    return {name: found[name] for name in (*(name for name in FIRST if name in found), *found)}


def for_terminal(text: str) -> str:
    """Markdown without what only a web page can show: a link to another topic is the command that shows that."""
    text = re.sub(r"<!--.*?-->\n*", "", text, flags=re.DOTALL)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"*(picture: \1)*", text)
    text = re.sub(r"\[(\w+)\]\(\1\.md(?:#[\w-]*)?\)", r"`rldbs guide \1`", text)
    text = re.sub(r"\[([^\]]*)\]\((\w+)\.md(?:#[\w-]*)?\)", r"\1 (`rldbs guide \2`)", text)
    return re.sub(r"\[([^\]]*)\]\(\.\.?/[^)]*\)", r"\1", text)


def _told(text: str) -> str:
    """The second paragraph of a topic, on one line."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", paragraphs[1]).replace("`", "") if len(paragraphs) > 1 else ""


def _turn_pages(text: str) -> None:
    from rldbs.process.console import screen

    os.environ.setdefault("LESS", PAGER)
    console = screen()
    with console.pager(styles=True):
        print_markdown(console, text)


def print_markdown(console: "Console", text: str) -> None:
    """Show Markdown; its tables as all others are shown, in which no number is broken however narrow the screen is."""
    from rich.markdown import Markdown

    from rldbs.process.wrapped_tables import print_table

    width = min(console.width, WIDEST)
    for k, part in enumerate(TABLE.split(text)):
        if k % 2 == 0:
            console.print(Markdown(part, code_theme="ansi_light", hyperlinks=False), width=width)
        else:
            heading, _, *rows = map(_cells, part.splitlines())
            words = [j for j, column in enumerate(zip(*rows, strict=True)) if not all(map(_numeric, column))]
            console.print()
            print_table(console, "", heading, rows, words, shown=_emphasised)
            console.print()


def _cells(line: str) -> list[str]:
    """The cells of a line of a table, as they stand but for the marks of code."""
    return [cell.replace("`", "").strip() for cell in line.strip().strip("|").split("|")]


def _emphasised(cell: str) -> "Text":
    """What stands in a cell, with bold and italic in the place of the marks for them."""
    from rich.text import Text

    shown = Text()
    for before, bold, italic in EMPHASIS.findall(cell):
        shown.append(before).append(bold, "bold").append(italic, "italic")
    return shown


def _numeric(cell: str) -> bool:
    """Whether a cell is a number, with a unit or not, and no sentence that begins with one."""
    begins = cell[:1] in ("", "(", "–", "×") or cell[0].isdecimal()
    return begins and len(WORD.findall(cell)) < 2
