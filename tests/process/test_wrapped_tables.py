"""Tables on terminals of any width: every number is whole, and has its name."""

from io import StringIO

import pytest

from rldbs.experiment.metric_tables import print_curve, print_stress
from rldbs.process.console import screen
from rldbs.process.plurals import counted
from rldbs.process.wrapped_tables import print_table

WIDTHS = [20, 30, 40, 80]
ROW = ["bvdp-ppo/20260101-120000-s0-1a2b", "64.2 [63.9, 64.5]", "1,000,000 / 3,000,000", "0.000123", "12.5–13.25"]
COLUMNS = ["run", "S", "steps", "mean |kick|", "95 %"]


def interval(value):
    return {"iqm": value, "ci95": [value - 1, value + 1]}


POINTS = [
    {"value": value, "deterministic": {key: interval(1234.5) for key in ("suppression", "activity", "mean_abs_kick")}}
    for value in (0.0125, 0.025, 0.05)
]


def shown(width, show, *given):
    out = StringIO()
    show(screen(out, width), *given)
    lines = out.getvalue().splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width
    return " ".join(lines).split()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_number_breaks_and_none_goes(width):
    words = shown(width, print_table, "runs", COLUMNS, [ROW, ["short", "-1", "1 / 2", "2.5e-11", ""]])
    for cell in [*ROW[1:], "-1", "2.5e-11"]:
        assert set(cell.split()) <= set(words)
    assert {"S", "steps", "mean", "|kick|"} <= set(words)


@pytest.mark.parametrize("width", WIDTHS)
def test_of_curves_and_stresses_neither(width):
    words = shown(width, print_curve, "model.coupling", {"label": "pd", "points": POINTS}, False, "suppression")
    assert words.count("1,234") + words.count("1,235") == 9
    assert {"0.0125", "0.025", "0.05"} <= set(words)
    stress = {
        "name": "noise",
        "axis": "relative noise",
        "values": [0.0125, 0.025, 0.05],
        "curves": [{"label": "proportional", "points": POINTS}, {"label": "pd", "points": POINTS}],
    }
    words = shown(width, print_stress, stress, "suppression")
    assert words.count("1,234") + words.count("1,235") == 6
    assert {"0.0125", "0.025", "0.05"} <= set(words)


def test_one_thing_is_one():
    assert (counted(1, "free population"), counted(2, "run"), counted(0, "run")) == (
        "1 free population",
        "2 runs",
        "0 runs",
    )
