import struct

import numpy as np
import pytest
from matplotlib.axes import Axes

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.response_curves import COLOURS, Curve, curve_picture


def interval(*values):
    middle = np.array(values, np.float64)
    return np.stack([middle, 0.9 * middle, 1.1 * middle], axis=1)


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draws curves, and gives the two panels."""
    figures = []
    write = drawing.write
    monkeypatch.setattr(drawing, "write", lambda figure, path: (figures.append(figure), write(figure, path)))

    def draw(curves, values) -> tuple[Axes, Axes]:
        curve_picture(curves, values, "some.key", tmp_path / "curve.png", "title $x_", "subtitle")
        content = (tmp_path / "curve.png").read_bytes()
        assert struct.unpack(">II", content[16:24]) == (1200, 840)
        return tuple(figures[-1].axes)

    return draw


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ((100, 1000, 10_000), "log"),
        ((1, 5, 10), "linear"),
        ((0, 0.05, 0.4), "linear"),
        ((-1, 1, 100), "linear"),
        (("x", "y", "z"), "linear"),
    ],
)
def test_an_axis_over_more_than_a_decade_is_logarithmic(drawn, values, scale):
    above, below = drawn([Curve("one", interval(2, 3, 4), interval(1, 1, 1), None)], values)
    assert above.get_xscale() == below.get_xscale() == scale


def test_text_is_a_category(drawn):
    _, below = drawn([Curve("one", interval(2, 3), interval(1, 1), None)], ("x", "$y"))
    assert [label.get_text() for label in below.get_xticklabels()] == ["x", "$y"]


def hollow(axes):
    return [x for line in axes.lines if line.get_markerfacecolor() == "white" for x in line.get_xdata()]


def test_a_quenched_point_is_hollow_and_a_missing_one_is_not_there(drawn):
    curve = Curve("one", interval(2, np.nan, 300, 4), interval(1, np.nan, 0.1, 0.9), None)
    above, below = drawn([curve], (1, 2, 3, 4))
    assert hollow(above) == hollow(below) == [3.0]
    points = [x for line in above.lines if line.get_linestyle() == "None" for x in line.get_xdata()]
    assert sorted(points) == [1.0, 3.0, 4.0]
    assert [text.get_text() for text in above.get_legend().texts] == ["one", "quenched"]


def dashed(axes):
    return [line for line in axes.lines if line.get_linestyle() == "--" and len(line.get_xdata())]


def test_a_floor_is_drawn_once_for_curves_that_share_it(drawn):
    def curve(label, *floor):
        return Curve(label, interval(2, 3), interval(1, 1), np.array(floor))

    above, _ = drawn([curve("one", 1, 2), curve("two", 1, 2)], (1, 2))
    assert [line.get_ydata().tolist() for line in dashed(above)] == [[1.0, 2.0]]
    above, _ = drawn([curve("one", 1, 2), curve("two", 1, 3)], (1, 2))
    assert [line.get_color() for line in dashed(above)] == list(COLOURS[:2])


def test_a_curve_of_which_nothing_is_known_is_drawn(drawn):
    nothing = np.full((2, 3), np.nan)
    drawn([Curve("one", nothing, nothing, None)], (1, 2))


def one_of(k, count, height):
    values = [np.nan] * count
    values[k] = height
    return Curve("abc"[k], interval(*values), interval(*[np.nan if np.isnan(v) else 1.0 for v in values]), None)


def test_controllers_have_a_place_and_a_tick_each(drawn):
    above, below = drawn([one_of(k, 3, k + 1.0) for k in range(3)], ("a", "b", "c"))
    points = [line for line in above.lines if line.get_linestyle() == "None" and len(line.get_xdata())]
    assert [(*line.get_xdata(), *line.get_ydata()) for line in points] == [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]
    assert [label.get_text() for label in below.get_xticklabels()] == ["a", "b", "c"]
    assert above.get_legend() is None


@pytest.mark.parametrize("height", [1e-4, 1.0, 50.0])
@pytest.mark.parametrize("values", [(1, 2), ("x", "y")])
def test_the_highest_mark_lies_within_the_axes(drawn, height, values):
    flat = np.full((2, 3), height)
    above, _ = drawn([Curve("one", flat, interval(1, 1), None)], values)
    low, high = above.transData.transform([(0, height), (0, above.get_ylim()[1])])[:, 1]
    assert high - low > 5.5 / 2 * above.figure.dpi / 72


def test_long_categories_stand_aslant_on_the_page(drawn):
    names = tuple(f"a_controller_of_some_kind_{k}" for k in range(12))
    _, below = drawn([Curve("one", interval(*range(1, 13)), interval(*[1] * 12), None)], names)
    figure = below.figure
    boxes = [label.get_window_extent() for label in below.get_xticklabels()]
    assert all(box.y0 > 0 and box.x1 < figure.bbox.width for box in boxes)
    assert below.get_xticklabels()[0].get_rotation() == 30
