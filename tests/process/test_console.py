"""What files and names hold is shown as text: nothing in it steers a terminal, nothing is markup."""

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from rldbs.compare.file_formats import _escaped
from rldbs.experiment.display import Display
from rldbs.process.console import Screen, Words, screen
from rldbs.process.terminal import show, show_table

EVIL = "\x1b]0;owned\x07 [/red] [bold]x :smile: \x9b2J \u202egnp"
SEEN = (r"\x1b]0;owned", r"[/red] [bold]x :smile: \x9b2J \u202egnp")
"""Between the two, rich leaves the bell out in some places."""
ROOT = Path(__file__).parents[2] / "rldbs"


def printed(console, said):
    console.print(EVIL, soft_wrap=True)


def styled(console, said):
    console.print(Text(EVIL, "red"), soft_wrap=True)


def in_a_table(console, said):
    table = Table(EVIL, title=EVIL)
    table.add_row(EVIL)
    table.add_row(Text(EVIL))
    console.print(table)


def in_a_bar(console, said):
    with Progress(Words("{task.description}"), console=console) as progress:
        progress.add_task(EVIL)


def as_a_title(console, said):
    with Display(console, EVIL, 1000) as display:
        display.say(EVIL)


@pytest.mark.parametrize("way", [printed, styled, in_a_table, in_a_bar, as_a_title])
@pytest.mark.parametrize("terminal", [True, False])
def test_whatever_is_shown_is_text(way, terminal):
    said = StringIO()
    console = Screen(file=said, width=300, force_terminal=terminal, markup=False, emoji=False, highlight=False)
    way(console, said)
    assert all(part in said.getvalue() for part in SEEN)
    assert "\x1b]" not in said.getvalue()
    assert not set("\x07\x9b\u202e") & set(said.getvalue())


def test_lines_and_plain_tables_as_well(capsys):
    show(EVIL)
    show_table(EVIL, [EVIL, "b"], [[EVIL, "c"]])
    out = capsys.readouterr().out
    assert [out.count(part) for part in SEEN] == [4, 4]
    assert "\x1b" not in out


def test_and_in_markdown():
    assert "\x1b" not in _escaped(EVIL)
    assert "\u202e" not in _escaped(EVIL)


def test_screens_and_words_beside_bars_are_made_in_one_place():
    """Those of rich read markup."""
    for path in ROOT.rglob("*.py"):
        if path.name != "console.py":
            assert not re.search(r"\b(Console|TextColumn)\(", path.read_text()), path
    said = StringIO()
    screen(said, 40).print("[bold]x[/bold] :smile:")
    assert said.getvalue() == "[bold]x[/bold] :smile:\n"
