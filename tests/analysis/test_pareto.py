import numpy as np
import pytest
from PIL import Image

from rldbs.analysis.plots.pareto import Mark, Panel, learning_picture, pareto_picture

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
