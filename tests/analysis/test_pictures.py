import struct
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import image

from rldbs.analysis.plots import drawing
from rldbs.analysis.plots.drawing import extremes
from rldbs.analysis.plots.population import free_picture, signal_frame, suppression_picture
from rldbs.analysis.raster import crossings


def png_size(path):
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert content[-8:-4] == b"IEND"
    return struct.unpack(">II", content[16:24])


def test_suppression_picture_is_a_png_of_the_stated_size(recording, tmp_path):
    path = tmp_path / "suppression.png"
    suppression_picture(recording(), path, "proportional, $x_$ {hr}", "seed 0")
    assert png_size(path) == (1350, 930)
    assert image.imread(path)[:, :, :3].std() > 0.05
    assert list(tmp_path.iterdir()) == [path]


def test_equal_trajectories_give_equal_files(recording, tmp_path):
    for name in ("one.png", "two.png", "one.pdf", "two.pdf"):
        suppression_picture(recording(), tmp_path / name, "the same")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF")


def test_a_diverged_trajectory_without_relaxation_still_has_a_picture(recording, tmp_path):
    whole = recording()
    field = whole.field[:, :2500].copy()
    field[:, 1500:] = np.nan
    raster = whole.raster[:357].copy()
    raster[200:] = np.nan
    diverged = recording(relaxed=0, onset=0, field=field, kicks=whole.kicks[:, :2500], raster=raster)
    suppression_picture(diverged, tmp_path / "diverged.png", "diverged")
    assert png_size(tmp_path / "diverged.png") == (1350, 930)


def test_a_long_recording_stays_a_small_file(recording, tmp_path):
    random = np.random.default_rng(0)
    steps = 75_000
    field = np.sin(np.arange(steps) / 25)[None, :, None] + random.normal(0, 0.1, (2, steps, 2))
    kicks = np.zeros((2, steps))
    kicks[:, 25_000:50_000] = random.normal(0, 0.01, (2, 25_000))
    raster = np.sin((10 * np.arange(7_500)[:, None] + 5 * np.arange(100)) / 25)
    long = recording(
        free=25_000,
        stimulated=25_000,
        relaxed=25_000,
        onset=8000,
        field=field,
        kicks=kicks,
        raster=raster,
        raster_stride=10,
    )
    suppression_picture(long, tmp_path / "long.png", "long")
    assert (tmp_path / "long.png").stat().st_size < 400_000


@pytest.mark.parametrize("still", [False, True])
def test_free_picture_is_a_png_with_or_without_a_rhythm(recording, tmp_path, still):
    trajectory = recording()
    field = trajectory.field[0, :1000] * (not still)
    free_picture(field, trajectory.raster[:142], tmp_path / "free.png", 0.1, raster_stride=7, title="free")
    assert png_size(tmp_path / "free.png") == (1350, 1140)


@pytest.fixture
def drawn(monkeypatch):
    """The figures of the pictures that are written."""
    figures = []
    monkeypatch.setattr(drawing, "write", lambda figure, path: figures.append(figure))
    return figures


def words_of(figure):
    return [text.get_text() for text in figure.texts] + [axes.get_xlabel() for axes in figure.axes]


def test_where_time_is_in_ms_frequencies_are_in_hertz(recording, tmp_path, drawn):
    trajectory = recording()
    field, raster = trajectory.field[0, :1000], trajectory.raster[:142]
    free_picture(field, raster, tmp_path / "free.png", 0.5, time_unit="ms", raster_stride=7)
    free_picture(field, raster, tmp_path / "free.png", 0.5, raster_stride=7)
    (in_ms, without) = map(words_of, drawn)
    period = float(in_ms[2].split()[1])
    assert f"{period:.4g} steps = {0.5 * period:.4g} ms" in in_ms[2]
    assert "frequency (Hz)" in in_ms
    marks = [text.get_text() for text in drawn[0].axes[3].texts]
    assert marks == [f"{1000 / (0.5 * period):.4g} Hz, every {period:.4g} steps"]
    assert "time units" in without[2]
    assert "frequency (cycles per time unit)" in without


def test_contacts_have_the_numbers_that_they_have_in_the_tissue(recording, tmp_path, drawn):
    whole = recording()
    kicks = np.stack([whole.kicks, 0 * whole.kicks, -whole.kicks], axis=2)
    suppression_picture(recording(kicks=kicks), tmp_path / "kicks.png", "three contacts")
    assert [text.get_text() for text in drawn[0].axes[2].get_yticklabels()] == ["1", "2", "3"]


def test_the_axis_of_a_raster_has_the_numbers_of_its_neurons(recording, tmp_path, drawn):
    numbers = {"raster_neurons": np.array([0, 20, 40, 60, 80])}
    many = np.ones((2, 100))
    chosen = recording(neuron_std_free=many, neuron_std_stimulated=many, **numbers)
    suppression_picture(chosen, tmp_path / "some.png", "some of 100")
    assert drawn[0].axes[0].get_ylim() == (-10.0, 90.0)
    free_picture(
        chosen.field[0, :1000],
        chosen.raster[:142],
        tmp_path / "free.png",
        0.1,
        raster_stride=7,
        neurons=numbers["raster_neurons"],
    )
    assert drawn[1].axes[2].get_ylim() == (-20.0, 100.0)
    assert set(drawn[1].axes[2].collections[0].get_offsets()[:, 1]) == {0.0, 20.0, 40.0, 60.0, 80.0}


