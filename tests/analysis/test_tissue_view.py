"""Tissue is seen in perspective, and every neuron of it is seen."""

import numpy as np
import pytest

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.tissue_view import View, aside, electrodes, fogged, neuron_places, places_of, stage, widths
from rldbs.core.tissue import cube, line


def test_x_goes_right_y_away_and_z_up():
    view = View(np.zeros(3), 1.0)
    x, y, z = view.seen(0.1 * np.eye(3)) - view.seen(np.zeros((1, 3)))
    assert x[0] > abs(x[1])
    assert y[2] < 0 < min(y[0], y[1])
    assert z[1] > 10 * abs(z[0])


def test_what_is_near_looks_larger_and_everything_has_its_place():
    where = cube(5, 0.1)
    seen = View.of(where).seen(where)
    assert (np.diff(seen[np.argsort(seen[:, 2]), 3]) > -1e-12).all()
    assert len(np.unique(np.round(seen[:, :2], 3), axis=0)) == len(where)


def test_the_farthest_neuron_is_the_palest():
    seen = fogged(np.zeros((3, 3)), np.array([0.2, -1.0, 1.0]))
    assert seen[2].tolist() == [0.0, 0.0, 0.0]
    assert seen[1, 0] > seen[0, 0] > 0


def test_neurons_stay_where_they_are():
    np.testing.assert_array_equal(neuron_places(cube(4, 0.2)), cube(4, 0.2))
    np.testing.assert_array_equal(neuron_places([[1.0, 2.0, 3.0]]), [[1.0, 2.0, 3.0]])


def test_neurons_at_one_place_are_drawn_about_it_in_balls_that_do_not_meet():
    places = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 0.0]])
    where = np.concatenate([np.repeat(places[:2], 50, axis=0), places[2:]])
    drawn = neuron_places(where)
    away = np.linalg.norm(drawn - where, axis=1)
    assert away[100] == 0.0
    assert away[:100].min() > 0.0
    assert away.max() < 0.5
    assert np.linalg.norm(drawn[:50].mean(axis=0)) < 0.1 * away.max()
    assert len(np.unique(drawn, axis=0)) == 101


@pytest.mark.parametrize("positions", [None, np.zeros((5, 3)), np.zeros((0, 3)), np.ones((2, 3))])
def test_a_mean_field_has_no_picture(positions):
    with pytest.raises(ValueError, match="needs to know where each neuron is, in mm"):
        neuron_places(positions)


@pytest.mark.parametrize("value", [np.zeros((4, 2)), np.zeros(3), [[np.nan, 0.0, 0.0]]])
def test_what_is_no_place_is_refused(value):
    with pytest.raises(ValueError, match=r"sites must be finite and \(points, 3\), in mm"):
        places_of("sites", value)


@pytest.mark.parametrize(("bent", "lines"), [(0.0, 2), (0.1, 0)])
def test_contacts_on_a_line_have_a_shaft_and_all_have_their_numbers(bent, lines):
    contacts = line(4, 1.0)
    contacts[1, 2] = bent
    axes = drawing.page(3, 3).add_subplot()
    drawn = electrodes(axes, View.of(contacts), contacts, contacts[:1], ("k",) * 4)
    assert len(drawn) == lines + 2 * (4 + 1)
    assert sorted(text.get_text() for text in axes.texts) == ["1", "1", "2", "3", "4"]


def test_an_electrode_stands_beside_neurons_on_a_line_and_among_all_others():
    view, figure = View(np.zeros(3), 1.0), drawing.page(4, 3)
    axes = figure.add_subplot()
    axes.set_xlim(-1, 1)
    axes.set_ylim(-1, 1)
    right, up = aside(axes, view, line(20, 1.0) - [0.5, 0, 0])
    assert np.hypot(right, up) == pytest.approx(24.0)
    assert up > abs(right)
    assert aside(axes, view, cube(3, 0.1)) == (0.0, 0.0)
    places = np.array([[-0.2, 0, 0], [0.2, 0, 0]])
    for shift, apart in (((right, up), 24.0), ((0.0, 0.0), 0.0)):
        electrodes(axes, view, places, places[:1], ("black", "black"), shift)
        disc, diamond = ([m for m in axes.lines if m.get_marker() == kind][-1] for kind in "oD")
        for mark, place in ((disc, places[1]), (diamond, places[0])):
            there = axes.transData.transform(view.seen(place[None])[0, :2])
            drawn = mark.get_transform().transform((mark.get_xdata()[0], mark.get_ydata()[0]))
            assert np.hypot(*(drawn - there)) * 72 / figure.dpi == pytest.approx(apart)


BALLS = np.repeat([[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.7, 0.0]], 200, axis=0)


@pytest.mark.parametrize("positions", [cube(5, 0.1), cube(8, 0.1), BALLS])
def test_the_lengths_of_edges_lie_beside_neurons_and_on_the_page(positions):
    figure = drawing.page(5.0, 4.4)
    axes = figure.add_axes((0.02, 0.1, 0.96, 0.8))
    where = neuron_places(positions)
    view = View.of(where)
    stage(axes, view, positions, where)
    figure.canvas.draw()
    seen = axes.transData.transform(view.seen(where)[:, :2])
    radius = widths(axes, view, where) / 2 * figure.dpi / 72
    assert axes.texts
    for text in axes.texts:
        box = text.get_window_extent()
        nearest = np.clip(seen, box.min, box.max)
        assert (np.linalg.norm(seen - nearest, axis=1) > radius).all()
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width
        assert 0 <= box.y0 < box.y1 <= figure.bbox.height
