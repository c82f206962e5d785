import numpy as np
import pytest
from PIL import Image, ImageSequence

from rldbs.analysis.plots import animation, drawing
from rldbs.analysis.plots.animation import FilmError, suppression_film, write_gif, write_mp4

SIZE = (760, 420)


@pytest.fixture(autouse=True)
def _short_films(monkeypatch):
    monkeypatch.setattr(animation, "FRAMES", 8)


@pytest.fixture(scope="module")
def still():
    """A film of three pictures in which nothing moves."""
    return [Image.new("RGB", SIZE, "white")] * 3


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_gif_has_every_picture_repeats_and_holds_the_end(recording, tmp_path):
    write_gif(suppression_film(recording(), "title", "subtitle"), tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as gif:
        assert (gif.n_frames, gif.size, gif.info["loop"]) == (8, SIZE, 0)
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(gif)]
    assert durations == [80] * 7 + [2000]
    assert [path.name for path in tmp_path.iterdir()] == ["film.gif"]


def test_a_gif_keeps_white_white_and_the_colours_of_the_pictures(recording, tmp_path):
    film = suppression_film(recording(), "title")
    write_gif(film, tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as gif:
        for seen, drawn in zip(ImageSequence.Iterator(gif), film, strict=True):
            seen, drawn = np.asarray(seen.convert("RGB"), int), np.asarray(drawn, int)
            assert (seen[(drawn == 255).all(axis=2)] == 255).all()
            assert np.abs(seen - drawn).max(axis=2).mean() < 1


def test_a_picture_shows_the_past_and_nothing_of_the_future(recording):
    whole = recording()
    field = whole.field.copy()
    field[:, 2600:] = whole.field[:, 2600:][:, ::-1]
    one, other = suppression_film(whole, "title"), suppression_film(recording(field=field), "title")
    same = [bool((np.asarray(a) == np.asarray(b)).all()) for a, b in zip(one, other, strict=True)]
    assert same == [True] * 6 + [False] * 2  # at steps 1, 500, … 2500, 3000, 3500


def test_the_film_of_a_diverged_trajectory_without_a_rhythm_is_drawn(recording):
    field = recording().field.copy()
    field[:, 1500:] = np.nan
    assert len(suppression_film(recording(field=field, period=np.nan), "diverged")) == 8


def test_a_phase_plane_needs_two_variables(recording):
    with pytest.raises(ValueError, match="two variables, there is only x"):
        suppression_film(recording(field=recording().field[:, :, :1], variables=("x",)), "title")


def test_ffmpeg_gets_every_picture_and_the_last_for_two_seconds(still, tmp_path, monkeypatch):
    ffmpeg = program(tmp_path / "ffmpeg", 'for last; do :; done; cat > "$last"; echo "$*" > arguments')
    monkeypatch.chdir(tmp_path)
    write_mp4(still, tmp_path / "film.mp4", ffmpeg)
    assert (tmp_path / "film.mp4").stat().st_size == (2 + 25) * 760 * 420 * 3
    assert "-pix_fmt rgb24 -s 760x420 -r 12.5 -i -" in (tmp_path / "arguments").read_text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("echo first >&2; echo 'Unknown encoder' >&2; exit 1", "film.mp4: ffmpeg: Unknown encoder"),
        ("exit 3", "film.mp4: ffmpeg: exit 3"),
        ("sleep 10", "film.mp4: ffmpeg: .* timed out"),
    ],
)
def test_a_failing_ffmpeg_leaves_nothing_and_says_why(still, tmp_path, monkeypatch, text, words):
    monkeypatch.setattr(animation, "VIDEO_SECONDS", 0.5)
    ffmpeg = program(tmp_path / "ffmpeg", text)
    with pytest.raises(FilmError, match=words):
        write_mp4(still, tmp_path / "film.mp4", ffmpeg)
    assert [path.name for path in tmp_path.iterdir()] == ["ffmpeg"]


def test_ffmpeg_that_is_not_there_is_told(still, tmp_path):
    with pytest.raises(FilmError, match="No such file"):
        write_mp4(still, tmp_path / "film.mp4", str(tmp_path / "ffmpeg"))


@pytest.mark.parametrize(("several", "label"), [(False, "kick (rad/s)"), (True, "all kicks (rad/s)")])
def test_kicks_of_a_film_have_their_unit_on_the_page(recording, monkeypatch, several, label):
    figures = []
    whole = drawing.page
    monkeypatch.setattr(drawing, "page", lambda *size: figures.append(whole(*size)) or figures[-1])
    kicks = recording().kicks
    film = np.stack([kicks, kicks], axis=2) if several else kicks
    suppression_film(recording(kicks=film), "title", kick_unit="rad/s")
    (axes,) = (axes for axes in figures[0].axes if axes.get_ylabel() == label)
    box = axes.yaxis.label.get_window_extent()
    assert box.x0 > 0
    assert box.y0 > 0