def test_kicks_have_the_unit_of_the_model(recording, tmp_path, drawn):
    whole = recording()
    several = recording(kicks=np.stack([whole.kicks, -whole.kicks], axis=2))
    for trajectory, unit in ((whole, "rad/s"), (several, "rad/s"), (whole, "")):
        suppression_picture(trajectory, tmp_path / "kicks.png", "kicks", kick_unit=unit)
    labels = [figure.axes[2].get_ylabel() for figure in drawn]
    assert labels == ["kick (rad/s)", "contact\n(up to 0.02 rad/s)", "kick"]
    assert [" rad/s     activity" in figure.texts[2].get_text() for figure in drawn] == [True, True, False]


def test_a_frame_names_the_unit_of_the_kicks_within_the_frame():
    x = np.sin(np.arange(500) / 10)
    plain, named = (signal_frame(x, 0 * x, kick_unit=unit)[:, :62].astype(int) for unit in ("", "µA/cm²"))
    rows, columns = np.nonzero((plain != named).any(axis=2))
    assert rows.size
    assert columns.min() > 0
    assert rows.min() > 0.6 * len(plain)
    small = [signal_frame(x, 0 * x, (320, 200), kick_unit=unit) for unit in ("", "µA/cm²")]
    assert np.array_equal(*small)


def test_a_long_subtitle_is_made_to_fit():
    figure = drawing.page(7.6, 4.2)
    drawing.heading(figure, "title", ", ".join(["drifting electrode, plasticity"] * 6), "short")
    assert all(text.get_window_extent().x1 <= figure.bbox.width for text in figure.texts)
    assert [text.get_fontsize() for text in figure.texts][::2] == [12, 10]


def test_free_picture_refuses_a_field_of_one_variable(tmp_path):
    with pytest.raises(ValueError, match="variables ≥ 2"):
        free_picture(np.zeros((100, 1)), np.zeros((100, 3), np.float32), tmp_path / "free.png", 0.1)


@given(st.integers(1, 3000), st.integers(1, 50), st.integers(0, 2**31))
@settings(deadline=None)
def test_decimation_keeps_order_and_every_extreme(samples, columns, seed):
    y = np.random.default_rng(seed).normal(size=samples)
    kept = extremes(y, columns)
    assert (np.diff(kept) > 0).all()
    assert kept.size <= 2 * columns or kept.size == samples
    edges = np.linspace(0, samples, columns + 1).astype(int)
    for start, end in pairwise(edges):
        if end > start:
            inside = y[kept[(kept >= start) & (kept < end)]]
            assert inside.min() == y[start:end].min()
            assert inside.max() == y[start:end].max()


def test_a_spike_is_an_upward_crossing():
    raster = np.array([[0, 1], [1, 1], [2, 0], [0, 0.5], [0.6, 1]], np.float32)
    rows, neurons = crossings(raster, 0.5)
    assert list(zip(rows.tolist(), neurons.tolist(), strict=True)) == [(1, 0), (3, 1), (4, 0)]


def test_frame_shows_x_blue_above_and_kicks_red_below():
    steps = np.arange(500)
    field = np.stack([np.sin(steps / 10), np.cos(steps / 10)], axis=-1)
    frame = signal_frame(field, 0.01 * np.cos(steps / 10), (320, 200))
    assert frame.shape == (200, 320, 3)
    assert frame.dtype == np.uint8
    red, blue = frame[:, :, 0].astype(int), frame[:, :, 2].astype(int)
    above, below = np.nonzero(blue > red + 80)[0], np.nonzero(red > blue + 80)[0]
    assert above.size > 500
    assert below.size > 200
    assert above.max() < below.min()


def test_frames_with_limits_share_their_scale():
    x = np.sin(np.arange(500) / 10)
    still = np.zeros(500)

    def height(frame):
        rows = np.nonzero(frame[:, :, 2].astype(int) > frame[:, :, 0].astype(int) + 80)[0]
        return np.ptp(rows)

    loud, quiet = (signal_frame(scale * x, still, limits=(-1.1, 1.1)) for scale in (1.0, 0.1))
    assert height(quiet) < 0.2 * height(loud)


def test_a_frame_before_the_first_step_and_of_nan_can_be_drawn():
    assert signal_frame(np.zeros((0, 2)), np.zeros(0)).shape == (360, 640, 3)
    assert signal_frame(np.zeros((1, 2)), np.zeros(1)).shape == (360, 640, 3)
    assert signal_frame(np.full((9, 2), np.nan), np.full(9, np.nan)).shape == (360, 640, 3)


def test_frame_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="9 steps"):
        signal_frame(np.zeros((9, 2)), np.zeros(8))
    with pytest.raises(ValueError, match="160 by 120"):
        signal_frame(np.zeros((9, 2)), np.zeros(9), (100, 100))
