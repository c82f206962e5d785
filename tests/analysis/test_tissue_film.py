import numpy as np
import pytest
from PIL import Image, ImageSequence

from rldbs.analysis.plots import animation
from rldbs.analysis.plots.animation import write_gif
from rldbs.analysis.plots.phase_colours import CIRCLE
from rldbs.analysis.plots.tissue_film import TISSUE_COLOURS, tissue_film
from rldbs.core.tissue import cube

WHERE = cube(4, 0.1)
CONTACTS = WHERE.mean(axis=0) + np.array([[0.0, 0.0, -0.1], [0.0, 0.0, 0.1]])
STEPS = 400
SIZE = (760, 640)


@pytest.fixture(autouse=True)
def _short_films(monkeypatch):
    monkeypatch.setattr(animation, "FRAMES", 5)


def recorded():
    """Phases that go round, ever more apart, and the stimulation of two contacts from half of the time on."""
    step = np.arange(STEPS)[:, None]
    phase = 0.05 * step + step / STEPS * np.random.default_rng(0).uniform(-np.pi, np.pi, 64)
    stimulation = np.where(step < STEPS // 2, 0.0, np.array([50.0, -20.0]))
    return phase, stimulation


def film(phase, stimulation, **marked):
    return tissue_film(WHERE, phase, stimulation, 0.5, "title $x_", "subtitle", contacts=CONTACTS, **marked)


def test_a_film_has_pictures_of_the_stated_size_and_a_gif_keeps_their_colours(tmp_path):
    pictures = film(*recorded(), sites=CONTACTS[:1])
    assert [picture.size for picture in pictures] == [SIZE] * 5
    write_gif(pictures, tmp_path / "film.gif", TISSUE_COLOURS)
    with Image.open(tmp_path / "film.gif") as gif:
        for seen, drawn in zip(ImageSequence.Iterator(gif), pictures, strict=True):
            seen, drawn = np.asarray(seen.convert("RGB"), int), np.asarray(drawn, int)
            assert (seen[(drawn == 255).all(axis=2)] == 255).all()
            assert np.abs(seen - drawn).max(axis=2).mean() < 2


def test_a_palette_has_room_for_all_colours():
    assert len(TISSUE_COLOURS) <= 64
    assert len({tuple(np.rint(255 * colour)) for colour in CIRCLE}) == len(CIRCLE)


def test_a_picture_shows_the_past_and_nothing_of_the_future():
    phase, stimulation = recorded()
    later, other = phase.copy(), stimulation.copy()
    later[250:] += 1.0
    other[250:, 1] = 20.0
    same = [a.tobytes() == b.tobytes() for a, b in zip(film(phase, stimulation), film(later, other), strict=True)]
    assert same == [True] * 3 + [False] * 2  # at steps 1, 100, 200, 300, 400


def colour(picture, where, rgb):
    """How many pixels of a part of a picture, in pixels, nearly have a colour."""
    left, top, right, bottom = where
    pixels = np.asarray(picture, float)[top:bottom, left:right]
    return int((np.abs(pixels - 255 * np.asarray(rgb)).max(axis=2) < 4).sum())


def test_neurons_have_the_colours_of_their_phases():
    tissue = (0, 60, 450, 400)
    still, stimulation = np.zeros((STEPS, 64)), np.zeros((STEPS, 2))
    for k in (0, 7, 12):
        *_, last = film(still + 2 * np.pi * k / 24, stimulation)
        counts = [colour(last, tissue, rgb) for rgb in CIRCLE]
        assert counts[k] > 200
        assert sum(counts) - counts[k] < 0.1 * counts[k]


def test_contacts_that_stimulate_have_a_ring():
    phase, stimulation = recorded()
    vermillion, tissue = np.array([0xD5, 0x5E, 0x00]) / 255, (0, 60, 450, 400)
    pictures = film(phase, stimulation)
    assert colour(pictures[2], tissue, vermillion) == 0
    assert colour(pictures[4], tissue, vermillion) > 20


def test_without_places_of_contacts_and_with_phases_that_are_no_numbers_it_is_drawn():
    phase, stimulation = recorded()
    phase[200:] = np.nan
    assert len(tissue_film(WHERE, phase, 0 * stimulation, 0.5, "diverged")) == 5
    assert len(tissue_film(WHERE, phase[:1], stimulation[:1], 0.5, "one step")) == 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"positions": None}, "needs to know where each neuron is"),
        ({"phase": np.zeros((STEPS, 63))}, r"phase must be \(steps, 64\), got shape \(400, 63\)"),
        ({"phase": np.zeros((0, 64))}, r"phase must be \(steps, 64\)"),
        ({"stimulation": np.zeros((9, 2))}, r"stimulation must be \(400, contacts\), got shape \(9, 2\)"),
        ({"contacts": CONTACTS[:1]}, "stimulation is of 2 contacts, but 1 have places"),
    ],
)
def test_what_does_not_belong_together_is_refused(change, words):
    phase, stimulation = recorded()
    given = {"positions": WHERE, "phase": phase, "stimulation": stimulation, "contacts": CONTACTS, **change}
    with pytest.raises(ValueError, match=words):
        tissue_film(dt=0.5, title="title", **given)
