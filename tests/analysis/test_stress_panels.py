import numpy as np
import pytest

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.response_curves import COLOURS, Curve
from rldbs.analysis.plots.stress_panels import Panel, panels_picture


def interval(*values):
    middle = np.array(values, np.float64)
    return np.stack([middle, 0.9 * middle, 1.1 * middle], axis=1)


def curve(label, s=(9, 3), activity=(1, 1), floor=None, diverged=(False, False)):
    return Curve(label, interval(*s), interval(*activity), floor, np.array(diverged))


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draws panels, and gives the figure."""
    figures = []
    write = drawing.write
    monkeypatch.setattr(drawing, "write", lambda figure, path: (figures.append(figure), write(figure, path)))

    def draw(*panels):
        panels_picture(panels, tmp_path / "panels.png", "title $x_", "subtitle")
        return figures[-1]

    return draw


def colours(axes):
    return [line.get_color() for line in axes.lines if line.get_linestyle() == "-" and len(line.get_xdata()) == 2][1:]


def test_a_controller_has_its_colour_in_every_panel(drawn):
    figure = drawn(
        Panel("noise", "parts", (0, 0.1), [curve("one"), curve("two")]), Panel("delay", "x", (0, 1), [curve("two")])
    )
    assert len(figure.axes) == 4
    assert colours(figure.axes[0]) == list(COLOURS[:2])
    assert colours(figure.axes[2]) == [COLOURS[1]]
    assert [text.get_text() for text in figure.legends[0].texts] == ["one", "two"]


def test_quenched_points_are_hollow_and_diverged_ones_a_cross(drawn):
    quenched = curve("one", (9, 3), (1, 0.2))
    lost = curve("two", (9, np.nan), (1, np.nan), diverged=(False, True))
    figure = drawn(Panel("noise", "parts", (0, 0.1), [quenched, lost]))
    lines = figure.axes[0].lines
    assert [x for line in lines if line.get_markerfacecolor() == "white" for x in line.get_xdata()] == [1.0]
    assert [x for line in lines if line.get_marker() == "x" for x in line.get_xdata()] == [1.0]
    assert [text.get_text() for text in figure.legends[0].texts] == ["one", "two", "quenched", "diverged"]


def test_all_panels_have_one_scale_that_holds_every_curve_and_the_floor(drawn):
    floor = np.array([30.0, 40.0])
    panels = [Panel(str(k), "x", ("a", "b"), [curve("one", (10**k, 3), floor=floor)]) for k in range(-1, 3)]
    figure = drawn(*panels)
    limits = {axes.get_ylim() for axes in figure.axes[::2]}
    assert len(limits) == 1
    assert next(iter(limits))[0] < 0.09
    assert next(iter(limits))[1] > 110
    dashed = [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert [line.get_ydata().tolist() for line in dashed] == [[30.0, 40.0]]


def test_nothing_but_holes_is_drawn(drawn):
    drawn(Panel("noise", "x", (0, 1), [curve("one", (np.nan, np.nan), (np.nan, np.nan))]))
