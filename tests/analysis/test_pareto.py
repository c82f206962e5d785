import numpy as np
import pytest
from PIL import Image

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.pareto import Mark, Panel, learning_picture, pareto_picture
from rldbs.analysis.tradeoff import SYNCHRONY

COURSE = np.array([[100.0, 5, 4, 6], [200, 15, 12, 18]])


def mark(label="ppo", s=50.0, kick=0.001, quenched=False, learning=True, compromises=()):
    ends = np.array([1.0, 0.9, 1.2])
    courses = {"steps": COURSE, "time": COURSE / 100} if learning else {}
    return Mark(label, s * ends, kick * ends, quenched, courses, np.array(compromises, float).reshape(-1, 2))


MARKS = [mark(), mark("$p$", 20, 1e-4, learning=False), mark("none", 1, 0.0, learning=False)]


def picture(draw, panels, path):
    draw(panels, path, "title", "subtitle")
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("draw", [pareto_picture, learning_picture])
def test_pictures_have_a_panel_for_every_task_and_are_the_same_again(draw, tmp_path):
    one = picture(draw, [Panel("bvdp", MARKS)], tmp_path / "one.png")
    two = picture(draw, [Panel("bvdp", MARKS), Panel("hr", [mark()])], tmp_path / "two.png")
    assert two.shape[0] > 1.5 * one.shape[0]
    assert np.array_equal(one, picture(draw, [Panel("bvdp", MARKS)], tmp_path / "again.png"))


def test_a_quenched_mark_is_hollow(tmp_path):
    full, hollow = (
        picture(pareto_picture, [Panel("bvdp", [mark(quenched=quenched)])], tmp_path / f"{quenched}.png")
        for quenched in (False, True)
    )
    blue = np.array([0, 0x72, 0xB2])
    inside = slice(None, int(0.7 * full.shape[1]))
    count = [(abs(image[:, inside] - blue).max(axis=2) < 8).sum() for image in (full, hollow)]
    assert count[0] > 1.2 * count[1]


def test_what_was_never_known_or_never_kicked_does_not_hinder(tmp_path):
    unknown = Mark("unknown", np.full(3, np.nan), np.full(3, np.nan), False, {}, np.empty((0, 2)))
    assert picture(pareto_picture, [Panel("bvdp", [unknown, mark("none", 1, 0.0)])], tmp_path / "a.png").size
    assert picture(learning_picture, [Panel("bvdp", [unknown, mark()])], tmp_path / "b.png").size


def test_a_path_that_ends_in_pdf_is_a_pdf(tmp_path):
    pareto_picture([Panel("bvdp", MARKS)], tmp_path / "a.pdf", "title")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_what_a_search_has_found_beside_is_drawn_and_on_the_front(tmp_path):
    bare = picture(pareto_picture, [Panel("bvdp", [mark()])], tmp_path / "bare.png")
    found = picture(
        pareto_picture, [Panel("bvdp", [mark(compromises=[(30, 5e-4), (60, 2e-3)])])], tmp_path / "found.png"
    )
    grey = np.array([0x6B, 0x6B, 0x6B])
    lines = [(abs(image[150:350, 200:700] - grey).max(axis=2) < 40).sum() for image in (bare, found)]
    assert lines[1] > lines[0] + 50


LONG = "kuramoto · pulses · " + ", ".join(f"some.setting_{k}={k}e-3" for k in range(16))
NAMED = mark("a long name of a controller with gain=0.3 delay=12 length=7", 20, 1e-4)


@pytest.fixture
def drawn(monkeypatch):
    """The figures of the pictures that are written."""
    figures = []
    monkeypatch.setattr(drawing, "write", lambda figure, path: (figure.canvas.draw(), figures.append(figure)))
    return figures


@pytest.mark.parametrize("draw", [pareto_picture, learning_picture])
@pytest.mark.parametrize("count", [3, 8])
def test_titles_names_and_axes_lie_side_by_side(draw, count, drawn, tmp_path):
    panels = [Panel(LONG[: 40 + 90 * k], [*MARKS, NAMED]) for k in range(count)]
    draw(panels, tmp_path / "a.png", "title", "subtitle")
    (figure,) = drawn
    boxes = [text.get_window_extent() for text in figure.texts]
    for axes in figure.axes:
        boxes += [axes.xaxis.label.get_window_extent(), axes.bbox]
        if axes.get_title(loc="left"):
            boxes.append(axes._left_title.get_window_extent())
        if axes.get_legend():
            boxes.append(axes.get_legend().get_window_extent())
    boxes = [box for box in boxes if box.width > 0]
    for k, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width
        assert not any(box.overlaps(other) for other in boxes[k + 1 :])


def test_a_page_of_many_panels_is_about_square(drawn, tmp_path):
    pareto_picture([Panel(LONG, [mark()])] * 26, tmp_path / "a.png", "title")
    width, height = drawn[0].get_size_inches()
    assert 0.5 < width / height < 2
    assert len(drawn[0].axes) == 26


def test_kicks_of_oscillators_have_their_unit(drawn, tmp_path):
    pareto_picture([Panel("kuramoto", [mark()], SYNCHRONY), Panel("bvdp", [mark()])], tmp_path / "a.png", "title")
    words = "mean |kick| per integration step"
    assert [axes.get_xlabel() for axes in drawn[0].axes] == [f"{words} in rad/s", words]
