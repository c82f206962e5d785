import numpy as np
import pytest
from matplotlib.colors import to_rgb

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.response_curves import COLOURS
from rldbs.analysis.plots.tissue_picture import tissue_picture
from rldbs.core.tissue import cube, line, profile
from tests.analysis.test_pictures import png_size

WHERE = cube(4, 0.1)
CONTACTS = WHERE.mean(axis=0) + np.array([[0.0, 0.0, -0.1], [0.0, 0.0, 0.1]])
REACHED = profile(WHERE, CONTACTS, "lorentzian", 0.1)


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draws tissue, and gives its axes: the tissue, and those of the contacts."""
    figures = []
    write = drawing.write
    monkeypatch.setattr(drawing, "write", lambda figure, path: (figures.append(figure), write(figure, path)))

    def draw(positions, conductance, **marked):
        tissue_picture(positions, conductance, tmp_path / "tissue.png", "title $x_", "subtitle", **marked)
        assert png_size(tmp_path / "tissue.png") == (1350, 810)
        return figures[-1].axes

    return draw


def test_equal_tissue_gives_equal_files(tmp_path):
    for name in ("one.png", "two.png", "one.pdf", "two.pdf"):
        tissue_picture(WHERE, REACHED, tmp_path / name, "the same", contacts=CONTACTS, sites=CONTACTS[:1])
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_a_neuron_has_the_colour_of_its_contact_and_is_large_where_much_reaches_it(drawn):
    tissue, *_ = drawn(WHERE, REACHED, contacts=CONTACTS)
    (neurons,) = tissue.collections
    faces, sizes = neurons.get_facecolor()[:, :3], neurons.get_sizes()
    blue, red = (np.array([1 - part for part in to_rgb(colour)]) for colour in COLOURS[:2])
    hue = (1 - faces) / np.linalg.norm(1 - faces, axis=1, keepdims=True)
    near_blue, near_red = (hue @ (colour / np.linalg.norm(colour)) > 1 - 1e-9 for colour in (blue, red))
    assert near_blue.sum() == near_red.sum() == len(WHERE) / 2
    height = neurons.get_offsets()[:, 1]
    assert height[near_blue].mean() < height[near_red].mean()  # as the contacts are
    assert np.sort(sizes)[-8:].min() > 2 * np.median(sizes)


def test_curves_say_how_many_neurons_get_at_least_so_much(drawn):
    _, above, below = drawn(WHERE, REACHED, contacts=CONTACTS)
    for axes, reached in zip((above, below), REACHED, strict=True):
        across, up = axes.lines[0].get_xdata(), axes.lines[0].get_ydata()
        for level in (0.1, 0.3, 0.5):
            assert up[np.searchsorted(across, level)] == (reached >= level).sum()
        half = (reached >= reached.max() / 2).sum()
        assert f"{half} get half of the most" in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(("contacts", "panels"), [(1, 1), (8, 8), (9, 1)])
def test_many_contacts_share_a_panel(drawn, contacts, panels):
    at = WHERE[:contacts] + 0.01
    _, *amounts = drawn(WHERE, profile(WHERE, at, "linear", 0.3), contacts=at, sites=at)
    assert len(amounts) == panels


@pytest.mark.parametrize(
    ("where", "reached", "told"),
    [
        (WHERE, np.ones((1, 64)), ["64 get half of the most"]),
        (WHERE, np.zeros((2, 64)), ["reaches none", "reaches none"]),
        (line(30, 2.0), -np.ones((1, 30)), ["30 get half of the most"]),
        (np.repeat(np.eye(3), 20, axis=0), np.ones((1, 60)), ["60 get half of the most"]),
        ([[0.0, 0.0, 0.0]], [[1.0]], ["1 get half of the most"]),
    ],
    ids=["alike", "none", "sign", "clusters", "one"],
)
def test_all_kinds_of_tissue_can_be_drawn(drawn, where, reached, told):
    tissue, *amounts = drawn(where, reached)
    (neurons,) = tissue.collections
    places = neurons.get_offsets()
    assert len(places) == len(where)
    apart = {tuple(row) for row in np.round(places, 6).tolist()}
    assert len(apart) == len(where)  # also where several are at one place
    assert [axes.texts[0].get_text() for axes in amounts] == told


def test_the_heading_says_what_was_given_and_the_legend_what_marks_are(drawn):
    tissue, *_ = drawn(WHERE, REACHED, contacts=CONTACTS, sites=CONTACTS[:1])
    shown = [text.get_text() for text in tissue.figure.texts]
    assert "subtitle" in shown
    assert any("title" in text for text in shown)
    (legend,) = tissue.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "neuron, in the colour of its strongest contact",
        "contact",
        "recording site",
    ]


@pytest.mark.parametrize(
    ("reached", "words"),
    [(np.full((1, 64), 0.5), "neuron; all are reached alike"), (REACHED[:1], "neuron, large where much reaches it")],
)
def test_the_legend_speaks_of_sizes_only_where_they_differ(drawn, reached, words):
    tissue, *_ = drawn(WHERE, reached)
    (legend,) = tissue.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [words]


@pytest.mark.parametrize(
    ("arguments", "marked", "words"),
    [
        ((None, REACHED), {}, "needs to know where each neuron is"),
        ((WHERE, REACHED[:, 1:]), {}, r"conductance must be finite and \(contacts, 64\), got shape \(2, 63\)"),
        ((WHERE, np.full((1, 64), np.nan)), {}, "conductance must be finite"),
        ((WHERE, REACHED), {"contacts": CONTACTS[:1]}, "conductance is of 2 contacts, but 1 have places"),
        ((WHERE, REACHED), {"sites": [[0.0]]}, "sites must be finite and"),
    ],
)
def test_what_does_not_belong_together_is_refused(tmp_path, arguments, marked, words):
    with pytest.raises(ValueError, match=words):
        tissue_picture(*arguments, tmp_path / "tissue.png", "title", **marked)
    assert not list(tmp_path.iterdir())
