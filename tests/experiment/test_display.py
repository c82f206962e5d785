"""What is shown while a controller learns, on a terminal and in a file."""

import re
from io import StringIO

import pytest
from rich.console import Console

from rldbs.experiment.display import SHOWN, Display

ROW = {
    "steps": 500.0,
    "steps_per_second": 20_000.0,
    "reward": -0.01,
    "episode_return": -20.0,
    "kick": 0.004,
    "current_suppression": 3.2,
    "suppression": 45.6,
    "mean_abs_kick": 0.001,
    "activity": 0.97,
    "best_suppression": 45.6,
}


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 120])
def test_terminal_shows_every_number(width):
    out = StringIO()
    with Display(Console(file=out, force_terminal=True, width=width), "learning", 1000) as display:
        display.update(ROW)
    shown = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]|[│╭╮╰╯─]", " ", out.getvalue())
    text = " ".join(shown.split())
    assert {"45.6", "20,000", "-0.01", "0.001"} <= set(text.split())
    for key, (label, _) in SHOWN.items():
        assert (label in text) is (key in ROW)
    assert "45.6" in text
    assert "50%" in text


def test_file_gets_plain_lines():
    out = StringIO()
    with Display(Console(file=out), "learning", 1000) as display:
        display.update(ROW)
    assert "\x1b" not in out.getvalue()
    first, line = out.getvalue().splitlines()
    assert first == "learning"
    assert "500 steps" in line
    assert "S on unseen populations 45.6" in line


@pytest.mark.parametrize("before", [True, False])
def test_of_oscillators_the_best_is_told_by_r(before):
    out = StringIO()
    with Display(Console(file=out, force_terminal=True, width=120), "learning", 1000, by_order=True) as display:
        display.update({"steps": 500.0, "best_suppression": 2.0, "best_order": 0.1234})
        if not before:
            display.update(ROW | {"order": 0.25, "best_order": 0.1234})
    assert "best R so far" in out.getvalue()
    assert "0.123" in out.getvalue()
    assert "best S" not in out.getvalue()


def test_what_does_not_last_is_told_as_never_and_not_as_s():
    """Of a measurement under which it did not come, and of the next one under which it did; S means nothing there."""
    out = StringIO()
    charge = {"charge_to_last": 2.5, "time_to_last": 60.0}
    with Display(Console(file=out, width=300), "learning", 1000, tuple(charge)) as display:
        for row in (ROW, ROW | charge, ROW):
            display.update(row)
    _, first, second, third = out.getvalue().splitlines()
    assert "charge to last there 2.5" in second
    for line in (first, third):
        assert "charge to last there never" in line
    assert not any(word in out.getvalue() for word in ("S now", "S on", "best S"))
